package dynamapper

import (
	"errors"
	"fmt"
	"math"
	"math/big"
	"reflect"
	"strconv"

	"github.com/dynamapper/dynamapper/internal/wire"
)

func makeIntCodec[N int | int8 | int16 | int32 | int64](goType reflect.Type) *codec {
	return decodedAt(codec{
		wire:  wire.N,
		empty: nothingIsEmpty,
		encode: func(e *encoder, v reflect.Value) error {
			e.open(wire.N)
			e.appendInt(v.Int())
			e.close()
			return nil
		},
		encodeAt: func(e *encoder, from slot) error {
			e.appendInt(int64(*at[N](from)))
			return nil
		},
	}, func(d *decoder, t wire.Type, to slot) error {
		n, err := d.integer(t, goType)
		if err != nil {
			return err
		}
		if int64(N(n)) != n {
			return newOverflowError(goType)
		}
		*at[N](to) = N(n)
		return nil
	})
}

func makeUintCodec[N uint | uint8 | uint16 | uint32 | uint64](goType reflect.Type) *codec {
	return decodedAt(codec{
		wire:  wire.N,
		empty: nothingIsEmpty,
		encode: func(e *encoder, v reflect.Value) error {
			e.open(wire.N)
			e.text = append(strconv.AppendUint(append(e.text, '"'), v.Uint(), 10), '"')
			e.close()
			return nil
		},
	}, func(d *decoder, t wire.Type, to slot) error {
		text, err := d.number(t, goType)
		if err != nil {
			return err
		}
		n, err := parseUint(text, goType)
		if err != nil {
			return err
		}
		if uint64(N(n)) != n {
			return newOverflowError(goType)
		}
		*at[N](to) = N(n)
		return nil
	})
}

func makeFloatCodec[F float32 | float64](goType reflect.Type) *codec {
	bits := goType.Bits()
	return decodedAt(codec{
		wire:  wire.N,
		empty: nothingIsEmpty,
		encode: func(e *encoder, v reflect.Value) error {
			e.open(wire.N)
			err := e.appendFloat(v.Float(), bits)
			e.close()
			return err
		},
		encodeAt: func(e *encoder, from slot) error {
			return e.appendFloat(float64(*at[F](from)), bits)
		},
	}, func(d *decoder, t wire.Type, to slot) error {
		f, err := d.floating(t, goType, bits)
		if err != nil {
			return err
		}
		if size := math.Abs(f); size >= 1e126 || size < 1e-130 && size != 0 {
			return newOverflowError(goType) // DynamoDB cannot store it again
		}
		*at[F](to) = F(f)
		return nil
	})
}

// maxPlainDigits is the number of digits that always fit an int64.
const maxPlainDigits = 18

// integer decodes an N as an integer.
func (d *decoder) integer(t wire.Type, goType reflect.Type) (int64, error) {
	if t == wire.N {
		if n, _, ok := d.Decimal(maxPlainDigits, false); ok {
			return n, nil
		}
	}
	text, err := d.number(t, goType)
	if err != nil {
		return 0, err
	}
	return parseInt(text, goType)
}

// exactPowers lists the powers of ten with which a float64 is exact: it holds them and integers of
// maxExactDigits exactly, so the quotient of two is the float64 nearest to the number.
var exactPowers = [...]float64{1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12,
	1e13, 1e14, 1e15}

const maxExactDigits = len(exactPowers) - 1

// floating decodes an N as a float of the given size in bits.
func (d *decoder) floating(t wire.Type, goType reflect.Type, bits int) (float64, error) {
	if t == wire.N && bits == 64 {
		if digits, behind, ok := d.Decimal(maxExactDigits, true); ok {
			return float64(digits) / exactPowers[behind], nil
		}
	}
	text, err := d.number(t, goType)
	if err != nil {
		return 0, err
	}
	f, err := strconv.ParseFloat(text, bits)
	if err != nil {
		return 0, newNumberError(err, goType)
	}
	return f, nil
}

// number reads the text of an N. It refuses spellings that package strconv accepts and DynamoDB
// does not have, such as 0x10 and Inf.
func (d *decoder) number(t wire.Type, goType reflect.Type) (string, error) {
	if t != wire.N {
		return "", newTypeError(t, goType, "N")
	}
	return d.numberText(goType)
}

func (d *decoder) numberText(goType reflect.Type) (string, error) {
	text := d.Text()
	for i := range len(text) {
		switch c := text[i]; {
		case c >= '0' && c <= '9', c == '-', c == '.', c == '+', c == 'e', c == 'E':
		default:
			return "", newNumberError(strconv.ErrSyntax, goType)
		}
	}
	return text, nil
}

// numberOrText reads an N, or an S with a number. Other libraries store the types that hold any
// number as text, by their methods or as the string that they are.
func (d *decoder) numberOrText(t wire.Type, goType reflect.Type) (string, error) {
	switch t {
	case wire.N:
		return d.number(t, goType)
	case wire.S:
		return d.numberText(goType)
	}
	return "", newTypeError(t, goType, "N, or S with a number")
}

// isAnyNumber reports whether a type is one of those that numberOrText is for.
func isAnyNumber(t reflect.Type) bool {
	return t == bigIntType || t == bigFloatType || t == jsonNumberType || t == attributeNumberType
}

func newOverflowError(t reflect.Type) error {
	return fmt.Errorf("the number does not fit the Go type %s; use a larger one", t)
}

// newNumberError returns an error of strconv without the number.
func newNumberError(err error, t reflect.Type) error {
	if errors.Is(err, strconv.ErrRange) {
		return newOverflowError(t)
	}
	return fmt.Errorf("the text is not a number that the Go type %s takes; correct the item", t)
}

func parseInt(text string, t reflect.Type) (int64, error) {
	n, err := strconv.ParseInt(text, 10, 64)
	if err == nil {
		return n, nil
	}
	exact, err := exactInteger(text, t)
	if err != nil {
		return 0, err
	}
	if !exact.IsInt64() {
		return 0, newOverflowError(t)
	}
	return exact.Int64(), nil
}

func parseUint(text string, t reflect.Type) (uint64, error) {
	n, err := strconv.ParseUint(text, 10, 64)
	if err == nil {
		return n, nil
	}
	exact, err := exactInteger(text, t)
	if err != nil {
		return 0, err
	}
	if !exact.IsUint64() {
		return 0, newOverflowError(t)
	}
	return exact.Uint64(), nil
}

// exactInteger parses the spellings that strconv does not, such as 1E2 and 100.0. The number is
// never larger than DynamoDB's largest, because checkNumber has bounded the exponent.
func exactInteger(text string, t reflect.Type) (*big.Int, error) {
	if err := checkNumber(text); err != nil {
		return nil, err
	}
	r, ok := new(big.Rat).SetString(text)
	if !ok {
		return nil, newNumberError(strconv.ErrSyntax, t)
	}
	if !r.IsInt() {
		return nil, fmt.Errorf(
			"the number has a fraction, and the Go type %s takes none; use a float or json.Number",
			t)
	}
	return r.Num(), nil
}

// appendFloat appends, as the text of an N, the shortest number that reads back as the same float
// of that size.
func (e *encoder) appendFloat(f float64, bits int) error {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return errors.New("DynamoDB has no NaN and no infinities")
	}
	if size := math.Abs(f); size >= 1e126 || size < 1e-130 && size != 0 {
		return checkNumber(strconv.FormatFloat(f, 'g', -1, bits)) // refuses it
	}
	e.text = append(strconv.AppendFloat(append(e.text, '"'), f, 'g', -1, bits), '"')
	return nil
}

// appendNumber appends an N. It refuses numbers that the service would refuse or round.
func (e *encoder) appendNumber(text string) error {
	if err := checkNumber(text); err != nil {
		return err
	}
	e.appendN(text)
	return nil
}

func makeBigIntCodec() *codec {
	return &codec{
		wire:  wire.N,
		empty: nothingIsEmpty,
		encode: func(e *encoder, v reflect.Value) error {
			return e.appendNumber(addressable(v).Addr().Interface().(*big.Int).String())
		},
		decode: func(d *decoder, t wire.Type, v reflect.Value) error {
			text, err := d.numberOrText(t, v.Type())
			if err != nil {
				return err
			}
			exact, err := exactInteger(text, v.Type())
			if err != nil {
				return err
			}
			v.Addr().Interface().(*big.Int).Set(exact)
			return nil
		},
	}
}

// bigFloatPrecision, in bits, is enough to write 38 decimal digits unchanged.
const bigFloatPrecision = 160

// maxBinaryExponent bounds the work of formatting a float. DynamoDB does not store larger
// exponents, and the text would have millions of digits.
const maxBinaryExponent = 1000

// formatBigFloat formats a float of any precision. For a float beyond DynamoDB's range it returns
// another number beyond that range.
func formatBigFloat(f *big.Float) string {
	switch exponent := f.MantExp(nil); {
	case exponent > maxBinaryExponent:
		return "1E999"
	case exponent < -maxBinaryExponent:
		return "1E-999"
	}
	return f.Text('g', -1)
}

func makeBigFloatCodec() *codec {
	return &codec{
		wire:  wire.N,
		empty: nothingIsEmpty,
		encode: func(e *encoder, v reflect.Value) error {
			f := addressable(v).Addr().Interface().(*big.Float)
			if f.IsInf() {
				return errors.New("DynamoDB has no NaN and no infinities")
			}
			return e.appendNumber(formatBigFloat(f))
		},
		decode: func(d *decoder, t wire.Type, v reflect.Value) error {
			text, err := d.numberOrText(t, v.Type())
			if err != nil {
				return err
			}
			// This bounds the exponent, and so the work.
			if err := checkNumber(text); err != nil {
				return err
			}
			f := v.Addr().Interface().(*big.Float)
			if f.Prec() == 0 {
				f.SetPrec(bigFloatPrecision)
			}
			if _, _, err := f.Parse(text, 10); err != nil {
				return newNumberError(strconv.ErrSyntax, v.Type())
			}
			return nil
		},
	}
}

// makeNumberTextCodec makes the codec of json.Number and attributevalue.Number, which hold a
// number's text.
func makeNumberTextCodec() *codec {
	return &codec{
		wire:  wire.N,
		empty: func(v reflect.Value) bool { return v.Len() == 0 },
		encode: func(e *encoder, v reflect.Value) error {
			if v.Len() == 0 {
				e.appendNull()
				return nil
			}
			return e.appendNumber(v.String())
		},
		decode: func(d *decoder, t wire.Type, v reflect.Value) error {
			text, err := d.numberOrText(t, v.Type())
			if err != nil {
				return err
			}
			// as nothing is written by a program that stores the number as text
			if text == "" && t == wire.S {
				v.SetString("")
				return nil
			}
			if err := checkNumber(text); err != nil {
				return err
			}
			v.SetString(text)
			return nil
		},
	}
}
