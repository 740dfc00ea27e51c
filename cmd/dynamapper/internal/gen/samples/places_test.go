package samples

import "github.com/dynamapper/dynamapper"

// Place is an item of the table "places". The types of its fields fit the 3 items of the
// sample.
type Place struct {
	dynamapper.Model `dynamo:"places"`

	Name  string    `dynamo:"name,hash"`
	City  string    `dynamo:"city" vector:"by-taste,hash"`
	Kind  string    `dynamo:"kind"`
	Mood  []float32 `dynamo:"mood" vector:"by-mood,dot,dimensions=2,keys_only"`
	Stars int64     `dynamo:"stars,omitempty" vector:"by-taste,filter"`
	Taste []float32 `dynamo:"taste" vector:"by-taste,cosine,dimensions=3,include=kind"`
}
