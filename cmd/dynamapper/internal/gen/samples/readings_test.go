package samples

import (
	"encoding/json"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamapper/dynamapper"
)

// Reading is an item of the table "readings". The types of its fields fit the 3 items of the
// sample.
type Reading struct {
	dynamapper.Model `dynamo:"readings"`

	Sensor json.Number        `dynamo:"sensor,hash"`
	At     int64              `dynamo:"at,range"`
	Value  float64            `dynamo:"value,omitempty" localIndex:"by-value,range"`
	ByDay  map[string]float64 `dynamo:"by_day,document"`
	Error  *int64             `dynamo:"error"`
	Limits []json.Number      `dynamo:"limits,set"`
	Raw    json.Number        `dynamo:"raw"`
	Series []float64          `dynamo:"series,document"`
	// The sample has values of the types N, NS, S.
	State types.AttributeValue `dynamo:"state"`
}
