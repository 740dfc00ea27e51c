package dynamapper

import (
	"reflect"
	"sync"
)

// listScratch is where the elements of a list are read, before their number is known. It is kept for the next one.
type listScratch struct {
	pool *sync.Pool
	list reflect.Value
}

// listScratches keep what lists of a type are read into.
func listScratches(t reflect.Type) *sync.Pool {
	pool := &sync.Pool{}
	pool.New = func() any { return &listScratch{pool, reflect.New(t).Elem()} }
	return pool
}

// add makes the list one zero element longer, and gives that.
func (s *listScratch) add() reflect.Value {
	n := s.list.Len()
	if n == s.list.Cap() {
		s.list.Grow(max(4, n))
	}
	s.list.SetLen(n + 1)
	return s.list.Index(n)
}

// copyTo makes a slice of what was read, not nil and no larger than it has to be.
func (s *listScratch) copyTo(v reflect.Value) {
	n := s.list.Len()
	if n == 0 {
		v.Set(reflect.MakeSlice(v.Type(), 0, 0))
		return
	}
	v.SetZero()
	v.Grow(n)
	v.SetLen(n)
	reflect.Copy(v, s.list)
}

// release gives the scratch back, without what was read.
func (s *listScratch) release() {
	s.list.Clear()
	s.list.SetLen(0)
	s.pool.Put(s)
}

// mapScratch is where the members of a map are read, one after the other. It is kept for the next map.
type mapScratch struct {
	pool       *sync.Pool
	key, value reflect.Value
}

// mapScratches keep what the members of maps of a type are read into.
func mapScratches(t reflect.Type) *sync.Pool {
	pool := &sync.Pool{}
	pool.New = func() any { return &mapScratch{pool, reflect.New(t.Key()).Elem(), reflect.New(t.Elem()).Elem()} }
	return pool
}

// clear makes room for the next member.
func (s *mapScratch) clear() {
	s.key.SetZero()
	s.value.SetZero()
}

// release gives the scratch back, without what was read.
func (s *mapScratch) release() {
	s.clear()
	s.pool.Put(s)
}
