package samples

import (
	"time"

	"github.com/dynamapper/dynamapper"
)

// Thread is an item of the table "Thread". The types of its fields fit the 3 items of the
// sample.
type Thread struct {
	dynamapper.Model `dynamo:"Thread"`

	ForumName          string    `dynamo:"ForumName,hash"`
	Subject            string    `dynamo:"Subject,range"`
	Answered           int64     `dynamo:"Answered"`
	LastPostedBy       string    `dynamo:"LastPostedBy"`
	LastPostedDateTime time.Time `dynamo:"LastPostedDateTime,layout=2006-01-02T15:04:05.000Z07:00"`
	Message            string    `dynamo:"Message"`
	Replies            int64     `dynamo:"Replies"`
	Tags               []string  `dynamo:"Tags,document"`
	Views              int64     `dynamo:"Views"`
}
