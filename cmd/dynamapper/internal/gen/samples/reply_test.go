package samples

import (
	"time"

	"github.com/dynamapper/dynamapper"
)

// Reply is an item of the table "Reply". The types of its fields fit the 4 items of the sample.
type Reply struct {
	dynamapper.Model `dynamo:"Reply"`

	ID            string    `dynamo:"Id,hash"`
	ReplyDateTime time.Time `dynamo:"ReplyDateTime,range,layout=2006-01-02T15:04:05.000Z07:00"`
	PostedBy      string    `dynamo:"PostedBy" index:"PostedBy-Message-Index,hash"`
	Message       string    `dynamo:"Message" index:"PostedBy-Message-Index,range"`
}
