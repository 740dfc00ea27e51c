package tool

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamapper/dynamapper"
)

func runVerify(ctx context.Context, r *run) error {
	for _, g := range r.groups {
		v := verified{Table: g.name, Models: g.modelNames()}
		err := g.verify(ctx)
		switch {
		case err == nil:
			v.OK = true
			r.say("%s: as the models say\n", g.name)
		case isMissing(err):
			v.Problem = "the table does not exist; create it with apply"
		case errors.Is(err, dynamapper.ErrSchema):
			v.Problem = err.Error()
		default:
			return err
		}
		if !v.OK {
			r.differs()
			r.say("%s: %s\n", g.name, v.Problem)
		}
		r.result.Verified = append(r.result.Verified, v)
	}
	return nil
}

func runPlan(ctx context.Context, r *run) error {
	plan, err := dynamapper.PlanTables(ctx, tablesOf(r.groups)...)
	if err != nil {
		return err
	}
	r.showPlan(plan)
	return nil
}

// showPlan makes a plan the result.
func (r *run) showPlan(plan *dynamapper.Plan) {
	r.result.Plan = &planned{Changes: orEmpty(plan.Changes)}
	r.say("%s", plan)
	if !plan.Empty() {
		r.differs()
	}
}

// orEmpty returns a list that is [] in JSON if it is empty.
func orEmpty[E any](list []E) []E {
	if list == nil {
		return []E{}
	}
	return list
}

func runApply(ctx context.Context, r *run) error {
	plan, err := dynamapper.PlanTables(ctx, tablesOf(r.groups)...)
	if err != nil {
		return err
	}
	if r.flags.dryRun {
		r.showPlan(plan)
		return nil
	}
	done := &applied{Done: []dynamapper.TableChange{}, Left: []dynamapper.TableChange{}}
	r.result.Applied = done
	if plan.Empty() {
		r.say("%s", plan)
		return nil
	}
	opts := []dynamapper.ApplyOption{dynamapper.OnProgress(func(c dynamapper.TableChange) {
		done.Done = append(done.Done, c)
		r.say("done: %s: %s\n", c.Table, c.What)
	})}
	if r.flags.allowDestroy {
		opts = append(opts, dynamapper.AllowDestroy())
	}
	r.progress.line("changes to apply: %d; a new index of a large table takes hours",
		len(plan.Changes))
	err = plan.Apply(ctx, opts...)
	left := (*dynamapper.PlanError)(nil)
	if !errors.As(err, &left) {
		return err
	}
	done.Left = left.Left
	for _, c := range left.Left {
		r.say("left out: %s", strings.TrimLeft(c.String(), " "))
		if c.Impossible == "" {
			r.say("    to make it, give -allow-destroy\n")
		}
	}
	r.differs()
	return nil
}

// describedLive is what describe prints of a table.
type describedLive struct {
	Table   string             `json:"table"`
	Models  []string           `json:"models"`
	Exists  bool               `json:"exists"`
	Status  string             `json:"status,omitempty"`
	Keys    []describedKey     `json:"keys,omitempty"`
	Items   int64              `json:"items"` // the service updates counts and sizes every six hours
	Bytes   int64              `json:"bytes"`
	Billing string             `json:"billing,omitempty"`
	TTL     string             `json:"ttl,omitempty"`    // the attribute; "" if TTL is off
	Stream  string             `json:"stream,omitempty"` // the view; "" if there is none
	Indexes []describedIndexes `json:"indexes,omitempty"`
}

type describedKey struct {
	Name string `json:"name"`
	Type string `json:"type"`
	Role string `json:"role"` // hash or range
}

type describedIndexes struct {
	Index    string         `json:"index"`
	Local    bool           `json:"local,omitempty"`
	Keys     []describedKey `json:"keys"`
	Projects string         `json:"projects"`
	Status   string         `json:"status,omitempty"`
	Items    int64          `json:"items"`
	Bytes    int64          `json:"bytes"`
}

func runDescribe(ctx context.Context, r *run) error {
	for _, g := range r.groups {
		d, err := r.describe(ctx, g)
		if err != nil {
			return fmt.Errorf("table %q: %w", g.name, err)
		}
		r.result.Described = append(r.result.Described, d)
		r.say("%s", d)
		if !d.Exists {
			r.differs()
		}
	}
	return nil
}

// describe asks the service about a table.
func (r *run) describe(ctx context.Context, g *group) (describedLive, error) {
	d := describedLive{Table: g.name, Models: g.modelNames()}
	out, err := r.client.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: &g.name})
	if isMissing(err) {
		return d, nil
	}
	if err != nil {
		return d, err
	}
	d.Exists = true
	d.read(out.Table)
	ttl, err := r.client.DescribeTimeToLive(ctx,
		&dynamodb.DescribeTimeToLiveInput{TableName: &g.name})
	if err != nil {
		return d, err
	}
	if at := ttl.TimeToLiveDescription; at != nil &&
		(at.TimeToLiveStatus == types.TimeToLiveStatusEnabled ||
			at.TimeToLiveStatus == types.TimeToLiveStatusEnabling) {
		d.TTL = aws.ToString(at.AttributeName)
	}
	return d, nil
}

func (d *describedLive) read(t *types.TableDescription) {
	d.Status = string(t.TableStatus)
	d.Keys = describeKeys(t, t.KeySchema)
	d.Items, d.Bytes = aws.ToInt64(t.ItemCount), aws.ToInt64(t.TableSizeBytes)
	d.Billing = "on demand"
	if units := t.ProvisionedThroughput; units != nil && (t.BillingModeSummary == nil ||
		t.BillingModeSummary.BillingMode == types.BillingModeProvisioned) {
		d.Billing = fmt.Sprintf("provisioned, %d read and %d write units",
			aws.ToInt64(units.ReadCapacityUnits), aws.ToInt64(units.WriteCapacityUnits))
	}
	if s := t.StreamSpecification; s != nil && aws.ToBool(s.StreamEnabled) {
		d.Stream = string(s.StreamViewType)
	}
	for _, i := range t.GlobalSecondaryIndexes {
		status := string(i.IndexStatus)
		if aws.ToBool(i.Backfilling) {
			status += ", backfilling"
		}
		d.Indexes = append(d.Indexes, describedIndexes{aws.ToString(i.IndexName), false,
			describeKeys(t, i.KeySchema), describeProjection(i.Projection), status,
			aws.ToInt64(i.ItemCount), aws.ToInt64(i.IndexSizeBytes)})
	}
	for _, i := range t.LocalSecondaryIndexes {
		d.Indexes = append(d.Indexes, describedIndexes{aws.ToString(i.IndexName), true,
			describeKeys(t, i.KeySchema), describeProjection(i.Projection), "",
			aws.ToInt64(i.ItemCount), aws.ToInt64(i.IndexSizeBytes)})
	}
}

func describeKeys(t *types.TableDescription, keys []types.KeySchemaElement) []describedKey {
	described := make([]describedKey, len(keys))
	for i, key := range keys {
		described[i] = describedKey{Name: aws.ToString(key.AttributeName),
			Type: string(keyTypes(t)[aws.ToString(key.AttributeName)]),
			Role: strings.ToLower(string(key.KeyType))}
	}
	return described
}

// keyTypes returns the types of all attributes that are keys of the table or of an index.
func keyTypes(t *types.TableDescription) map[string]types.ScalarAttributeType {
	kinds := map[string]types.ScalarAttributeType{}
	for _, a := range t.AttributeDefinitions {
		kinds[aws.ToString(a.AttributeName)] = a.AttributeType
	}
	return kinds
}

func describeProjection(p *types.Projection) string {
	if p == nil || p.ProjectionType == types.ProjectionTypeAll {
		return "all attributes"
	}
	if p.ProjectionType == types.ProjectionTypeKeysOnly {
		return "the keys"
	}
	return "the keys, " + strings.Join(p.NonKeyAttributes, ", ")
}

// String returns the description for people.
func (d describedLive) String() string {
	var text strings.Builder
	row := func(name, format string, args ...any) {
		fmt.Fprintf(&text, "  %-8s %s\n", name, fmt.Sprintf(format, args...))
	}
	fmt.Fprintf(&text, "%s\n", d.Table)
	row("models", "%s", strings.Join(d.Models, ", "))
	if !d.Exists {
		row("status", "the table does not exist; create it with apply")
		return text.String()
	}
	row("status", "%s", d.Status)
	row("keys", "%s", keysText(d.Keys))
	row("items", "%s, %s, as counted by the service every six hours", number(d.Items),
		bytesText(d.Bytes))
	row("billing", "%s", d.Billing)
	row("TTL", "%s", orOff(d.TTL))
	row("stream", "%s", orOff(d.Stream))
	for _, i := range d.Indexes {
		scope := "global"
		if i.Local {
			scope = "local"
		}
		row("index", "%s, %s: %s; projects %s; %s items, %s", i.Index, scope, keysText(i.Keys),
			i.Projects, number(i.Items), bytesText(i.Bytes))
		if i.Status != "" && i.Status != string(types.IndexStatusActive) {
			row("", "%s", i.Status)
		}
	}
	return text.String()
}

func keysText(keys []describedKey) string {
	texts := make([]string, len(keys))
	for i, key := range keys {
		texts[i] = fmt.Sprintf("%s (%s, %s)", key.Name, key.Type, key.Role)
	}
	return strings.Join(texts, ", ")
}

func orOff(text string) string {
	if text == "" {
		return "off"
	}
	return text
}
