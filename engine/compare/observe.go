package main

import (
	"strconv"
	"time"
)

// maxPages bounds a walk. No read that the generator makes has as many.
const maxPages = 300

// endless is the fault of a walk without a last page.
const endless = "the pages do not end"

// observe runs a step at an endpoint.
func (e *endpoint) observe(run int, s *step, tables []*table) observation {
	switch s.mode {
	case walk:
		return e.walk(run, s, tables)
	case segments:
		return e.segments(run, s, tables)
	case records:
		return e.records(run, s)
	}
	o := normalise(s, tables, e.send(run, s.operation, s.text()))
	if !o.failed() {
		e.settle(run, s)
	}
	return o
}

// follow returns the pages of a read, or the first response that is not a page.
func (e *endpoint) follow(run int, s *step) ([]*object, *rawResponse) {
	body, ok := clone(s.body).(*object)
	if !ok {
		a := e.send(run, s.operation, s.text())
		return nil, &a
	}
	var pages []*object
	for range maxPages {
		a := e.send(run, s.operation, encode(body))
		page, ok := canonical(a.body).(*object)
		if a.status != 200 || !ok || a.fault != "" {
			return nil, &a
		}
		pages = append(pages, page)
		if !page.has("LastEvaluatedKey") {
			return pages, nil
		}
		body.set("ExclusiveStartKey", page.get("LastEvaluatedKey"))
	}
	return nil, &rawResponse{status: 200, fault: endless}
}

func (e *endpoint) walk(run int, s *step, tables []*table) observation {
	pages, other := e.follow(run, s)
	if other != nil {
		return observation{other.status, canonical(other.body), other.fault}
	}
	return observation{status: 200, tree: merge(s, tables, pages)}
}

// segments walks over each segment of a Scan.
func (e *endpoint) segments(run int, s *step, tables []*table) observation {
	total, err := strconv.Atoi(encode(lookup(s.body, "TotalSegments")))
	if err != nil || total < 1 || total > 20 {
		return e.observe(run, &step{s.operation, s.body, s.raw, once}, tables)
	}
	var all []*object
	for i := range total {
		body := clone(s.body).(*object)
		body.set("Segment", newInt(i))
		pages, other := e.follow(run, &step{operation: s.operation, body: body})
		if other != nil {
			return observation{other.status, canonical(other.body), other.fault}
		}
		all = append(all, pages...)
	}
	whole := merge(s, tables, all)
	whole.remove("ConsumedCapacity")
	return observation{status: 200, tree: whole}
}

// settle waits until a table that a step creates, changes or deletes has reached its new state.
func (e *endpoint) settle(run int, s *step) {
	switch s.operation {
	case "CreateTable", "UpdateTable", "DeleteTable":
	default:
		return
	}
	body := encode(newObject("TableName", lookup(s.body, "TableName")))
	for wait := time.Millisecond; wait < 30*time.Second; wait *= 2 {
		a := e.send(run, "DescribeTable", body)
		if a.status != 200 || isSettled(lookup(a.body, "Table")) {
			return
		}
		time.Sleep(wait)
	}
}

func isSettled(description any) bool {
	if text(description, "TableStatus") != "ACTIVE" {
		return false
	}
	for _, x := range elements(description, "GlobalSecondaryIndexes") {
		if text(x, "IndexStatus") != "ACTIVE" {
			return false
		}
	}
	return true
}
