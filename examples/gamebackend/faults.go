package main

import (
	"context"
	"math/rand/v2"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"

	"github.com/dynamapper/dynamapper/dynamotest"
	"github.com/dynamapper/dynamapper/examples/internal/stage"
)

// trouble makes requests between the service and DynamoDB fail.
type trouble struct {
	line  *dynamotest.Faults
	share float64
	made  atomic.Int64
}

func newTrouble(share float64) *trouble {
	return &trouble{line: dynamotest.NewFaults(), share: share}
}

// begin makes writes fail from now on.
func (t *trouble) begin() {
	for _, write := range []string{"PutItem", "UpdateItem", "DeleteItem", "TransactWriteItems"} {
		t.line.Each(write, func(int) dynamotest.Fault { return t.choose() })
	}
}

// end stops the faults.
func (t *trouble) end() { t.line.Clear() }

// choose loses the response to most of the requests that it makes fail. For one in fifty it stays
// silent until the request's deadline, so that the service cannot know the outcome, and reports
// that.
func (t *trouble) choose() dynamotest.Fault {
	if rand.Float64() >= t.share {
		return nil
	}
	t.made.Add(1)
	switch n := rand.IntN(100); {
	case n < 60:
		return dynamotest.Lose()
	case n < 75:
		return dynamotest.Drop()
	case n < 85:
		return dynamotest.Cut()
	case n < 95:
		return dynamotest.Fail()
	case n < 98:
		return dynamotest.Refuse(http.StatusBadRequest, "ThrottlingException")
	case n < 99:
		return dynamotest.Silence(dynamotest.Drop())
	}
	return dynamotest.Silence(nil)
}

// swift is an engine whose client waits only briefly between retries. With so many faults it would
// otherwise spend its time waiting.
type swift struct{ stage.Engine }

func (s swift) Config(ctx context.Context) (aws.Config, error) {
	cfg, err := s.Engine.Config(ctx)
	cfg.Retryer = func() aws.Retryer {
		return retry.NewStandard(func(o *retry.StandardOptions) {
			o.MaxBackoff = 20 * time.Millisecond
		})
	}
	return cfg, err
}
