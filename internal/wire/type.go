package wire

// Type is the type descriptor of an attribute value.
type Type uint8

// The types of DynamoDB. A failed read returns Invalid.
const (
	Invalid Type = iota
	S
	N
	B
	BOOL
	NULL
	SS
	NS
	BS
	L
	M
)

var descriptors = [...]string{"invalid", "S", "N", "B", "BOOL", "NULL", "SS", "NS", "BS", "L", "M"}

// String returns the descriptor of the type.
func (t Type) String() string {
	if int(t) >= len(descriptors) {
		t = Invalid
	}
	return descriptors[t]
}

// parseType returns the type that a descriptor names, or Invalid if there is none.
func parseType(descriptor string) Type {
	for t := S; t <= M; t++ {
		if descriptors[t] == descriptor {
			return t
		}
	}
	return Invalid
}

// letters maps the descriptors of one letter to their types. Nearly every value has one of these.
var letters = [256]Type{'S': S, 'N': N, 'B': B, 'L': L, 'M': M}

// setLetters maps the first letters of the descriptors of sets to their types.
var setLetters = [256]Type{'S': SS, 'N': NS, 'B': BS}
