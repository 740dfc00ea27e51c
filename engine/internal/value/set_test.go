package value

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestUnionAndWithout(t *testing.T) {
	t.Parallel()
	ab, bc := StringSet{"a", "b"}, StringSet{"b", "c"}
	for _, test := range []struct{ a, b, union, without Value }{
		{ab, bc, StringSet{"a", "b", "c"}, StringSet{"a"}},
		{bc, ab, StringSet{"a", "b", "c"}, StringSet{"c"}},
		{ab, ab, ab, nil},
		{ab, StringSet{"A"}, StringSet{"A", "a", "b"}, ab},
		{BinarySet{"\x01", "\xff"}, BinarySet{"\x80", "\xff"},
			BinarySet{"\x01", "\x80", "\xff"}, BinarySet{"\x01"}},
		{BinarySet{"a"}, BinarySet{"a", "b"}, BinarySet{"a", "b"}, nil},
		{numbers("9", "10"), numbers("1e1", "-1"), numbers("-1", "9", "10"), numbers("9")},
		{numbers("1"), numbers("1.0"), numbers("1"), nil},

		{ab, BinarySet{"a"}, nil, nil},
		{BinarySet{"a"}, ab, nil, nil},
		{numbers("1"), ab, nil, nil},
		{String("a"), ab, nil, nil},
		{List{}, List{}, nil, nil},
		{nil, ab, nil, nil},
		{ab, nil, nil, nil},
	} {
		assert.Equal(t, test.union, Union(test.a, test.b), "%v", test)
		assert.Equal(t, test.without, Without(test.a, test.b), "%v", test)
	}
	assert.Equal(t, StringSet{"a", "b"}, ab, "a set stays as it is")
	assert.Equal(t, StringSet{"b", "c"}, bc, "a set stays as it is")
}
