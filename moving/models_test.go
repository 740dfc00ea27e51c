package moving

import "github.com/dynamapper/dynamapper"

// holder is a model with one value of a type. Its tags make all libraries store it in the same way.
type holder[V any] interface {
	parts() (id *string, value *V, note *string)
}

type plain[V any] struct {
	dynamapper.Model `dynamo:"plain" dynamodbav:"-"`
	ID               string `dynamo:"id,hash" dynamodbav:"id"`
	Value            V      `dynamo:"value" dynamodbav:"value"`
	Note             string `dynamo:"note" dynamodbav:"note"`
}

type document[V any] struct {
	dynamapper.Model `dynamo:"document" dynamodbav:"-"`
	ID               string `dynamo:"id,hash" dynamodbav:"id"`
	Value            V      `dynamo:"value,document" dynamodbav:"value"`
	Note             string `dynamo:"note" dynamodbav:"note"`
}

type stringSet[V any] struct {
	dynamapper.Model `dynamo:"string-set" dynamodbav:"-"`
	ID               string `dynamo:"id,hash" dynamodbav:"id"`
	Value            V      `dynamo:"value,set" dynamodbav:"value,stringset"`
	Note             string `dynamo:"note" dynamodbav:"note"`
}

type numberSet[V any] struct {
	dynamapper.Model `dynamo:"number-set" dynamodbav:"-"`
	ID               string `dynamo:"id,hash" dynamodbav:"id"`
	Value            V      `dynamo:"value,set" dynamodbav:"value,numberset"`
	Note             string `dynamo:"note" dynamodbav:"note"`
}

type unixTime[V any] struct {
	dynamapper.Model `dynamo:"unix-time" dynamodbav:"-"`
	ID               string `dynamo:"id,hash" dynamodbav:"id"`
	Value            V      `dynamo:"value,unixtime" dynamodbav:"value,unixtime"`
	Note             string `dynamo:"note" dynamodbav:"note"`
}

type layout[V any] struct {
	dynamapper.Model `dynamo:"layout" dynamodbav:"-"`
	ID               string `dynamo:"id,hash" dynamodbav:"id"`
	Value            V      `dynamo:"value,layout=RFC3339Nano" dynamodbav:"value"`
	Note             string `dynamo:"note" dynamodbav:"note"`
}

type omitEmpty[V any] struct {
	dynamapper.Model `dynamo:"omit-empty" dynamodbav:"-"`
	ID               string `dynamo:"id,hash" dynamodbav:"id"`
	Value            V      `dynamo:"value,omitempty" dynamodbav:"value,omitempty"`
	Note             string `dynamo:"note" dynamodbav:"note"`
}

type omitEmptyDocument[V any] struct {
	dynamapper.Model `dynamo:"omit-empty-document" dynamodbav:"-"`
	ID               string `dynamo:"id,hash" dynamodbav:"id"`
	Value            V      `dynamo:"value,document,omitempty" dynamodbav:"value,omitempty"`
	Note             string `dynamo:"note" dynamodbav:"note"`
}

func (m *plain[V]) parts() (*string, *V, *string)             { return &m.ID, &m.Value, &m.Note }
func (m *document[V]) parts() (*string, *V, *string)          { return &m.ID, &m.Value, &m.Note }
func (m *stringSet[V]) parts() (*string, *V, *string)         { return &m.ID, &m.Value, &m.Note }
func (m *numberSet[V]) parts() (*string, *V, *string)         { return &m.ID, &m.Value, &m.Note }
func (m *unixTime[V]) parts() (*string, *V, *string)          { return &m.ID, &m.Value, &m.Note }
func (m *layout[V]) parts() (*string, *V, *string)            { return &m.ID, &m.Value, &m.Note }
func (m *omitEmpty[V]) parts() (*string, *V, *string)         { return &m.ID, &m.Value, &m.Note }
func (m *omitEmptyDocument[V]) parts() (*string, *V, *string) { return &m.ID, &m.Value, &m.Note }
