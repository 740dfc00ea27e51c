// Package model has models whose fields do not fit together, and others.
package model

import (
	"time"

	"github.com/dynamapper/dynamapper"
)

func tables(m *dynamapper.Mapper) {
	_, _ = dynamapper.TableOf[NoHash](m) // want `model NoHash: no field is the hash key`
	_, _ = dynamapper.TableOf[Wrong](m)
	_, _ = dynamapper.TableOf[Right](m)
	_, _ = dynamapper.TableOf[Embedding](m)
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
	hidden string  `dynamo:"hidden"`                         // unexported, and without an option
	secret string  `dynamo:"secret,omitempty"`               // want `the field secret is tagged and not exported`
	Points int     `dynamo:"points" index:"by-points,range"` // want `index "by-points" has a range key and no hash key`
	Rev    float64 `dynamo:"rev,version"`                    // want `the field Rev is of type float64, and the option "version" is for integers and strings`
	Until  string  `dynamo:"until,ttl"`                      // want `the field Until is of type string, and the option "ttl" is for time.Time and integers`
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

type Unrelated struct {
	ID string `dynamo:"id,hsh"`
}
