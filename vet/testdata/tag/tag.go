// Package tag has models with tags that TableOf refuses, and others.
package tag

import (
	"time"

	"github.com/dynamapper/dynamapper"
)

type Misspelt struct {
	dynamapper.Model `dynamo:"misspelt,documents"` // want `Model: option "documents" is not known; did you mean "document"\?`

	Login    string    `dynamo:"login,hsh"`                 // want `Login: option "hsh" is not known; did you mean "hash"\?`
	Email    string    `dynamo:"email" index:"by-email"`    // want `Email: index "by-email" does not say which of its keys the field is`
	Guild    string    `dynamo:"guild" gsi:"by-guild,hash"` // want `Guild: the tag gsi would not be read; did you mean index\?`
	Name     string    `dynamodbav:"name"`                  // want `Name: the tag dynamodbav would not be read`
	Born     time.Time `dynamo:"born,default=1,default=2"`  // want `Born: option "default" is given twice`
	Settings Settings  `dynamo:"settings,document"`
	JSON     Foreign   `dynamo:"json,json"`
}

type Settings struct {
	Lang  string `dynamo:"lang,omitemty"` // want `Lang: option "omitemty" is not known; did you mean "omitempty"\?`
	Inner []struct {
		Color string `dynamo:"color,colour"` // want `Color: option "colour" is not known`
	} `dynamo:"inner"`
}

// Foreign is not a document: its tags are another library's.
type Foreign struct {
	ID string `dynamo:"id,hashkey" dynamodbav:"id"`
}
