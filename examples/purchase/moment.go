package main

import (
	"net/http"

	"github.com/dynamapper/dynamapper/dynamotest"
)

// moment is a point in a purchase at which its process is killed.
type moment struct {
	name      string
	operation string // the n-th request of this operation
	n         int
	// here reports that the moment has come; wait waits for the kill
	fault  func(here, wait func()) dynamotest.Fault
	leaves []string
}

// The parts that a killed purchase may have left.
const (
	nothing    = "nothing"
	everything = "everything"
)

var moments = []moment{
	{"has read everything", "GetItem", 3, haltAfter(nil), []string{nothing}},
	{"is about to commit", "TransactWriteItems", 1, haltAfter(dynamotest.Drop()),
		[]string{nothing}},
	{"the commit is in progress", "TransactWriteItems", 1, passBy, []string{nothing, everything}},
	{"it is applied, unanswered", "TransactWriteItems", 1, haltAfter(dynamotest.Lose()),
		[]string{everything}},
}

// haltAfter applies the fault to the request, and then waits for the kill.
func haltAfter(fault dynamotest.Fault) func(here, wait func()) dynamotest.Fault {
	return func(here, wait func()) dynamotest.Fault {
		return dynamotest.After(fault, func() { here(); wait() })
	}
}

// passBy sends the request while the kill is in progress. Which of them is faster is random.
func passBy(here, _ func()) dynamotest.Fault {
	return func(_ *http.Request, send func() (*http.Response, error)) (*http.Response, error) {
		here()
		return send()
	}
}
