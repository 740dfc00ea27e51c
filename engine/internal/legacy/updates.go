package legacy

import (
	"github.com/dynamapper/dynamapper/engine/internal/number"
	"github.com/dynamapper/dynamapper/engine/internal/protocol"
	"github.com/dynamapper/dynamapper/engine/internal/value"
)

// Updates are AttributeUpdates.
type Updates struct {
	updates []attributeUpdate
}

// attributeUpdate is what happens to one attribute. The value is nil if the request gives none.
type attributeUpdate struct {
	attribute, action string
	value             value.Value
}

// BadAction is the service's text about an action that there is not.
const BadAction = "Member must satisfy enum value set: [ADD, DELETE, PUT]' for Action"

// CheckActions reports whether all actions are ADD, DELETE or PUT.
func CheckActions(in protocol.Map[protocol.AttributeValueUpdate]) bool {
	for _, entry := range in {
		switch action(&entry.Value) {
		case "ADD", "DELETE", "PUT":
		default:
			return false
		}
	}
	return true
}

// action returns an update's action, PUT if it has none.
func action(u *protocol.AttributeValueUpdate) string {
	if u.Action == nil {
		return "PUT"
	}
	return *u.Action
}

// ParseUpdates returns the updates of AttributeUpdates whose actions CheckActions lets pass.
func ParseUpdates(in protocol.Map[protocol.AttributeValueUpdate]) (*Updates, error) {
	u := &Updates{}
	for i := range in {
		a := attributeUpdate{attribute: in[i].Key, action: action(&in[i].Value)}
		if in[i].Value.Value != nil {
			a.value = in[i].Value.Value.Value
		}
		if err := a.check(); err != nil {
			return nil, err
		}
		u.updates = append(u.updates, a)
	}
	return u, nil
}

// check refuses a value that the action does not take.
func (a *attributeUpdate) check() error {
	if a.value == nil {
		if a.action == "DELETE" {
			return nil
		}
		return protocol.Validation(
			invalid + "Only DELETE action is allowed when no attribute value is specified")
	}
	kind := a.value.Kind()
	set := kind == value.KindSS || kind == value.KindNS || kind == value.KindBS
	switch {
	case a.action == "DELETE" && !set:
		return protocol.Validation(
			invalid+"DELETE action with value is not supported for the type %s", kind)
	case a.action == "ADD" && !set && kind != value.KindN && kind != value.KindL:
		return protocol.Validation(invalid+"ADD action is not supported for the type %s", kind)
	}
	return nil
}

// Attributes returns the attributes that the updates write.
func (u *Updates) Attributes() []string {
	names := make([]string, len(u.updates))
	for i, a := range u.updates {
		names[i] = a.attribute
	}
	return names
}

// Touched returns of an item what the updates write.
func (u *Updates) Touched(item value.Map) value.Map {
	var part value.Map
	for _, a := range u.updates {
		if v := item.Get(a.attribute); v != nil {
			part = part.With(a.attribute, v)
		}
	}
	return part
}

// Apply returns the item after the updates.
func (u *Updates) Apply(item value.Map) (value.Map, error) {
	for i := range u.updates {
		a := &u.updates[i]
		now, err := a.apply(item.Get(a.attribute))
		switch {
		case err != nil:
			return nil, err
		case now == nil:
			item = item.Without(a.attribute)
		default:
			item = item.With(a.attribute, now)
		}
	}
	return item, nil
}

// apply returns an attribute after the update, and nil for none.
func (a *attributeUpdate) apply(old value.Value) (value.Value, error) {
	switch {
	case a.action == "PUT":
		return a.value, nil
	case a.action == "ADD":
		return add(old, a.value)
	case a.value == nil || old == nil:
		return nil, nil
	}
	return subtract(old, a.value)
}

// add returns the sum of two numbers, the union of two sets, or one list after the other.
func add(old, more value.Value) (value.Value, error) {
	if old == nil {
		return more, nil
	}
	if old.Kind() != more.Kind() {
		return nil, mismatch()
	}
	switch old := old.(type) {
	case value.Number:
		return sum(old, more.(value.Number))
	case value.List:
		return append(old[:len(old):len(old)], more.(value.List)...), nil
	case value.StringSet:
		set, _ := value.NewStringSet(union(old, more.(value.StringSet)))
		return set, nil
	case value.BinarySet:
		set, _ := value.NewBinarySet(union(old, more.(value.BinarySet)))
		return set, nil
	case value.NumberSet:
		set, _ := value.NewNumberSet(union(old, more.(value.NumberSet)))
		return set, nil
	}
	return nil, mismatch()
}

func mismatch() error { return protocol.Validation("Type mismatch for attribute to update") }

func sum(a, b value.Number) (value.Value, error) {
	n, err := a.Add(b.Number)
	if err != nil {
		return nil, protocol.Validation("%s", err.Error())
	}
	return value.Number{Number: n}, nil
}

// union returns the elements of both, each once.
func union[E comparable](a, b []E) []E {
	all := append(a[:len(a):len(a)], without(b, a)...)
	return all
}

// without returns the elements of a that are not in b.
func without[E comparable](a, b []E) []E {
	gone := make(map[E]bool, len(b))
	for _, e := range b {
		gone[e] = true
	}
	var left []E
	for _, e := range a {
		if !gone[e] {
			left = append(left, e)
		}
	}
	return left
}

// subtract returns a set without elements, and nil if none is left.
func subtract(old, less value.Value) (value.Value, error) {
	if old.Kind() != less.Kind() {
		return nil, mismatch()
	}
	switch old := old.(type) {
	case value.StringSet:
		if left := without([]string(old), less.(value.StringSet)); left != nil {
			return value.StringSet(left), nil
		}
	case value.BinarySet:
		if left := without([]string(old), less.(value.BinarySet)); left != nil {
			return value.BinarySet(left), nil
		}
	case value.NumberSet:
		if left := without([]number.Number(old), less.(value.NumberSet)); left != nil {
			return value.NumberSet(left), nil
		}
	}
	return nil, nil
}
