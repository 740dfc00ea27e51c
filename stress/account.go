package main

import (
	"fmt"

	"github.com/dynamapper/dynamapper"
)

// Fields are the common fields of all kinds of accounts.
type Fields struct {
	Balance int `dynamo:"balance"`
	Visits  int `dynamo:"visits"`
	// the operations that changed the balance: each adds its mark
	Applied []string `dynamo:"applied,set"`
	Seen    []string `dynamo:"seen,set"` // the operations that counted a visit
}

func (f *Fields) fields() *Fields { return f }

// account is implemented by pointers to the kinds of accounts.
type account[T any] interface {
	*T
	fields() *Fields
	// place sets the key of a new account.
	place(bank string, number int)
	// checkKeys compares what the mapper has computed of a stored account with its parts.
	checkKeys() error
}

// Named is the key of an account in a table of its kind.
type Named struct {
	ID string `dynamo:"id,hash"`
}

func (n *Named) place(bank string, number int) { n.ID = fmt.Sprintf("%s-%d", bank, number) }

func (n *Named) checkKeys() error { return nil }

// The kinds of accounts. They differ in what FailOnConflict compares: the whole item, a counted
// version, or a random one.
type (
	// Plain is compared as a whole.
	Plain struct {
		dynamapper.Model `dynamo:"plain"`
		Named
		Fields
	}
	// Counted has an integer version.
	Counted struct {
		dynamapper.Model `dynamo:"counted"`
		Named
		Fields
		Version int `dynamo:"version,version"`
	}
	// Tokened has a string version.
	Tokened struct {
		dynamapper.Model `dynamo:"tokened"`
		Named
		Fields
		Version string `dynamo:"version,version"`
	}
)
