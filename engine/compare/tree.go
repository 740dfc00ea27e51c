package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// A JSON tree is nil, a bool, a string, a json.Number, a *list or an *object. Unlike the trees of
// encoding/json, its objects keep the order of their members, because a service may depend on it.

type object struct{ members []member }

type member struct {
	name  string
	value any
}

type list struct{ elements []any }

// newObject returns an object of alternating names and values.
func newObject(namesAndValues ...any) *object {
	o := &object{}
	for i := 0; i+1 < len(namesAndValues); i += 2 {
		o.set(namesAndValues[i].(string), namesAndValues[i+1])
	}
	return o
}

func newList(elements ...any) *list { return &list{elements} }

// newStrings returns a list of strings.
func newStrings(texts ...string) *list {
	l := &list{}
	for _, text := range texts {
		l.add(text)
	}
	return l
}

// newInt returns a number.
func newInt(n int) json.Number { return json.Number(fmt.Sprint(n)) }

func (l *list) add(element any) { l.elements = append(l.elements, element) }

func (o *object) index(name string) int {
	for i := range o.members {
		if o.members[i].name == name {
			return i
		}
	}
	return -1
}

// get returns the value of a member, or nil if there is no such member or o is not an object.
func (o *object) get(name string) any {
	if o == nil {
		return nil
	}
	if i := o.index(name); i >= 0 {
		return o.members[i].value
	}
	return nil
}

func (o *object) has(name string) bool { return o != nil && o.index(name) >= 0 }

// set sets the value of a member. It adds the member if there is none.
func (o *object) set(name string, value any) {
	if i := o.index(name); i >= 0 {
		o.members[i].value = value
		return
	}
	o.members = append(o.members, member{name, value})
}

func (o *object) remove(name string) {
	if i := o.index(name); i >= 0 {
		o.removeAt(i)
	}
}

func (o *object) removeAt(i int) { o.members = append(o.members[:i:i], o.members[i+1:]...) }

// lookup returns the value at a path of names, or nil if the path leads nowhere.
func lookup(tree any, names ...string) any {
	for _, name := range names {
		o, _ := tree.(*object)
		tree = o.get(name)
	}
	return tree
}

// text returns the string at a path of names, or "".
func text(tree any, names ...string) string {
	s, _ := lookup(tree, names...).(string)
	return s
}

// elements returns the elements of the list at a path of names, or nil.
func elements(tree any, names ...string) []any {
	if l, ok := lookup(tree, names...).(*list); ok {
		return l.elements
	}
	return nil
}

// clone returns a copy that shares nothing with the tree.
func clone(tree any) any {
	switch t := tree.(type) {
	case *object:
		o := &object{make([]member, len(t.members))}
		for i, m := range t.members {
			o.members[i] = member{m.name, clone(m.value)}
		}
		return o
	case *list:
		l := &list{make([]any, len(t.elements))}
		for i, element := range t.elements {
			l.elements[i] = clone(element)
		}
		return l
	}
	return tree
}

// encode returns the text of a tree.
func encode(tree any) string { return string(appendTree(nil, tree)) }

func appendTree(dst []byte, tree any) []byte {
	switch t := tree.(type) {
	case *object:
		dst = append(dst, '{')
		for i, m := range t.members {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = appendTree(append(appendText(dst, m.name), ':'), m.value)
		}
		return append(dst, '}')
	case *list:
		dst = append(dst, '[')
		for i, element := range t.elements {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = appendTree(dst, element)
		}
		return append(dst, ']')
	case string:
		return appendText(dst, t)
	case json.Number:
		return append(dst, t...)
	case bool:
		return fmt.Append(dst, t)
	}
	return append(dst, "null"...)
}

func appendText(dst []byte, text string) []byte {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(text); err != nil {
		return append(dst, `""`...)
	}
	return append(dst, bytes.TrimSuffix(b.Bytes(), []byte("\n"))...)
}

// parse parses a JSON text. It returns an error for an object with two members of one name.
func parse(body []byte) (any, error) {
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	tree, err := parseNext(d)
	if err != nil {
		return nil, err
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, errors.New("trailing text after the JSON value")
	}
	return tree, nil
}

func parseNext(d *json.Decoder) (any, error) {
	token, err := d.Token()
	if err != nil {
		return nil, err
	}
	switch token {
	case json.Delim('{'):
		return parseObject(d)
	case json.Delim('['):
		return parseList(d)
	}
	return token, nil
}

func parseObject(d *json.Decoder) (any, error) {
	o := &object{}
	for d.More() {
		token, err := d.Token()
		if err != nil {
			return nil, err
		}
		name, _ := token.(string)
		if o.has(name) {
			return nil, fmt.Errorf("two members are named %q", name)
		}
		value, err := parseNext(d)
		if err != nil {
			return nil, err
		}
		o.members = append(o.members, member{name, value})
	}
	_, err := d.Token()
	return o, err
}

func parseList(d *json.Decoder) (any, error) {
	l := &list{}
	for d.More() {
		element, err := parseNext(d)
		if err != nil {
			return nil, err
		}
		l.add(element)
	}
	_, err := d.Token()
	return l, err
}

// A place is the position of a value in a tree.
type place struct {
	object *object
	list   *list
	index  int
}

// places returns all positions below the root, a parent before its children.
func places(tree any) []place {
	var found []place
	switch t := tree.(type) {
	case *object:
		for i, m := range t.members {
			found = append(append(found, place{object: t, index: i}), places(m.value)...)
		}
	case *list:
		for i, element := range t.elements {
			found = append(append(found, place{list: t, index: i}), places(element)...)
		}
	}
	return found
}

func (p place) get() any {
	if p.object != nil {
		return p.object.members[p.index].value
	}
	return p.list.elements[p.index]
}

func (p place) set(value any) {
	if p.object != nil {
		p.object.members[p.index].value = value
		return
	}
	p.list.elements[p.index] = value
}

// remove removes the value, with its name, from the tree.
func (p place) remove() {
	if p.object != nil {
		p.object.removeAt(p.index)
		return
	}
	p.list.elements = append(p.list.elements[:p.index:p.index], p.list.elements[p.index+1:]...)
}

// name returns the member's name, or "" for an element of a list.
func (p place) name() string {
	if p.object != nil {
		return p.object.members[p.index].name
	}
	return ""
}
