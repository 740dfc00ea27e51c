package work

import (
	"strings"
	"time"

	"github.com/dynamapper/dynamapper"
)

// note has five attributes. The length of one of them depends on the work.
type note struct {
	Guild   string    `dynamodbav:"guild" dynamo:"guild,hash"`
	ID      int       `dynamodbav:"id" dynamo:"id,range"`
	Votes   int       `dynamodbav:"votes" dynamo:"votes"`
	Created time.Time `dynamodbav:"created" dynamo:"created"`
	Text    string    `dynamodbav:"text" dynamo:"text"`
}

// noteModel is dynamapper's model of a note.
type noteModel struct {
	dynamapper.Model `dynamo:"players"`
	note
}

// line is repeated to form the text. Its line feed is an escape on the wire.
const line = "It is dark; you may be eaten. So take a lamp with you, and some oil to light it.\n"

// notes returns items of the given number of bytes of wire JSON.
func notes(size int) kind[note, noteModel] {
	const others = 140 // the bytes of everything except the text
	text := strings.Repeat(line, size/len(line)+1)[:size-others]
	return kind[note, noteModel]{
		make:  func(i int) note { return note{guild, i, i * 7, newTime(i), text} },
		plain: func(m *noteModel) *note { return &m.note },
	}
}
