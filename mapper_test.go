package dynamapper

import (
	"context"
	"reflect"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/stretchr/testify/require"
)

type hero struct {
	Model `dynamo:"heroes"`
	Name  string `dynamo:"name,hash"`
	Level int    `dynamo:"level"`
}

func sdkClient() *dynamodb.Client { return dynamodb.New(dynamodb.Options{Region: "eu-west-1"}) }

// An invalid option or client returns an error and never panics.
func TestNewRefuses(t *testing.T) {
	t.Parallel()
	for name, refused := range map[string]struct {
		client Client
		opts   []Option
		says   string
	}{
		"no client":              {nil, nil, "the client is nil"},
		"a nil *dynamodb.Client": {(*dynamodb.Client)(nil), nil, "the client is nil"},
		"a nil option":           {sdkClient(), []Option{nil}, "an option is nil"},
		"a region": {sdkClient(), []Option{WithRegion("eu-west-1")},
			"WithRegion has no effect"},
		"credentials": {sdkClient(), []Option{WithCredentials("a", "b")},
			"WithCredentials has no effect"},
		"an endpoint": {sdkClient(), []Option{WithEndpoint("http://localhost:8000")},
			"WithEndpoint has no effect"},
		"a configuration": {sdkClient(), []Option{WithConfig(aws.Config{})},
			"WithConfig has no effect"},
		"a nil logger":   {sdkClient(), []Option{WithLogger(nil)}, "the logger is nil"},
		"a nil observer": {sdkClient(), []Option{WithObserver(nil)}, "the function is nil"},
		"negative attempts": {sdkClient(), []Option{WithMaxRetries(-1)},
			"dynamapper: WithMaxRetries: -1 is not a number of tries"},
	} {
		t.Run(name, func(t *testing.T) {
			mapper, err := New(refused.client, refused.opts...)
			require.ErrorContains(t, err, refused.says)
			require.Nil(t, mapper)
		})
	}
}

func TestNewTakesOptions(t *testing.T) {
	t.Parallel()
	mapper, err := New(sdkClient(), WithTablePrefix("eu-"), WithTablePrefix("staging-"),
		WithMaxRetries(4),
		WithObserver(func(context.Context, Operation) {}),
		WithObserver(func(context.Context, Operation) {}))
	require.NoError(t, err)
	require.Equal(t, "eu-staging-", mapper.prefix)
	require.Equal(t, 4, mapper.attempts)
	require.Len(t, mapper.observers, 2)

	mapper, err = New(sdkClient())
	require.NoError(t, err)
	require.Equal(t, MaxRetries, mapper.attempts)
}

// A table's name is the prefix followed by the name in Model's tag, or by that of WithTableName.
func TestTableNames(t *testing.T) {
	t.Parallel()
	mapper, err := New(sdkClient(), WithTablePrefix("staging-"))
	require.NoError(t, err)
	heroes, err := TableOf[hero](mapper)
	require.NoError(t, err)
	require.Equal(t, "staging-heroes", heroes.Name())
	heroes, err = TableOf[hero](mapper, WithTableName("villains"))
	require.NoError(t, err)
	require.Equal(t, "staging-villains", heroes.Name())

	_, err = TableOf[hero](mapper, WithTableName("no spaces"))
	require.ErrorIs(t, err, ErrSchema)
	_, err = TableOf[hero](mapper, WithTableName(strings.Repeat("x", 250)))
	require.ErrorIs(t, err, ErrSchema)
	_, err = TableOf[hero](nil)
	require.EqualError(t, err,
		"dynamapper: TableOf: the mapper is nil or empty; make one with Connect or New")
	_, err = TableOf[hero](&Mapper{})
	require.EqualError(t, err,
		"dynamapper: TableOf: the mapper is nil or empty; make one with Connect or New")
}

// Get from a fake that ignores the option functions and returns no item returns ErrNotFound.
func TestAFakeWithoutItems(t *testing.T) {
	t.Parallel()
	mapper, err := New(emptyClient{})
	require.NoError(t, err)
	heroes, err := TableOf[hero](mapper)
	require.NoError(t, err)
	_, err = heroes.Get(t.Context(), Key("Duke"))
	require.ErrorIs(t, err, ErrNotFound)
}

// emptyClient is a fake as a user writes it: it embeds Client and defines the methods that its test
// needs.
type emptyClient struct{ Client }

func (emptyClient) GetItem(
	context.Context, *dynamodb.GetItemInput, ...func(*dynamodb.Options),
) (*dynamodb.GetItemOutput, error) {
	return &dynamodb.GetItemOutput{}, nil
}

// Go compiles promoted methods of a generic type again for each model, which would cost a program
// more than the methods of these types.
func TestGenericTypesEmbedNothing(t *testing.T) {
	t.Parallel()
	for _, of := range []reflect.Type{
		reflect.TypeFor[Table[hero]](), reflect.TypeFor[Query[hero]](), reflect.TypeFor[Scan[hero]](),
		reflect.TypeFor[Search[hero]](), reflect.TypeFor[Update[hero]](), reflect.TypeFor[Fetch[hero]](),
		reflect.TypeFor[TxTable[hero]](), reflect.TypeFor[TxUpdate[hero]](),
	} {
		for i := range of.NumField() {
			require.False(t, of.Field(i).Anonymous, "%s.%s", of, of.Field(i).Name)
		}
	}
}
