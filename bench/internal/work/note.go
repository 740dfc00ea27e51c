package work

import (
	"strings"
	"time"

	"github.com/dynamapper/dynamapper"
)

// note has five attributes, one of which is as long as the work wants it.
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

// line is the text, again and again. Its line feed is an escape on the wire.
const line = "It is dark; you may be eaten. So take a lamp with you, and some oil to light it.\n"

// notes are items of so many bytes of wire JSON.
func notes(size int) kind[note, noteModel] {
	const others = 140 // the bytes of all but the text
	text := strings.Repeat(line, size/len(line)+1)[:size-others]
	return kind[note, noteModel]{
		make:  func(i int) note { return note{guild, i, i * 7, newTime(i), text} },
		plain: func(m *noteModel) *note { return &m.note },
	}
}
