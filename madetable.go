package dynamapper

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// clockSkew is the largest difference between the clocks of this machine and the service. If they
// differ more, the service refuses the signature of a request.
const clockSkew = 5 * time.Minute

// judgeMade decides whether this call created a table that exists after a response to its creation
// was lost. It compares the age of the table and everything that the request asked for. If the
// table existed before the call, it returns refusal.
func (t *table) judgeMade(
	ctx context.Context, in *dynamodb.CreateTableInput, began time.Time, refusal error,
) error {
	made, err := t.describe(ctx, "CreateTable")
	switch {
	case err != nil:
		return &UnknownOutcomeError{Op: "CreateTable", Table: t.name, Err: err,
			problem: "an answer was lost, and the table exists now, made by this call or by " +
				"another; call EnsureTable, which takes either"}
	case made.CreationDateTime != nil && made.CreationDateTime.Before(began.Add(-clockSkew)),
		made.TableStatus == types.TableStatusDeleting:
		return refusal
	}
	differ := differencesOf(in, made)
	if len(differ) == 0 {
		return nil
	}
	return &requestError{op: "CreateTable", table: t.name, err: refusal,
		problem: fmt.Sprintf(
			"another table of this name was made at the same time, with other %s; take "+
				"EnsureTable, "+
				"which checks it against the model, or DeleteTable before",
			strings.Join(differ, ", "))}
}

// differencesOf lists how a table differs from what the request asks for.
func differencesOf(in *dynamodb.CreateTableInput, made *types.TableDescription) []string {
	var differ []string
	hold := func(what string, asked, live any) {
		if asked != live {
			differ = append(differ, what)
		}
	}
	hold("keys", describeLiveKeys(in.KeySchema, in.AttributeDefinitions),
		describeLiveKeys(made.KeySchema, made.AttributeDefinitions))
	hold("indexes", describeIndexes(askedIndexes(in), in.AttributeDefinitions),
		describeIndexes(liveIndexes(made), made.AttributeDefinitions))
	hold("capacity", askedCapacity(in), liveCapacity(made))
	hold("stream", describeStream(in.StreamSpecification), describeStream(made.StreamSpecification))
	hold("deletion protection", aws.ToBool(in.DeletionProtectionEnabled),
		aws.ToBool(made.DeletionProtectionEnabled))
	class := types.TableClass("")
	if made.TableClassSummary != nil {
		class = made.TableClassSummary.TableClass
	}
	hold("class", orDefault(in.TableClass, types.TableClassStandard),
		orDefault(class, types.TableClassStandard))
	return differ
}

// orDefault returns the value, or the default if the value is left out.
func orDefault[V ~string](value, otherwise V) V {
	if value == "" {
		return otherwise
	}
	return value
}

// askedIndexes lists the indexes of a request in the form of liveIndexes.
func askedIndexes(in *dynamodb.CreateTableInput) []liveIndex {
	var indexes []liveIndex
	for _, i := range in.GlobalSecondaryIndexes {
		indexes = append(indexes,
			liveIndex{name: aws.ToString(i.IndexName), keys: i.KeySchema, projection: i.Projection})
	}
	for _, i := range in.LocalSecondaryIndexes {
		indexes = append(indexes,
			liveIndex{name: aws.ToString(i.IndexName), local: true, keys: i.KeySchema,
				projection: i.Projection})
	}
	return indexes
}

// describeIndexes describes indexes in a form that does not depend on their order.
func describeIndexes(indexes []liveIndex, kinds []types.AttributeDefinition) string {
	var texts []string
	for _, i := range indexes {
		text := fmt.Sprintf("%q %s %s", i.name, describeScope(i.local),
			describeLiveKeys(i.keys, kinds))
		if i.projection != nil {
			included := slices.Sorted(slices.Values(i.projection.NonKeyAttributes))
			text += fmt.Sprintf(" %s %q", i.projection.ProjectionType, included)
		}
		texts = append(texts, text)
	}
	slices.Sort(texts)
	return strings.Join(texts, "\n")
}

// capacity is the billing mode of a table, and the units that it reserves.
type capacity struct {
	mode        types.BillingMode
	read, write int64
}

func askedCapacity(in *dynamodb.CreateTableInput) capacity {
	c := capacity{mode: orDefault(in.BillingMode, types.BillingModeProvisioned)}
	if units := in.ProvisionedThroughput; units != nil {
		c.read, c.write = aws.ToInt64(units.ReadCapacityUnits),
			aws.ToInt64(units.WriteCapacityUnits)
	}
	return c
}

func liveCapacity(made *types.TableDescription) capacity {
	c := capacity{mode: types.BillingModeProvisioned}
	if made.BillingModeSummary != nil {
		c.mode = orDefault(made.BillingModeSummary.BillingMode, c.mode)
	}
	if units := made.ProvisionedThroughput; units != nil && c.mode == types.BillingModeProvisioned {
		c.read, c.write = aws.ToInt64(units.ReadCapacityUnits),
			aws.ToInt64(units.WriteCapacityUnits)
	}
	return c
}

func describeStream(stream *types.StreamSpecification) types.StreamViewType {
	if stream == nil || !aws.ToBool(stream.StreamEnabled) {
		return ""
	}
	return stream.StreamViewType
}
