package samples

import "github.com/dynamapper/dynamapper"

// Forum is an item of the table "Forum". The types of its fields fit the 2 items of the sample.
type Forum struct {
	dynamapper.Model `dynamo:"Forum"`

	Name     string `dynamo:"Name,hash"`
	Category string `dynamo:"Category"`
	Messages int64  `dynamo:"Messages,omitempty"`
	Threads  int64  `dynamo:"Threads,omitempty"`
	Views    int64  `dynamo:"Views,omitempty"`
}
