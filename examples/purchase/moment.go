package main

import (
	"net/http"

	"github.com/dynamapper/dynamapper/dynamotest"
)

// moment is one in a purchase at which its process is killed.
type moment struct {
	name      string
	operation string // the request at which it is, the n-th of its kind
	n         int
	fault     func(here, wait func()) dynamotest.Fault // here says that it has come; wait waits for the kill
	leaves    []string
}

// What a killed purchase has left.
const (
	nothing    = "nothing"
	everything = "everything"
)

var moments = []moment{
	{"has read everything", "GetItem", 3, haltAfter(nil), []string{nothing}},
	{"is about to commit", "TransactWriteItems", 1, haltAfter(dynamotest.Drop()), []string{nothing}},
	{"the commit is on its way", "TransactWriteItems", 1, passBy, []string{nothing, everything}},
	{"it is applied, not answered", "TransactWriteItems", 1, haltAfter(dynamotest.Lose()), []string{everything}},
}

// haltAfter lets the request meet its fault, and goes no further.
func haltAfter(fault dynamotest.Fault) func(here, wait func()) dynamotest.Fault {
	return func(here, wait func()) dynamotest.Fault {
		return dynamotest.After(fault, func() { here(); wait() })
	}
}

// passBy sends the request while the kill is on its way, too: which of them is faster is chance.
func passBy(here, _ func()) dynamotest.Fault {
	return func(_ *http.Request, send func() (*http.Response, error)) (*http.Response, error) {
		here()
		return send()
	}
}
