// Package model has models whose fields do not fit together, and others.
package model

import (
	"math/big"
	"time"

	"github.com/dynamapper/dynamapper"
)

// Tables returns the error of TableOf for each model.
func Tables(m *dynamapper.Mapper) map[string]error {
	_, noHash := dynamapper.TableOf[NoHash](m) // want `model NoHash: no field is the hash key`
	_, wrong := dynamapper.TableOf[Wrong](m)
	_, right := dynamapper.TableOf[Right](m)
	_, embedding := dynamapper.TableOf[Embedding](m)
	_, wrongTypes := dynamapper.TableOf[WrongTypes](m)
	_, wrongKeys := dynamapper.TableOf[WrongKeys](m)
	_, wrongIndexes := dynamapper.TableOf[WrongIndexes](m)
	_, rightTypes := dynamapper.TableOf[RightTypes](m)
	return map[string]error{
		"NoHash":       noHash,
		"Wrong":        wrong,
		"Right":        right,
		"Embedding":    embedding,
		"WrongTypes":   wrongTypes,
		"WrongKeys":    wrongKeys,
		"WrongIndexes": wrongIndexes,
		"RightTypes":   rightTypes,
	}
}

type NoHash struct {
	dynamapper.Model `dynamo:"no-hash"`

	Login string `dynamo:"login"`
}

type Wrong struct {
	dynamapper.Model `dynamo:"wrong"`

	Login  string  `dynamo:"login,hash"`
	Second string  `dynamo:"second,hash"`                    // want `model Wrong: a second hash key, beside Login; keep one`
	Again  string  `dynamo:"login"`                          // want `the fields Login and Again have the same attribute "login"`
	hidden string  `dynamo:"hidden"`                         // want `the field hidden is tagged and not exported`
	secret string  `dynamo:"secret,omitempty"`               // want `the field secret is tagged and not exported`
	Points int     `dynamo:"points" index:"by-points,range"` // want `index "by-points" has a range key and no hash key`
	Rev    float64 `dynamo:"rev,version"`                    // want `the field Rev: option "version" is for integers and strings, and the field is of type float64`
	Until  string  `dynamo:"until,ttl"`                      // want `the field Until: option "ttl" is for time.Time and integers, and the field is of type string`
}

// NotATable is a part of models, so it needs no key.
type NotATable struct {
	dynamapper.Model `dynamo:"parts"`

	Born time.Time `dynamo:"born,created"`
}

type Embedding struct {
	NotATable

	Login string `dynamo:"login,hash"`
	Born  string `dynamo:"born"` // hides the deeper one
}

type Right struct {
	dynamapper.Model `dynamo:"right,entity=player"`

	_      dynamapper.Computed `dynamo:"pk,hash,format=PLAYER#{login}"`
	_      dynamapper.Computed `dynamo:"sk,range,format=PLAYER"`
	Login  string              `dynamo:"login"`
	Email  *string             `dynamo:"email" index:"by-email,hash"`
	Rev    Revision            `dynamo:"rev,version"`
	Until  time.Time           `dynamo:"until,ttl"`
	Badges []string            `dynamo:"badges,set"`
	plain  int
}

type Revision string

type WrongTypes struct {
	dynamapper.Model `dynamo:"wrong-types"`

	On      bool                `dynamo:"on,hash"`                                     // want `the field On: type bool cannot be a key`
	Taste   []float64           `dynamo:"taste" vector:"by-taste,cosine,dimensions=3"` // want `the field Taste: the tag "vector" with a distance is for \[\]float32, and the field is of type \[\]float64`
	Small   int8                `dynamo:"small,version"`                               // want `the field Small: option "version" is for integers of 32 bits or more`
	Again   int64               `dynamo:"again,version"`                               // want `a second field with the option "version", beside Small`
	Born    *time.Time          `dynamo:"born,created"`                                // want `option "created" is for time.Time, and the field is of type \*time.Time`
	Badge   string              `dynamo:"badge,set"`                                   // want `the field Badge: type string cannot be a set`
	Counts  map[string]int      `dynamo:"counts,set"`                                  // want `the field Counts: type map\[string\]int cannot be a set`
	Both    []string            `dynamo:"both,set,json"`                               // want `options "set" and "json" exclude each other`
	Bytes   []byte              `dynamo:"bytes,json"`                                  // want `option "json" is for structs, maps, slices and any`
	Stamp   string              `dynamo:"stamp,unixtime"`                              // want `option "unixtime" is for time.Time`
	Lacking dynamapper.Computed `dynamo:"lacking"`                                     // want `the type Computed has no option "format"`
	Own     Point               `dynamo:"own,document"`                                // want `option "document" is for structs`
}

// Point has a form of its own.
type Point struct{ X, Y int }

func (p Point) MarshalText() ([]byte, error)     { return nil, nil }
func (p *Point) UnmarshalText(text []byte) error { return nil }

type WrongKeys struct {
	dynamapper.Model `dynamo:"wrong-keys"`

	ID    int64          `dynamo:"id,hash,autoincrement"`       // want `option "autoincrement" is for a table without a range key; remove it, or the option "range" of Place`
	Place map[string]int `dynamo:"place,range"`                 // want `the field Place: type map\[string\]int cannot be a key`
	Guild []string       `dynamo:"guild" index:"by-guild,hash"` // want `the field Guild: type \[\]string cannot be a key`
}

type WrongIndexes struct {
	dynamapper.Model `dynamo:"wrong-indexes"`

	Login  string    `dynamo:"login,hash"`
	Points int       `dynamo:"points" localIndex:"by-points,range"` // want `index "by-points" is local, which only a table with a range key has`
	Team   string    `dynamo:"team" vector:"by-tast,filter"`        // want `no field is the vector of vector index "by-tast"`
	Taste  []float32 `dynamo:"taste" vector:"by-taste,cosine,dimensions=3"`
	Smell  []float32 `dynamo:"smell" vector:"by-taste,cosine,dimensions=3"` // want `vector index "by-taste" has a second vector, beside Taste`
}

// Base is embedded. That it has a form in JSON does not change how the mapper stores it.
type Base struct {
	ID Point `dynamo:"id,hash"`
}

func (b Base) MarshalJSON() ([]byte, error) { return nil, nil }

type RightTypes struct {
	dynamapper.Model `dynamo:"right-types"`
	Base

	At     Born               `dynamo:"at,range,unixtime"`
	Points *big.Int           `dynamo:"points" localIndex:"by-points,range"`
	Blob   [4]byte            `dynamo:"blob" index:"by-blob,hash"`
	Team   *string            `dynamo:"team" vector:"by-taste,hash"`
	Taste  Vector             `dynamo:"taste" vector:"by-taste,cosine,dimensions=3"`
	Days   []time.Time        `dynamo:"days,set,unixtime"`
	Flags  map[Revision]bool  `dynamo:"flags,set"`
	Seen   map[Point]struct{} `dynamo:"seen,set"`
	Until  *time.Time         `dynamo:"until,ttl"`
	Count  uint32             `dynamo:"count,version"`
	Any    any                `dynamo:"any,document"`
	Others map[string]any     `dynamo:",rest"`
}

// Born is a time without methods.
type Born time.Time

type Vector []float32

// generic makes a table of a type that only its caller knows.
func generic[T any](m *dynamapper.Mapper) {
	_, _ = dynamapper.TableOf[Holding[T]](m)
}

type Holding[T any] struct {
	dynamapper.Model `dynamo:"holding"`

	ID   T   `dynamo:"id,hash"`
	List []T `dynamo:"list" vector:"by-list,dot,dimensions=2"`
}

type Unrelated struct {
	ID string `dynamo:"id,hsh"`
}
