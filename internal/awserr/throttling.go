package awserr

import (
	"errors"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamapper/dynamapper/internal/shown"
)

// ThrottlingOf returns why the service throttled a request, or nil if it did not, or gave no
// reason. For a transaction that was canceled, each operation that was throttled has a reason,
// which names no resource.
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_ThrottlingReason.html
func ThrottlingOf(err error) []types.ThrottlingReason {
	var provisioned *types.ProvisionedThroughputExceededException
	var throttled *types.ThrottlingException
	var limit *types.RequestLimitExceeded
	var canceled *types.TransactionCanceledException
	switch {
	case err == nil:
		return nil
	case errors.As(err, &provisioned):
		return provisioned.ThrottlingReasons
	case errors.As(err, &throttled):
		return throttled.ThrottlingReasons
	case errors.As(err, &limit):
		return limit.ThrottlingReasons
	case !errors.As(err, &canceled):
		return nil
	}
	var reasons []types.ThrottlingReason
	for _, reason := range canceled.CancellationReasons {
		if IsThrottled(reason) {
			reasons = append(reasons, types.ThrottlingReason{Reason: reason.Code})
		}
	}
	return reasons
}

// IsThrottled reports whether an operation of a canceled transaction was throttled.
func IsThrottled(reason types.CancellationReason) bool {
	return table[OfReason(aws.ToString(reason.Code))].Again == Throttled
}

// limits has the last words of a reason of throttling, as the service writes them, and what they
// mean.
var limits = []struct{ name, meaning string }{
	{"ProvisionedThroughputExceeded", "exceed its provisioned capacity; raise it, make the table " +
		"on-demand, or slow down"},
	{"AccountLimitExceeded", "exceed the account's limit for one table on-demand; slow down, or " +
		"have the quota raised"},
	{"KeyRangeThroughputExceeded", "exceed what one partition takes, because one hash key, or a " +
		"few, get most requests; spread the hash keys, or slow down"},
	{"MaxOnDemandThroughputExceeded", "exceed the maximum that is set for it on-demand; raise the " +
		"maximum, or slow down"},
}

// DescribeThrottling returns what one reason means and how to fix it. A reason that is not known is
// returned as it is, with its resource.
func DescribeThrottling(reason types.ThrottlingReason) string {
	name := aws.ToString(reason.Reason)
	for _, kind := range []string{"Table", "Index"} {
		for _, operation := range []string{"Read", "Write"} {
			for _, limit := range limits {
				if name == kind+operation+limit.name {
					return strings.ToLower(operation) + "s of " + resource(kind, reason) + " " +
						limit.meaning
				}
			}
		}
	}
	if arn := aws.ToString(reason.Resource); arn != "" {
		name += " of " + arn
	}
	return "the service throttles the requests: " + shown.Within(name, shown.MaxCause)
}

// resource returns the table or the index in the ARN of a reason.
func resource(kind string, reason types.ThrottlingReason) string {
	arn := aws.ToString(reason.Resource)
	what := "the " + strings.ToLower(kind)
	separator := "/" + strings.ToLower(kind) + "/"
	if kind == "Table" {
		separator = ":table/"
	}
	if _, name, found := strings.Cut(arn, separator); found {
		return what + ` "` + shown.Name(name) + `"`
	}
	return what
}
