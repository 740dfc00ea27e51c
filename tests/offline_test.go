package tests

import (
	"context"
	"encoding/json"
	"errors"
	"strconv"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper"
)

// catcher keeps the inputs of reads and responds with nothing.
type catcher struct {
	dynamapper.Client
	get   *dynamodb.GetItemInput
	query *dynamodb.QueryInput
	scan  *dynamodb.ScanInput
}

func (c *catcher) GetItem(
	_ context.Context, in *dynamodb.GetItemInput, _ ...func(*dynamodb.Options),
) (*dynamodb.GetItemOutput, error) {
	c.get = in
	return &dynamodb.GetItemOutput{Item: map[string]types.AttributeValue{}}, nil
}

func (c *catcher) Query(
	_ context.Context, in *dynamodb.QueryInput, _ ...func(*dynamodb.Options),
) (*dynamodb.QueryOutput, error) {
	c.query = in
	return &dynamodb.QueryOutput{}, nil
}

func (c *catcher) Scan(
	_ context.Context, in *dynamodb.ScanInput, _ ...func(*dynamodb.Options),
) (*dynamodb.ScanOutput, error) {
	c.scan = in
	return &dynamodb.ScanOutput{}, nil
}

// caughtTable returns a table and the client that keeps the inputs of its reads.
func caughtTable[T dynamapper.IsModel](t testing.TB) (*dynamapper.Table[T], *catcher) {
	t.Helper()
	client := &catcher{}
	mapper, err := dynamapper.New(client)
	require.NoError(t, err)
	table, err := dynamapper.TableOf[T](mapper)
	require.NoError(t, err)
	return table, client
}

// inS returns a text as S.
func inS(text string) string {
	quoted, err := json.Marshal(text)
	if err != nil {
		panic(err)
	}
	return `{"S":` + string(quoted) + `}`
}

// cents stores itself as N.
type cents struct{ n int }

var errNegative = errors.New("negative")

func (c cents) MarshalDynamoDBAttributeValue() (types.AttributeValue, error) {
	if c.n < 0 {
		return nil, errNegative
	}
	return &types.AttributeValueMemberN{Value: strconv.Itoa(c.n)}, nil
}

func (c *cents) UnmarshalDynamoDBAttributeValue(value types.AttributeValue) error {
	n, ok := value.(*types.AttributeValueMemberN)
	if !ok {
		return errNegative
	}
	var err error
	c.n, err = strconv.Atoi(n.Value)
	return err
}

// coordinates are a struct of two numbers.
type coordinates struct {
	X int `dynamo:"x" json:"x"`
	Y int `dynamo:"y" json:"y"`
}
