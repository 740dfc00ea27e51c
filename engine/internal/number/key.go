package number

// A key begins with a byte for the sign. The exponent follows, then the digits, two in a byte, and
// a terminator that is less than any two digits. In the key of a negative number, all bytes are
// complements, so that a greater magnitude sorts first.
const (
	keyNegative = iota + 1
	keyZero
	keyPositive

	keyEnd = 0
)

// AppendKey appends bytes whose order is the order of the numbers. No key is a prefix of another
// number's key.
func (n Number) AppendKey(key []byte) []byte {
	if n.digits == "" {
		return append(key, keyZero)
	}
	sign, flip := byte(keyPositive), byte(0)
	if n.negative {
		sign, flip = keyNegative, 0xff
	}
	key = append(key, sign, byte(int(n.exponent)-minExponent)^flip)
	for i := 0; i < len(n.digits); i += 2 {
		pair := 10 * (n.digits[i] - '0')
		if i+1 < len(n.digits) {
			pair += n.digits[i+1] - '0'
		}
		key = append(key, (1+pair)^flip)
	}
	return append(key, keyEnd^flip)
}
