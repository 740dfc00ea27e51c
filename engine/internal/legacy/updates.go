package legacy

import (
	"slices"

	"github.com/dynamapper/dynamapper/engine/internal/expr"
	"github.com/dynamapper/dynamapper/engine/internal/protocol"
	"github.com/dynamapper/dynamapper/engine/internal/value"
)

// Updates are AttributeUpdates.
type Updates struct {
	updates []attributeUpdate
}

// attributeUpdate is a change of one attribute. The value is nil if the request has none.
type attributeUpdate struct {
	attribute, action string
	value             value.Value
}

// The actions.
const (
	put    = "PUT"
	add    = "ADD"
	remove = "DELETE"
)

// BadAction is the service's text about an unknown action.
const BadAction = "Member must satisfy enum value set: [ADD, DELETE, PUT]' for Action"

// CheckActions reports whether all actions are ADD, DELETE or PUT.
func CheckActions(in protocol.Map[protocol.AttributeValueUpdate]) bool {
	for i := range in {
		switch actionOf(&in[i].Value) {
		case put, add, remove:
		default:
			return false
		}
	}
	return true
}

// actionOf returns an update's action, PUT if it has none.
func actionOf(u *protocol.AttributeValueUpdate) string {
	if u.Action == nil {
		return put
	}
	return *u.Action
}

// ParseUpdates returns the updates of AttributeUpdates whose actions CheckActions accepts. The
// error is a *protocol.Error.
func ParseUpdates(in protocol.Map[protocol.AttributeValueUpdate]) (*Updates, error) {
	u := &Updates{make([]attributeUpdate, len(in))}
	for i := range in {
		a := attributeUpdate{attribute: in[i].Key, action: actionOf(&in[i].Value)}
		if in[i].Value.Value != nil {
			a.value = in[i].Value.Value.Value
		}
		if err := a.check(); err != nil {
			return nil, err
		}
		u.updates[i] = a
	}
	return u, nil
}

// The types of values that ADD and DELETE take.
var (
	addable   = append([]value.Kind{value.KindN, value.KindL}, removable...)
	removable = []value.Kind{value.KindSS, value.KindNS, value.KindBS}
)

// check refuses a value that the action does not take.
func (a *attributeUpdate) check() error {
	switch {
	case a.value == nil && a.action != remove:
		return protocol.Validation(
			invalid + "Only DELETE action is allowed when no attribute value is specified")
	case a.value == nil:
	case a.action == remove && !slices.Contains(removable, a.value.Kind()):
		return protocol.Validation(
			invalid+"DELETE action with value is not supported for the type %s", a.value.Kind())
	case a.action == add && !slices.Contains(addable, a.value.Kind()):
		return protocol.Validation(
			invalid+"ADD action is not supported for the type %s", a.value.Kind())
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

// OnlyRemoves reports whether every action is DELETE.
func (u *Updates) OnlyRemoves() bool {
	return !slices.ContainsFunc(u.updates, func(a attributeUpdate) bool {
		return a.action != remove
	})
}

// Touched returns the attributes of an item that the updates write, or nil if the item has none of
// them. UPDATED_OLD is Touched of the item before the updates, UPDATED_NEW of the item after them.
func (u *Updates) Touched(item value.Map) value.Map {
	var part value.Map
	for _, a := range u.updates {
		if v := item.Get(a.attribute); v != nil {
			part = append(part, value.Attribute{Name: a.attribute, Value: v})
		}
	}
	return value.NewMap(part)
}

// Apply returns the item after the updates. The error is a *protocol.Error or an *expr.Error.
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

// apply returns an attribute after the update, or nil if it is gone.
func (a *attributeUpdate) apply(old value.Value) (value.Value, error) {
	switch {
	case a.action == put:
		return a.value, nil
	case a.value == nil:
		return nil, nil
	case old != nil && old.Kind() != a.value.Kind():
		return nil, protocol.Validation("Type mismatch for attribute to update")
	case a.action == remove:
		return value.Without(old, a.value), nil
	}
	if list, ok := old.(value.List); ok {
		return slices.Concat(list, a.value.(value.List)), nil
	}
	return expr.Add(old, a.value)
}
