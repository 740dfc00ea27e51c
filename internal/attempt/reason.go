package attempt

import (
	"context"
	"errors"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamapper/dynamapper/internal/awserr"
)

// Failed returns the number of tries that failed and the error of the last one. It does not count a
// try that the end of the context cut off: the SDK then returns the context's error, and drops the
// error for which it was about to retry.
func (c *Counter) Failed() (tries int, reason error) { return c.failed, c.reason }

// note records the error of a failed try.
func (c *Counter) note(ctx context.Context, err error) {
	if err == nil || ctx.Err() != nil && errors.Is(err, ctx.Err()) {
		return
	}
	c.failed++
	c.reason = err
	c.NoteThrottling(err)
}

// NoteThrottling records why a try was throttled.
func (c *Counter) NoteThrottling(err error) {
	for _, reason := range awserr.ThrottlingOf(err) {
		isSame := func(other types.ThrottlingReason) bool {
			return aws.ToString(other.Reason) == aws.ToString(reason.Reason) &&
				aws.ToString(other.Resource) == aws.ToString(reason.Resource)
		}
		if !slices.ContainsFunc(c.throttled, isSame) {
			c.throttled = append(c.throttled, reason)
		}
	}
}

// Throttled returns why tries were throttled, each reason once.
func (c *Counter) Throttled() []types.ThrottlingReason { return c.throttled }
