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

// Verify compares the live table with the model: the keys and their types, each index of the model
// with its keys and its projection, and TTL. It also compares what the table's Spec says. If they
// differ, it returns one *SchemaError (errors.Is: ErrSchema) that lists every difference with its
// fix.
//
// The table may have more than the model: other indexes, an index that projects more, TTL on an
// attribute that the model does not have. An index that is still being created counts as there, as
// does TTL that is still being switched on.
//
// Verify sends DescribeTable and DescribeTimeToLive, and DescribeContinuousBackups and
// ListTagsOfResource if the Spec has Recovery and Tags. If DescribeTimeToLive is not allowed and
// the model has no ttl field, it does not check TTL. If the table does not exist, the error wraps
// the SDK's *types.ResourceNotFoundException.
func (t *Table[T]) Verify(ctx context.Context) error {
	return orZero(t).untyped.verify(ctx)
}

// Describe returns the description of the live table: its status, keys, indexes, capacity, size,
// ARN and replicas. It sends one DescribeTable. If the table does not exist, the error wraps the
// SDK's *types.ResourceNotFoundException.
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TableDescription.html
func (t *Table[T]) Describe(ctx context.Context) (*types.TableDescription, error) {
	return orZero(t).untyped.describeLive(ctx)
}

func (t *table) describeLive(ctx context.Context) (*types.TableDescription, error) {
	if err := t.check(ctx); err != nil {
		return nil, newCallError("Describe", t.name, err)
	}
	return t.describe(ctx, "Describe")
}

func (t *table) verify(ctx context.Context) error {
	if err := t.check(ctx); err != nil {
		return newCallError("Verify", t.name, err)
	}
	table, err := t.describe(ctx, "Verify")
	if err != nil {
		return err
	}
	ttl, err := t.describeTTL(ctx, "Verify")
	if err != nil {
		return err
	}
	problems := append(t.schema.compareTable(table), t.schema.compareTTL(ttl)...)
	unlike, err := newPlannedTable(t).compareSpec(ctx, "Verify", table)
	if err != nil {
		return err
	}
	return t.newDifferenceError("Verify", append(problems, unlike...))
}

// newDifferenceError returns one error for all differences, or nil if there are none.
func (t *table) newDifferenceError(op string, problems []string) error {
	if len(problems) == 0 {
		return nil
	}
	return &SchemaError{
		Op: op, Table: t.name,
		Type:    t.schema.goType,
		Problem: "the table is not as the model says: " + strings.Join(problems, "; "),
	}
}

// compareTable describes the differences between the keys and indexes of the live table and the
// model.
func (s *schema) compareTable(table *types.TableDescription) []string {
	var problems []string
	kinds := table.AttributeDefinitions
	live, want := describeLiveKeys(table.KeySchema, kinds), describeKeys(s.keysOf(nil))
	if live != want {
		problems = append(problems, fmt.Sprintf(
			"its keys are %s, those of the model %s: correct the tags, or create the table again, "+
				"because keys cannot be changed", live, want))
	}
	// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/V2globaltables_HowItWorks.html
	if table.MultiRegionConsistency == types.MultiRegionConsistencyStrong && s.ttl != nil {
		problems = append(problems, fmt.Sprintf(
			"it is a global table with strong consistency in several regions, which has no TTL, "+
				"and the model says the attribute %q: remove the option ttl, and delete expired "+
				"items yourself", s.ttl.attribute))
	}
	indexes := liveIndexes(table)
	for _, i := range s.indexes {
		at := slices.IndexFunc(indexes, func(live liveIndex) bool { return live.name == i.name })
		if at < 0 || indexes[at].status == types.IndexStatusDeleting {
			problems = append(problems, i.describeMissing())
		} else {
			problems = append(problems, s.compareIndex(i, indexes[at], kinds)...)
		}
	}
	return append(problems, s.compareVectors(table)...)
}

// liveIndex describes a global or local secondary index of a live table.
type liveIndex struct {
	name       string
	local      bool
	keys       []types.KeySchemaElement
	projection *types.Projection
	status     types.IndexStatus // "" for a local index, which has no status
}

func liveIndexes(table *types.TableDescription) []liveIndex {
	var indexes []liveIndex
	for _, i := range table.GlobalSecondaryIndexes {
		indexes = append(indexes,
			liveIndex{aws.ToString(i.IndexName), false, i.KeySchema, i.Projection, i.IndexStatus})
	}
	for _, i := range table.LocalSecondaryIndexes {
		indexes = append(indexes,
			liveIndex{aws.ToString(i.IndexName), true, i.KeySchema, i.Projection, ""})
	}
	return indexes
}

// awaitsIndex reports whether an index of the model cannot be used yet.
func (s *schema) awaitsIndex(table *types.TableDescription) bool {
	return slices.ContainsFunc(liveIndexes(table), func(live liveIndex) bool {
		coming := live.status == types.IndexStatusCreating ||
			live.status == types.IndexStatusUpdating
		return coming &&
			slices.ContainsFunc(s.indexes, func(i *index) bool { return i.name == live.name })
	})
}

func (i *index) describeMissing() string {
	if i.local {
		return fmt.Sprintf(
			"the local index %q is missing: create the table again, because a local index comes "+
				"only with it, or declare a global one", i.name)
	}
	return fmt.Sprintf("the index %q is missing: add it with PlanTables and Apply", i.name)
}

func (s *schema) compareIndex(
	i *index, live liveIndex, kinds []types.AttributeDefinition,
) []string {
	const fix = "correct the tags, or replace the index with PlanTables and Apply"
	if live.local != i.local {
		return []string{
			fmt.Sprintf("the index %q is %s, that of the model %s: %s", i.name,
				describeScope(live.local), describeScope(i.local), fix)}
	}
	var problems []string
	liveKeys, want := listLiveKeys(live.keys, kinds), listKeys(i.keys)
	if problem := describeKeyDifference(liveKeys, want, fix); problem != "" {
		problems = append(problems, fmt.Sprintf("the keys of index %q are %s", i.name, problem))
	}
	if lacking := s.lackingIn(i, live.projection); lacking != "" {
		problems = append(problems,
			fmt.Sprintf(
				"the index %q lacks %s: say in its tag what it projects (keys_only or include=), "+
					"or replace the index with PlanTables and Apply", i.name, lacking))
	}
	return problems
}

func describeScope(local bool) string {
	if local {
		return "local"
	}
	return "global"
}

// lackingIn names what the index of the model projects and the live one does not, or returns "".
func (s *schema) lackingIn(i *index, live *types.Projection) string {
	if live == nil || live.ProjectionType == types.ProjectionTypeAll || i.keysOnly {
		return ""
	}
	if i.projectsAll() {
		return "attributes, while that of the model projects all"
	}
	var lacking []string
	for _, attribute := range s.makeProjection(i).NonKeyAttributes {
		if !slices.Contains(live.NonKeyAttributes, attribute) {
			lacking = append(lacking, fmt.Sprintf("%q", attribute))
		}
	}
	switch len(lacking) {
	case 0:
		return ""
	case 1:
		return "the attribute " + lacking[0]
	}
	return "the attributes " + strings.Join(lacking, ", ")
}

// describeKeyDifference describes how the keys of a live index differ from those of the model, or
// returns "". fix says what to do if more than the order differs.
func describeKeyDifference(live, want []string, fix string) string {
	if slices.Equal(live, want) {
		return ""
	}
	if slices.Equal(slices.Sorted(slices.Values(live)), slices.Sorted(slices.Values(want))) {
		fix = "number them in the tags in this order, as in hash=1 and hash=2, or replace the index " +
			"with PlanTables and Apply"
	}
	return fmt.Sprintf("%s, those of the model %s: %s", strings.Join(live, ", "),
		strings.Join(want, ", "), fix)
}

// describeKeys describes the keys of the model in the form of describeLiveKeys.
func describeKeys(keys keySchema) string { return strings.Join(listKeys(keys), ", ") }

// listKeys describes each key attribute of the model: hash "login" (S).
func listKeys(keys keySchema) []string {
	var texts []string
	for _, f := range keys.hash {
		texts = append(texts, fmt.Sprintf("hash %q (%s)", f.attribute, f.codec.wire))
	}
	for _, f := range keys.rng {
		texts = append(texts, fmt.Sprintf("range %q (%s)", f.attribute, f.codec.wire))
	}
	return texts
}

// describeLiveKeys describes the keys of a live table or index: hash "login" (S), range "at" (N).
func describeLiveKeys(keys []types.KeySchemaElement, kinds []types.AttributeDefinition) string {
	return strings.Join(listLiveKeys(keys, kinds), ", ")
}

// listLiveKeys describes each key attribute of a live table or index, as listKeys does.
func listLiveKeys(keys []types.KeySchemaElement, kinds []types.AttributeDefinition) []string {
	var texts []string
	for _, key := range keys {
		attribute := aws.ToString(key.AttributeName)
		texts = append(texts,
			fmt.Sprintf("%s %q (%s)", strings.ToLower(string(key.KeyType)), attribute,
				kindOfLive(attribute, kinds)))
	}
	return texts
}

// kindOfLive returns the type of a key attribute of a live table.
func kindOfLive(attribute string, kinds []types.AttributeDefinition) types.ScalarAttributeType {
	for _, kind := range kinds {
		if aws.ToString(kind.AttributeName) == attribute {
			return kind.AttributeType
		}
	}
	return "unknown"
}

// compareTTL describes the difference between TTL of the live table and the model.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/time-to-live-ttl-how-to.html
func (s *schema) compareTTL(ttl *types.TimeToLiveDescription) []string {
	live := aws.ToString(ttl.AttributeName)
	on := ttl.TimeToLiveStatus == types.TimeToLiveStatusEnabled ||
		ttl.TimeToLiveStatus == types.TimeToLiveStatusEnabling
	problem := ""
	switch {
	case s.ttl == nil && on && s.byAttribute[live] != nil:
		problem = fmt.Sprintf(
			"TTL is on for the attribute %q, whose field has not the option ttl: add the "+
				"option, or switch TTL off with UpdateTimeToLive", live)
	case s.ttl == nil:
		return nil
	case ttl.TimeToLiveStatus == types.TimeToLiveStatusDisabling:
		problem = fmt.Sprintf(
			"TTL is being switched off, and the model says the attribute %q: call EnsureTable "+
				"when that is done, within an hour", s.ttl.attribute)
	case !on:
		problem = fmt.Sprintf(
			"TTL is off, and the model says the attribute %q: call EnsureTable, which switches "+
				"it on", s.ttl.attribute)
	case live != s.ttl.attribute:
		problem = fmt.Sprintf(
			"TTL is on for the attribute %q, and the model says %q: correct the tags, or switch "+
				"it off with UpdateTimeToLive, "+
				"wait up to an hour and call EnsureTable", live, s.ttl.attribute)
	default:
		return nil
	}
	return []string{problem}
}

// isTTLOff reports whether TTL can be switched on.
func isTTLOff(ttl *types.TimeToLiveDescription) bool {
	return ttl.TimeToLiveStatus == types.TimeToLiveStatusDisabled || ttl.TimeToLiveStatus == ""
}

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
			problem: "a response was lost, and the table exists now, made by this call or by " +
				"another; call EnsureTable, which accepts both"}
	case made.CreationDateTime != nil && made.CreationDateTime.Before(began.Add(-clockSkew)),
		made.TableStatus == types.TableStatusDeleting:
		return refusal
	}
	differ := differencesOf(in, made)
	if len(differ) == 0 {
		return nil
	}
	return &RequestError{Op: "CreateTable", Table: t.name, Err: refusal,
		problem: fmt.Sprintf(
			"another table of this name was made at the same time, with other %s; use "+
				"EnsureTable, which compares the table with the model, or call DeleteTable before",
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
	hold("vector indexes", describeVectors(askedVectors(in.VectorIndexes), in.AttributeDefinitions),
		describeVectors(made.VectorIndexes, made.AttributeDefinitions))
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
