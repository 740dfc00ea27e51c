// Package table holds the items of one table, ordered by key, and its indexes.
//
// A Table does not lock. The caller must hold the lock of the table.
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

// ProjectionType selects the attributes that an index holds.
type ProjectionType uint8

// The projections. Each includes the keys of the table and the index.
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
	Included   []string // for ProjectInclude, the attributes besides the keys
}
