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

	Team  string    `dynamo:"team" vector:"by-taste,hsh"`                  // want `Team: vector index "by-taste": option "hsh" is not known; did you mean "hash"\?`
	Taste []float32 `dynamo:"taste" vector:"by-taste,cosin,dimensions=3"`  // want `Taste: vector index "by-taste": option "cosin" is not known; did you mean "cosine"\?`
	Smell []float32 `dynamo:"smell" vector:"by-smell,cosine,dimensions=x"` // want `Smell: vector index "by-smell": option "dimensions=x" is not a number of dimensions`
	Sound []float32 `dynamo:"sound" vector:"by-sound,dot,dimensions=4097"` // want `dimensions=1 to dimensions=4096`
	Left  string    `dynamo:"-" index:"by-left,hash"`                      // want `Left: the tag index is on a field that .dynamo:"-". leaves out`
	Away  string    `dynamo:"-" dynamodbav:"away"`
	cache string    `dynamodbav:"cache"`

	JSON Foreign `dynamo:"json,json"`
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
