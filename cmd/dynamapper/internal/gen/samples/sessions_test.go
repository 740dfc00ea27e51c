package samples

import (
	"time"

	"github.com/dynamapper/dynamapper"
)

// TestSession is an item of the table "test-sessions". The types of its fields fit the 3 items
// of the sample.
type TestSession struct {
	dynamapper.Model `dynamo:"test-sessions"`

	SessionID string             `dynamo:"session_id,hash"`
	UserID    string             `dynamo:"user_id" index:"by-user,hash,include=device+ip"`
	Started   time.Time          `dynamo:"started,layout=RFC3339" index:"by-user,range"`
	Csrf      []byte             `dynamo:"csrf"`
	Device    *TestSessionDevice `dynamo:"device,document"`
	ExpiresAt time.Time          `dynamo:"expires_at,ttl"`
	Guest     bool               `dynamo:"guest,omitempty"`
	IP        *string            `dynamo:"ip"`
	Renewed   *int64             `dynamo:"renewed"`
}

// TestSessionDevice is a part of TestSession.
type TestSessionDevice struct {
	OS    string `dynamo:"os"`
	Touch bool   `dynamo:"touch"`
	Width int64  `dynamo:"width,omitempty"`
}
