package main

import "github.com/dynamapper/dynamapper"

// Fields are the common fields of all kinds of accounts.
type Fields struct {
	ID      string `dynamo:"id,hash"`
	Balance int    `dynamo:"balance"`
	Visits  int    `dynamo:"visits"`
	// the operations that changed the balance: each adds its mark
	Applied []string `dynamo:"applied,set"`
	Seen    []string `dynamo:"seen,set"` // the operations that counted a visit
}

func (f *Fields) fields() *Fields { return f }

// The kinds of accounts. They differ in what FailOnConflict compares: the whole item, a counted
// version, or a random one.
type (
	// Plain is compared as a whole.
	Plain struct {
		dynamapper.Model `dynamo:"plain"`
		Fields
	}
	// Counted has an integer version.
	Counted struct {
		dynamapper.Model `dynamo:"counted"`
		Fields
		Version int `dynamo:"version,version"`
	}
	// Tokened has a string version.
	Tokened struct {
		dynamapper.Model `dynamo:"tokened"`
		Fields
		Version string `dynamo:"version,version"`
	}
)

// account is implemented by pointers to the kinds of accounts.
type account[T any] interface {
	*T
	fields() *Fields
}

// Entry is the journal's record of a transfer.
type Entry struct {
	dynamapper.Model `dynamo:"journal"`
	ID               string `dynamo:"id,hash"`
	From             string `dynamo:"from"`
	To               string `dynamo:"to"`
	Amount           int    `dynamo:"amount"`
}

// Ticket has an autoincrement id.
type Ticket struct {
	dynamapper.Model `dynamo:"tickets"`
	ID               int64  `dynamo:"id,hash,autoincrement"`
	Operation        string `dynamo:"operation"`
}
