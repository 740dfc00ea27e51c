package dynamapper

import (
	"encoding"
	"encoding/json"
	"errors"
	"math/big"
	"net/netip"
	"net/url"
	"reflect"
	"strconv"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"
)

var errRefused = errors.New("refused")

// nullID is as uuid.NullUUID: its text of nothing is none that it reads, and its JSON is right.
type nullID struct {
	ID    [1]byte
	Valid bool
}

func (n nullID) MarshalText() ([]byte, error) {
	if !n.Valid {
		return []byte("null"), nil
	}
	return n.ID[:], nil
}

func (n *nullID) UnmarshalText(text []byte) error {
	if len(text) != 1 {
		return errRefused
	}
	n.ID[0], n.Valid = text[0], true
	return nil
}

// civilDate is a date of which the zero one is written and not read, in JSON as well.
type civilDate struct{ Year int }

func (d civilDate) MarshalText() ([]byte, error) { return []byte(strconv.Itoa(d.Year)), nil }

func (d *civilDate) UnmarshalText(text []byte) (err error) {
	if d.Year, err = strconv.Atoi(string(text)); d.Year == 0 {
		return errRefused
	}
	return err
}

// email writes what it is, and does not read an empty text.
type email string

func (e email) MarshalText() ([]byte, error) { return []byte(e), nil }

func (e *email) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		return errRefused
	}
	*e = email(text)
	return nil
}

// level has a text and no way back.
type level int

func (l level) MarshalText() ([]byte, error) { return []byte("level " + strconv.Itoa(int(l))), nil }

// loudText has JSON alone, which encoding/json reads: it is a string either way.
type loudText string

func (l loudText) MarshalJSON() ([]byte, error) { return json.Marshal("!" + string(l)) }

// opaque has JSON of its own, and reads by its fields, of which it has none.
type opaque struct{ code int }

func (o opaque) MarshalJSON() ([]byte, error) {
	return []byte(`{"code":` + strconv.Itoa(o.code) + `}`), nil
}

// listed writes a list, and has no method that reads it.
type listed struct{ A, B int }

func (l listed) MarshalJSON() ([]byte, error) { return json.Marshal([]int{l.A, l.B}) }

// readOnly reads what it does not write.
type readOnly struct{ A int }

func (r *readOnly) UnmarshalJSON(text []byte) error {
	var list []int
	return json.Unmarshal(text, &list)
}

// forgetful writes both fields and reads one.
type forgetful struct{ A, B int }

func (f forgetful) MarshalJSON() ([]byte, error) {
	return json.Marshal(map[string]int{"a": f.A, "b": f.B})
}

func (f *forgetful) UnmarshalJSON(text []byte) error {
	members := map[string]int{}
	err := json.Unmarshal(text, &members)
	f.A = members["a"]
	return err
}

// nullNumber is an attribute value of which the zero one is not read.
type nullNumber struct{ N int }

func (n nullNumber) MarshalDynamoDBAttributeValue() (types.AttributeValue, error) {
	return &types.AttributeValueMemberN{Value: strconv.Itoa(n.N)}, nil
}

func (n *nullNumber) UnmarshalDynamoDBAttributeValue(value types.AttributeValue) (err error) {
	if n.N, err = strconv.Atoi(value.(*types.AttributeValueMemberN).Value); n.N == 0 {
		return errRefused
	}
	return err
}

// Structs that are written by the method of what is embedded in them.
type (
	signedTime struct {
		time.Time
		By string
	}
	signedPointer struct {
		By string
		*time.Time
	}
	signedNumber struct {
		nullNumber
		By string
	}
	deeply struct {
		signed
		By string
	}
	signed   struct{ netip.Addr }
	onlyTime struct{ time.Time }
	leftOut  struct {
		time.Time
		Cached string `json:"-" dynamo:"-"`
	}
	ownStamp struct {
		time.Time
		By string
	}
)

// ownStamp has methods of its own.
func (s ownStamp) MarshalText() ([]byte, error) {
	return []byte(s.Format(time.RFC3339) + " " + s.By), nil
}

func (s *ownStamp) UnmarshalText(text []byte) (err error) {
	at, by := string(text[:20]), string(text[21:])
	s.By = by
	s.Time, err = time.Parse(time.RFC3339, at)
	return err
}

func (s ownStamp) MarshalJSON() ([]byte, error) {
	text, err := s.MarshalText()
	if err != nil {
		return nil, err
	}
	return json.Marshal(string(text))
}

func (s *ownStamp) UnmarshalJSON(data []byte) error {
	text := ""
	if err := json.Unmarshal(data, &text); err != nil {
		return err
	}
	return s.UnmarshalText([]byte(text))
}

// halfStamped has one of the two methods of the embedded time.
type halfStamped struct {
	time.Time
	By string
}

func (h halfStamped) MarshalJSON() ([]byte, error) {
	return json.Marshal(map[string]any{"at": h.Time, "by": h.By})
}

type halfText struct {
	time.Time
	By string
}

func (h halfText) MarshalText() ([]byte, error) {
	return []byte(
		h.Format(time.DateOnly) + h.By), nil
}

type dayKey int

func (dayKey) MarshalText() ([]byte, error) { return []byte("Monday"), nil }

type inner struct{ A int }

// TestTypesThatAreNotReadBackAreRefused when the schema is made, with what to do.
func TestTypesThatAreNotReadBackAreRefused(t *testing.T) {
	t.Parallel()
	type pointerMember struct{ N big.Int }
	for _, test := range []struct {
		rule    string
		value   any
		options string
		text    string
	}{
		{"a map of types with methods on the pointer", map[string]big.Int{}, "",
			"type big.Int is written by the method MarshalJSON of its pointer"},
		{"text methods on the pointer", map[string]big.Float{}, "",
			"by the method MarshalText of its pointer, which encoding/json does not call in a " +
				"map or an interface; put pointers there"},
		{"in structs in maps", map[string]pointerMember{}, "",
			"type big.Int is written by the method MarshalJSON of its pointer"},
		{"in arrays in maps", map[string][1]big.Rat{}, "", "type big.Rat is written by"},
		{"in maps in lists", []map[string]big.Int{}, "", "type big.Int is written by"},
		{"the zero value in JSON", struct{ D civilDate }{}, "",
			"the zero value of type dynamapper.civilDate is one that MarshalText writes and " +
				"UnmarshalText refuses"},
		{"the zero value in an array", [2]civilDate{}, "",
			"the zero value of type dynamapper.civilDate"},
		{"an empty text in JSON", []struct{ E email }{}, "",
			"the zero value of type dynamapper.email"},
		{"omitempty of a struct", struct {
			D civilDate `json:",omitempty"`
		}{}, "", "use a pointer, or the option omitzero in the json tag"},
		{"MarshalText alone in JSON", []level{}, "",
			"type dynamapper.level has no UnmarshalText, and what MarshalText writes is not " +
				"read back by encoding/json; add the method"},
		{"MarshalJSON alone", []listed{}, "",
			"type dynamapper.listed has no UnmarshalJSON, and what MarshalJSON writes is not " +
				"read back by encoding/json"},
		{"MarshalJSON alone behind a pointer", struct{ L *listed }{}, "", "has no UnmarshalJSON"},
		{"MarshalJSON alone without fields", []opaque{}, "",
			"type dynamapper.opaque has no UnmarshalJSON"},
		{"an embedded time", signedTime{}, "",
			"type dynamapper.signedTime is stored by the method MarshalText of time.Time, which " +
				"is embedded in it, and the field By would be lost; give the embedded field a name"},
		{"an embedded time in JSON", []signedTime{}, "",
			"is stored by the method MarshalJSON of time.Time, which is embedded in it, and the " +
				"field By would be lost"},
		{"an embedded time in a document", []signedTime{}, ",document",
			"by the method MarshalText of time.Time"},
		{"an embedded pointer", signedPointer{}, "",
			"by the method MarshalText of *time.Time, which is embedded in it, and the field By " +
				"would be lost"},
		{"an embedded pointer in JSON", []signedPointer{}, "", "and the field By would be lost"},
		{"an embedded attribute value", signedNumber{}, "",
			"by the method MarshalDynamoDBAttributeValue of dynamapper.nullNumber, which is " +
				"embedded in it"},
		{"embedded deeply", deeply{}, "",
			"by the method MarshalText of dynamapper.signed, which is embedded in it, and the " +
				"field By would be lost"},
		{"one method of two", []halfStamped{}, "",
			"type dynamapper.halfStamped is written by its method MarshalJSON and read by " +
				"UnmarshalJSON of time.Time, which is embedded in it"},
		{"one method of two for text", halfText{}, "",
			"type dynamapper.halfText is written by its method MarshalText and read by " +
				"UnmarshalText of time.Time"},
		{"a key with one method", map[dayKey]int{}, "",
			"type dynamapper.dayKey cannot be the key of a stored map"},
		{"a key with one method in a document", map[dayKey]int{}, ",document",
			"type dynamapper.dayKey cannot be the key of a stored map"},
		{"an embedded pointer that cannot be made", struct{ *inner }{}, "",
			"a pointer to the unexported struct dynamapper.inner is embedded, which " +
				"encoding/json cannot fill"},
		{"two fields of one name", reflect.Zero(reflect.StructOf([]reflect.StructField{
			{Name: "A", Type: reflect.TypeFor[int](), Tag: `json:"x"`},
			{Name: "B", Type: reflect.TypeFor[int](), Tag: `json:"x"`},
		})).Interface(), "", `the fields A and B both have the name "x" in JSON`},
	} {
		t.Run(test.rule, func(t *testing.T) {
			_, _, err := makeOneField(reflect.TypeOf(test.value), test.options)
			require.ErrorContains(t, err, test.text)
		})
	}
}

// TestZeroValuesThatAreNotReadBackAreRefused: every new item has them.
func TestZeroValuesThatAreNotReadBackAreRefused(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		model reflect.Type
		text  string
	}{
		"a text": {reflect.TypeFor[struct {
			Model `dynamo:"items"`
			ID    string `dynamo:"id,hash"`
			Null  nullID `dynamo:"null"`
		}](),
			"the zero value of type dynamapper.nullID is one that MarshalText writes and " +
				"UnmarshalText refuses, and an item with it could not be read; " +
				`use a pointer, of which nil is missing, or add the option "omitempty"`},
		"a key": {reflect.TypeFor[struct {
			Model `dynamo:"items"`
			ID    civilDate `dynamo:"id,hash"`
		}](), "the zero value of type dynamapper.civilDate"},
		"an attribute value": {reflect.TypeFor[struct {
			Model `dynamo:"items"`
			ID    string     `dynamo:"id,hash"`
			N     nullNumber `dynamo:"n"`
		}](),
			"the zero value of type dynamapper.nullNumber is one that " +
				"MarshalDynamoDBAttributeValue writes"},
		"in a document": {reflect.TypeFor[struct {
			Model `dynamo:"items,document"`
			ID    string               `dynamo:"id,hash"`
			Docs  []struct{ N nullID } `dynamo:"docs"`
		}](), "the zero value of type dynamapper.nullID"},
		"in an array": {reflect.TypeFor[struct {
			Model `dynamo:"items,document"`
			ID    string    `dynamo:"id,hash"`
			Two   [2]nullID `dynamo:"two"`
		}](), "the zero value of type dynamapper.nullID"},
	} {
		_, err := makeSchema(c.model)
		refused := new(SchemaError)
		require.ErrorAs(t, err, &refused, name)
		require.Contains(t, refused.Problem, c.text, name)
	}
	_, err := makeSchema(reflect.TypeFor[struct {
		Model  `dynamo:"items,document"`
		ID     string   `dynamo:"id,hash"`
		Null   nullID   `dynamo:"null,omitempty"`
		Behind *nullID  `dynamo:"behind"`
		Mail   email    `dynamo:"mail"`
		List   []nullID `dynamo:"list"`
		Doc    struct {
			Null nullID `dynamo:"null,omitempty"`
		} `dynamo:"doc"`
	}]())
	require.NoError(t, err)
}

// TestValuesThatAreNotReadBackAreRefused: what a schema leaves to the values is refused when they
// come, with their place.
func TestValuesThatAreNotReadBackAreRefused(t *testing.T) {
	t.Parallel()
	type holder struct{ V any }
	type dated struct{ D *civilDate }
	for _, test := range []struct {
		rule    string
		value   any
		options string
		place   string
		text    string
	}{
		{"behind a pointer", &nullID{}, "", "A",
			"the value of type dynamapper.nullID is one that MarshalText writes and " +
				"UnmarshalText refuses"},
		{"in a list", []nullID{{Valid: true}, {}}, ",document", "A[1]",
			"use a pointer, and leave it nil"},
		{"in a map", map[string]nullNumber{"a": {}}, ",document", `A["a"]`,
			"UnmarshalDynamoDBAttributeValue refuses"},
		{"in a set", []nullID{{}}, ",set", "A[0]", "UnmarshalText refuses"},
		{"as a map's key", map[civilDate]int{{}: 1}, ",document", "A", "UnmarshalText refuses"},
		{"in JSON", []dated{{}, {&civilDate{}}}, "", "A[1].D",
			"is written as JSON that its Go type does not read back"},
		{"an empty text in JSON", []email{"a", ""}, "", "A[1]",
			"is written as JSON that its Go type does not read back"},
		{"as a key in JSON", map[civilDate]int{{}: 1}, "", "A",
			"is written as JSON that its Go type does not read back"},
		{"a string key with methods", map[email]int{"": 1}, "", "A",
			"is written as JSON that its Go type does not read back"},
		{"in any", holder{big.NewInt(5)}.V, "", "", ""},
		{"a value in any", []any{1, *big.NewInt(5)}, "", "A[1]",
			"type big.Int is written by the method MarshalJSON of its pointer"},
		{"in a map of any", map[string]any{"a": map[string]any{"b": *big.NewFloat(1)}}, "",
			`A["a"]["b"]`, "type big.Float is written by"},
		{"in a map in any", map[string]any{"a": map[string]big.Int{}}, "", `A["a"]`,
			"type big.Int is written by"},
		{"in any in a struct", &struct{ V any }{[]any{struct{ N big.Int }{}}}, "", "A.V[0]",
			"type big.Int is written by"},
		{"in any in any", []any{struct{ V any }{*big.NewInt(5)}}, "", "A[0].V",
			"type big.Int is written by"},
		{"a URL in any", []any{&url.URL{Host: "a"}}, "", "A[0]",
			"type url.URL is not written whole"},
		{"an embedded time in any", []any{signedTime{By: "me"}}, "", "A[0]",
			"the field By would be lost"},
		{"a struct without fields in any", []any{opaqueFields{1}}, "", "A[0]", "no exported field"},
		{"an interface with methods in any",
			[]any{struct{ E encoding.TextMarshaler }{netip.IPv6Unspecified()}}, "", "", ""},
	} {
		t.Run(test.rule, func(t *testing.T) {
			_, err := encodeOne(t, reflect.ValueOf(test.value), test.options)
			if test.text == "" {
				require.NoError(t, err)
				return
			}
			placed := new(FieldError)
			require.ErrorAs(t, err, &placed)
			require.Equal(t, test.place, placed.Field)
			require.Contains(t, err.Error(), test.text)
		})
	}
}

type opaqueFields struct{ code int }

// TestMethodsOfEveryKindAreReadBack: what is right stays right.
func TestMethodsOfEveryKindAreReadBack(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)
	for _, test := range []struct {
		rule    string
		value   any
		options string
		wire    string
	}{
		{"pointers in a map", map[string]*big.Int{"a": big.NewInt(5)}, "", inS(`{"a":5}`)},
		{"values in a list", []big.Int{*big.NewInt(5)}, "", inS(`[5]`)},
		{"values in a document map", map[string]big.Int{"a": *big.NewInt(5)}, ",document",
			`{"M":{"a":{"N":"5"}}}`},
		{"a named map with methods of its pointer", pointerMap{"a": 1}, "", inS(`"a"`)},
		{"another null", nullID{ID: [1]byte{'a'}, Valid: true}, "", `{"S":"a"}`},
		{"null in a list", []nullID{{ID: [1]byte{'a'}, Valid: true}}, ",document",
			`{"L":[{"S":"a"}]}`},
		{"an empty text in a list", []email{"a", ""}, ",document", `{"L":[{"S":"a"},{"S":""}]}`},
		{"an empty text behind a pointer", pointer(email("")), "", `{"S":""}`},
		{"an empty text in a set", []email{"a", ""}, ",set", `{"SS":["a",""]}`},
		{"an omitted zero", struct {
			E email     `json:",omitempty"`
			D civilDate `json:",omitzero"`
			N int
		}{N: 1}, "", inS(`{"N":1}`)},
		{"an embedded time alone", onlyTime{at}, "", `{"S":"2026-05-01T12:00:00Z"}`},
		{"fields that are left out", leftOut{Time: at}, "", `{"S":"2026-05-01T12:00:00Z"}`},
		{"fields that are left out of JSON", []leftOut{{Time: at}}, "",
			inS(`["2026-05-01T12:00:00Z"]`)},
		{"methods of its own", ownStamp{at, "me"}, "", `{"S":"2026-05-01T12:00:00Z me"}`},
		{"methods of its own in JSON", []ownStamp{{at, "me"}}, "",
			inS(`["2026-05-01T12:00:00Z me"]`)},
		{"a shadowed name", struct {
			inner
			A int
		}{A: 1}, "", inS(`{"A":1}`)},
	} {
		t.Run(test.rule,
			func(t *testing.T) { requireStored(t, test.value, test.options, test.wire) })
	}
	text, err := encodeOne(t, reflect.ValueOf([]loudText{"a"}), "")
	require.NoError(t, err, "encoding/json reads it, though not as it was")
	require.Equal(t, inS(`["!a"]`), text)
}

// pointerMap has its methods on the pointer.
type pointerMap map[string]int

func (m *pointerMap) MarshalJSON() ([]byte, error) {
	for name := range *m {
		return json.Marshal(name)
	}
	return []byte(`""`), nil
}

func (m *pointerMap) UnmarshalJSON(data []byte) error {
	name := ""
	err := json.Unmarshal(data, &name)
	*m = pointerMap{name: 1}
	return err
}
