// Package table holds the items of one table: ordered by key, with their indexes.
//
// A Table does no locking of its own. Whoever calls it holds the lock of the table.
package table

import "github.com/dynamapper/dynamapper/engine/internal/value"

// KeyPart is an attribute of a key, and its type: S, N or B.
type KeyPart struct {
	Name string
	Kind value.Kind
}

// KeySchema is a table's or an index's key. A table has one hash attribute and at most one range
// attribute; a global index has up to four of each, or no range attribute at all.
type KeySchema struct {
	Hash  []KeyPart
	Range []KeyPart
}

// ProjectionType says which attributes an index holds.
type ProjectionType uint8

// The projections. The keys of the table and the index are always part of it.
const (
	ProjectAll ProjectionType = iota
	ProjectKeys
	ProjectInclude // the keys, and Index.Included
)

// IndexSchema describes a secondary index.
type IndexSchema struct {
	Name       string
	Local      bool
	Keys       KeySchema
	Projection ProjectionType
	Included   []string // the attributes of ProjectInclude beside the keys
}
