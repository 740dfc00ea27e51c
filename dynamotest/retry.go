package dynamotest

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

// eager is a retryer that does not wait between tries.
type eager struct{ aws.Retryer }

// withoutWait returns a function that makes the retryers of a client with the configuration: with
// the same number of tries and the same quota of retries, but eager.
func withoutWait(cfg aws.Config) func() aws.Retryer {
	return func() aws.Retryer { return eager{dynamodb.NewFromConfig(cfg).Options().Retryer} }
}

// RetryDelay returns 0.
func (eager) RetryDelay(int, error) (time.Duration, error) { return 0, nil }

// GetAttemptToken makes eager an aws.RetryerV2, as the SDK's own retryers are.
func (e eager) GetAttemptToken(ctx context.Context) (func(error) error, error) {
	if v2, is := e.Retryer.(aws.RetryerV2); is {
		return v2.GetAttemptToken(ctx)
	}
	return e.GetInitialToken(), nil
}
