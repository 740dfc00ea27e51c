package protocol

import (
	"github.com/dynamapper/dynamapper/engine/internal/number"
	"github.com/dynamapper/dynamapper/engine/internal/value"
)

const (
	// maxLevels is how many maps and lists may be around a value.
	maxLevels = 31
	// From secondLevels on, a second check of the service responds, in other words.
	secondLevels = 62
	// From readLevels on, the service cannot read the request at all.
	readLevels = 2000
)

// Texts of the service about attribute values.
const (
	emptyValue = "Supplied AttributeValue is empty, must contain exactly one of the supported " +
		"datatypes"
	severalTypes = "Supplied AttributeValue has more than one datatypes set, must contain " +
		"exactly one of the supported datatypes"
	invalid   = "One or more parameter values were invalid: "
	nullFalse = invalid + "Null attribute value types must have the value of true"
	tooDeep   = "Nesting Levels have exceeded supported limits: Attributes in the item have " +
		"nested levels beyond supported limit"
	emptyName = "Empty attribute name"
)

// candidate holds the members of an attribute value. A valid value has one.
type candidate struct {
	types      kindsGiven
	value      value.Value
	emptySet   string // the refusal of the first empty set
	duplicates string // the refusal of the last set, if it has an element twice
	badNumber  string // the refusal of the first bad number
	null       flag   // NULL's
}

// kindsGiven is a set of value.Kinds.
type kindsGiven uint16

func (g kindsGiven) several() bool { return g&(g-1) != 0 }

// state is what a value may have to restore.
type state struct {
	problems int
	refusal  *Error
}

// value reads an attribute value inside levels maps and lists. If the value is invalid, value
// records the refusal and returns a placeholder.
func (d *decoder) value(levels int) (value.Value, error) {
	if err := d.descend(levels); err != nil {
		return nil, err
	}
	if d.peek() != '{' {
		return d.noValue()
	}
	if err := d.open(); err != nil {
		return nil, err
	}
	before := state{len(d.problems), d.refusal}
	var c candidate
	for first := true; ; first = false {
		name, more, err := d.member(first)
		if err != nil {
			return nil, err
		}
		if !more {
			return d.settle(&c, before), nil
		}
		if err := d.typed(kindOf(name), levels, &c); err != nil {
			return nil, err
		}
	}
}

// descend records the depth of the values.
func (d *decoder) descend(levels int) error {
	d.deepest = max(d.deepest, levels)
	switch {
	case levels > readLevels:
		return syntaxError()
	case levels == d.levels()+1:
		d.refuse(TooDeep, tooDeep)
	}
	return nil
}

// noValue records the refusal of a null. It returns an error for any other value that is not an
// object.
func (d *decoder) noValue() (value.Value, error) {
	null, err := d.null()
	if err != nil {
		return nil, err
	}
	if !null {
		return nil, d.notEntry(model + "AttributeValue")
	}
	d.refuse(EmptyValue, emptyValue)
	return value.Null{}, nil
}

// kindOf returns the type that a member of an attribute value names, or 0 if it names none.
func kindOf(member []byte) value.Kind {
	switch string(member) {
	case "S":
		return value.KindS
	case "N":
		return value.KindN
	case "B":
		return value.KindB
	case "SS":
		return value.KindSS
	case "NS":
		return value.KindNS
	case "BS":
		return value.KindBS
	case "M":
		return value.KindM
	case "L":
		return value.KindL
	case "NULL":
		return value.KindNull
	case "BOOL":
		return value.KindBool
	}
	return 0
}

// typed reads a member of an attribute value. A null member counts as absent.
func (d *decoder) typed(kind value.Kind, levels int, c *candidate) (err error) {
	if kind == 0 {
		return d.skip()
	}
	null, err := d.null()
	if err != nil {
		return err
	}
	if null {
		c.types &^= 1 << kind
		return nil
	}
	c.types |= 1 << kind
	switch kind {
	case value.KindSS, value.KindNS, value.KindBS:
		return d.set(kind, c)
	case value.KindM:
		c.value, err = d.nestedMap(levels)
	case value.KindL:
		c.value, err = d.list(levels)
	default:
		return d.scalar(kind, c)
	}
	return err
}

// scalar reads the member of a scalar type.
func (d *decoder) scalar(kind value.Kind, c *candidate) error {
	switch kind {
	case value.KindS:
		if d.peek() != '"' {
			return d.notScalar("String")
		}
		text, err := d.text()
		c.value = value.String(d.arena.keep(text))
		return err
	case value.KindN:
		n, err := d.numeral(c)
		c.value = value.Number{Number: n}
		return err
	case value.KindB:
		bytes, err := d.blob()
		c.value = value.Binary(d.arena.keep(bytes))
		return err
	}
	if d.peek() == '[' {
		return serialization("")
	}
	given, err := d.boolean()
	if kind == value.KindNull {
		c.value, c.null = value.Null{}, given
	} else {
		c.value = value.Bool(given.value)
	}
	return err
}

// numeral reads a number, which JSON holds as a string.
func (d *decoder) numeral(c *candidate) (number.Number, error) {
	if d.peek() != '"' {
		return number.Number{}, d.notScalar("String")
	}
	text, err := d.text()
	if err != nil {
		return number.Number{}, err
	}
	n, message := d.parseNumber(string(text))
	if message != "" && c.badNumber == "" {
		c.badNumber = message
	}
	return n, nil
}

// list reads the list of a value inside levels maps and lists.
func (d *decoder) list(levels int) (value.Value, error) {
	if d.peek() != '[' {
		return nil, d.notList()
	}
	if err := d.open(); err != nil {
		return nil, err
	}
	list := value.List{}
	for first := true; ; first = false {
		more, err := d.element(first)
		if err != nil {
			return nil, err
		}
		if !more {
			return list, nil
		}
		v, err := d.value(levels + 1)
		if err != nil {
			return nil, err
		}
		list = append(list, v)
	}
}

// nestedMap reads the map of a value inside levels maps and lists.
func (d *decoder) nestedMap(levels int) (value.Value, error) {
	if d.peek() != '{' {
		return nil, d.notMap(model + "AttributeValue")
	}
	return d.attributes(levels + 1)
}

// settle returns the value that all of its members give. If there are several types, the service
// checks an empty set first, then the numbers, NULL, and the types.
func (d *decoder) settle(c *candidate, before state) value.Value {
	several := c.types.several()
	if several {
		d.olderSign = true
		d.problems, d.refusal = d.problems[:before.problems], before.refusal
	}
	nullRefused := c.types&(1<<value.KindNull) != 0 && !c.null.value
	switch {
	case c.types == 0:
		d.refuse(EmptyValue, emptyValue)
	case several && c.emptySet != "":
		d.refuse(SeveralTypes, c.emptySet)
	case c.badNumber != "":
		d.refuse(BadNumber, c.badNumber)
	case nullRefused && (c.null.fromText || d.older || several):
		d.refuse(NullText, nullFalse)
	case nullRefused:
		d.refuse(NullFalse, nullFalse)
	case several:
		d.refuse(SeveralTypes, severalTypes)
	case c.emptySet != "":
		d.refuse(EmptySet, c.emptySet)
	case c.duplicates != "":
		d.refuse(Duplicates, c.duplicates)
	}
	if c.value == nil {
		return value.Null{}
	}
	return c.value
}
