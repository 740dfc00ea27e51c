package tool

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamapper/dynamapper/internal/awserr"
)

// describedLive is what describe prints of a table: its keys and indexes, and all that a Spec says.
type describedLive struct {
	Table  string         `json:"table"`
	Models []string       `json:"models"`
	Exists bool           `json:"exists"`
	Status string         `json:"status,omitempty"`
	Keys   []describedKey `json:"keys,omitempty"`
	Items  int64          `json:"items"` // the service updates counts and sizes every six hours
	Bytes  int64          `json:"bytes"`

	Billing            string             `json:"billing,omitempty"`
	Units              *liveUnits         `json:"units,omitempty"` // of a provisioned table
	OnDemandMaximum    *liveUnits         `json:"onDemandMaximum,omitempty"`
	WarmThroughput     *liveUnits         `json:"warmThroughput,omitempty"`
	TTL                string             `json:"ttl,omitempty"`    // the attribute; "" if TTL is off
	Stream             string             `json:"stream,omitempty"` // the view; "" if there is none
	Class              string             `json:"class,omitempty"`
	DeletionProtection bool               `json:"deletionProtection"`
	Recovery           *liveRecovery      `json:"recovery,omitempty"`
	Key                string             `json:"key,omitempty"` // an ARN; "" for that of DynamoDB
	Tags               map[string]string  `json:"tags,omitempty"`
	Indexes            []describedIndexes `json:"indexes,omitempty"`
	VectorIndexes      []describedVector  `json:"vectorIndexes,omitempty"`
	Unknown            []string           `json:"unknown,omitempty"` // what could not be read, and why
}

// liveUnits are capacity units a second. A maximum of -1 is no limit.
type liveUnits struct {
	Read  int64 `json:"read"`
	Write int64 `json:"write"`
}

func (u liveUnits) String() string {
	return fmt.Sprintf("%d read and %d write units", u.Read, u.Write)
}

// liveRecovery is point-in-time recovery.
type liveRecovery struct {
	On   bool  `json:"on"`
	Days int32 `json:"days,omitempty"`
}

type describedKey struct {
	Name string `json:"name"`
	Type string `json:"type"`
	Role string `json:"role"` // hash or range, and filter for a vector index
}

type describedIndexes struct {
	Index    string         `json:"index"`
	Local    bool           `json:"local,omitempty"`
	Keys     []describedKey `json:"keys"`
	Projects string         `json:"projects"`
	Units    *liveUnits     `json:"units,omitempty"` // of a provisioned table
	Status   string         `json:"status,omitempty"`
	Items    int64          `json:"items"`
	Bytes    int64          `json:"bytes"`
}

type describedVector struct {
	Index      string         `json:"index"`
	Attribute  string         `json:"attribute"` // that holds the vectors
	Dimensions int64          `json:"dimensions"`
	Distance   string         `json:"distance"`
	Keys       []describedKey `json:"keys,omitempty"` // by which a search selects
	Projects   string         `json:"projects"`
	Status     string         `json:"status,omitempty"`
	Items      int64          `json:"items"`
	Bytes      int64          `json:"bytes"`
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
	if err := d.readRecovery(ctx, r.client); err != nil {
		return d, err
	}
	return d, d.readTags(ctx, r.client, out.Table.TableArn)
}

// note notes what could not be read. It returns the error unless the service or the client does not
// let this caller read it, which leaves the rest as it is.
func (d *describedLive) note(what string, err error) error {
	for _, code := range []string{"AccessDeniedException", "UnknownOperationException"} {
		if awserr.Is(err, code) {
			d.Unknown = append(d.Unknown, what+": "+code)
			return nil
		}
	}
	return err
}

func (d *describedLive) readRecovery(ctx context.Context, client any) error {
	const what = "point-in-time recovery"
	able, can := client.(interface {
		DescribeContinuousBackups(
			context.Context, *dynamodb.DescribeContinuousBackupsInput, ...func(*dynamodb.Options),
		) (*dynamodb.DescribeContinuousBackupsOutput, error)
	})
	if !can {
		d.Unknown = append(d.Unknown, what+": the client has no DescribeContinuousBackups")
		return nil
	}
	out, err := able.DescribeContinuousBackups(ctx,
		&dynamodb.DescribeContinuousBackupsInput{TableName: &d.Table})
	if err != nil {
		return d.note(what, err)
	}
	d.Recovery = &liveRecovery{}
	if backups := out.ContinuousBackupsDescription; backups != nil &&
		backups.PointInTimeRecoveryDescription != nil {
		recovery := backups.PointInTimeRecoveryDescription
		d.Recovery.On =
			recovery.PointInTimeRecoveryStatus == types.PointInTimeRecoveryStatusEnabled
		d.Recovery.Days = aws.ToInt32(recovery.RecoveryPeriodInDays)
	}
	return nil
}

func (d *describedLive) readTags(ctx context.Context, client any, arn *string) error {
	able, can := client.(interface {
		ListTagsOfResource(
			context.Context, *dynamodb.ListTagsOfResourceInput, ...func(*dynamodb.Options),
		) (*dynamodb.ListTagsOfResourceOutput, error)
	})
	if !can {
		d.Unknown = append(d.Unknown, "tags: the client has no ListTagsOfResource")
		return nil
	}
	tags := map[string]string{}
	for in := (&dynamodb.ListTagsOfResourceInput{ResourceArn: arn}); ; {
		out, err := able.ListTagsOfResource(ctx, in)
		if err != nil {
			return d.note("tags", err)
		}
		for _, tag := range out.Tags {
			tags[aws.ToString(tag.Key)] = aws.ToString(tag.Value)
		}
		if in.NextToken = out.NextToken; in.NextToken == nil {
			d.Tags = tags
			return nil
		}
	}
}

func (d *describedLive) read(t *types.TableDescription) {
	d.Status = string(t.TableStatus)
	d.Keys = describeKeys(t, t.KeySchema)
	d.Items, d.Bytes = aws.ToInt64(t.ItemCount), aws.ToInt64(t.TableSizeBytes)
	d.readCapacity(t)
	d.readProperties(t)
	for _, i := range t.GlobalSecondaryIndexes {
		one := describedIndexes{Index: aws.ToString(i.IndexName), Keys: describeKeys(t, i.KeySchema),
			Projects: describeProjection(i.Projection),
			Status:   statusOf(i.IndexStatus, i.Backfilling),
			Items:    aws.ToInt64(i.ItemCount), Bytes: aws.ToInt64(i.IndexSizeBytes)}
		if d.Units != nil {
			one.Units = unitsOfLive(i.ProvisionedThroughput)
		}
		d.Indexes = append(d.Indexes, one)
	}
	for _, i := range t.LocalSecondaryIndexes {
		d.Indexes = append(d.Indexes, describedIndexes{Index: aws.ToString(i.IndexName), Local: true,
			Keys: describeKeys(t, i.KeySchema), Projects: describeProjection(i.Projection),
			Items: aws.ToInt64(i.ItemCount), Bytes: aws.ToInt64(i.IndexSizeBytes)})
	}
	for _, v := range t.VectorIndexes {
		d.VectorIndexes = append(d.VectorIndexes, describeVector(t, &v))
	}
}

func (d *describedLive) readCapacity(t *types.TableDescription) {
	d.Billing = "on demand"
	if units := unitsOfLive(t.ProvisionedThroughput); units != nil && (t.BillingModeSummary == nil ||
		t.BillingModeSummary.BillingMode == types.BillingModeProvisioned) {
		d.Billing, d.Units = fmt.Sprintf("provisioned, %v", units), units
	}
	if most := t.OnDemandThroughput; most != nil {
		d.OnDemandMaximum = &liveUnits{orUnlimited(most.MaxReadRequestUnits),
			orUnlimited(most.MaxWriteRequestUnits)}
	}
	if warm := t.WarmThroughput; warm != nil {
		d.WarmThroughput = &liveUnits{aws.ToInt64(warm.ReadUnitsPerSecond),
			aws.ToInt64(warm.WriteUnitsPerSecond)}
	}
}

func (d *describedLive) readProperties(t *types.TableDescription) {
	if s := t.StreamSpecification; s != nil && aws.ToBool(s.StreamEnabled) {
		d.Stream = string(s.StreamViewType)
	}
	d.Class = string(types.TableClassStandard)
	if t.TableClassSummary != nil && t.TableClassSummary.TableClass != "" {
		d.Class = string(t.TableClassSummary.TableClass)
	}
	d.DeletionProtection = aws.ToBool(t.DeletionProtectionEnabled)
	if t.SSEDescription != nil && t.SSEDescription.Status != types.SSEStatusDisabled &&
		t.SSEDescription.Status != types.SSEStatusDisabling {
		d.Key = aws.ToString(t.SSEDescription.KMSMasterKeyArn)
	}
}

// unitsOfLive returns nil if a table or an index has no units of its own.
func unitsOfLive(units *types.ProvisionedThroughputDescription) *liveUnits {
	if units == nil {
		return nil
	}
	return &liveUnits{aws.ToInt64(units.ReadCapacityUnits), aws.ToInt64(units.WriteCapacityUnits)}
}

// orUnlimited returns a maximum, or -1 if there is none.
func orUnlimited(units *int64) int64 {
	if units == nil || *units == 0 {
		return -1
	}
	return *units
}

func statusOf(status types.IndexStatus, backfilling *bool) string {
	if aws.ToBool(backfilling) {
		return string(status) + ", backfilling"
	}
	return string(status)
}

func describeVector(t *types.TableDescription, v *types.VectorIndexDescription) describedVector {
	one := describedVector{Index: aws.ToString(v.IndexName), Dimensions: aws.ToInt64(v.Dimensions),
		Distance: string(v.DistanceFunction), Projects: describeProjection(v.Projection),
		Status: statusOf(v.IndexStatus, v.Backfilling),
		Items:  aws.ToInt64(v.ItemCount), Bytes: aws.ToInt64(v.IndexSizeBytes)}
	if v.VectorAttribute != nil {
		one.Attribute = aws.ToString(v.VectorAttribute.AttributeName)
	}
	for _, element := range v.SearchSchema {
		role := "filter"
		if element.SearchSchemaElementType == types.SearchSchemaElementTypeHash {
			role = "hash"
		}
		name := aws.ToString(element.AttributeName)
		one.Keys = append(one.Keys, describedKey{name, string(keyTypes(t)[name]), role})
	}
	return one
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

// rows is text for people: names, and what belongs to them.
type rows struct{ text strings.Builder }

func (r *rows) add(name, format string, args ...any) {
	fmt.Fprintf(&r.text, "  %-10s %s\n", name, fmt.Sprintf(format, args...))
}

// String returns the description for people.
func (d describedLive) String() string {
	var r rows
	fmt.Fprintf(&r.text, "%s\n", d.Table)
	r.add("models", "%s", strings.Join(d.Models, ", "))
	if !d.Exists {
		r.add("status", "the table does not exist; create it with apply")
		return r.text.String()
	}
	d.addTable(&r)
	for _, key := range slices.Sorted(maps.Keys(d.Tags)) {
		r.add("tag", "%s=%s", key, d.Tags[key])
	}
	d.addIndexes(&r)
	for _, unknown := range d.Unknown {
		r.add("unknown", "%s", unknown)
	}
	return r.text.String()
}

func (d *describedLive) addTable(r *rows) {
	r.add("status", "%s", d.Status)
	r.add("keys", "%s", keysText(d.Keys))
	r.add("items", "%s, %s, as counted by the service every six hours", number(d.Items),
		bytesText(d.Bytes))
	r.add("billing", "%s", d.Billing)
	if d.OnDemandMaximum != nil {
		r.add("maximum", "%v a second (-1: no limit)", d.OnDemandMaximum)
	}
	if d.WarmThroughput != nil {
		r.add("warm", "%v a second", d.WarmThroughput)
	}
	r.add("TTL", "%s", orOff(d.TTL))
	r.add("stream", "%s", orOff(d.Stream))
	r.add("class", "%s", d.Class)
	r.add("protection", "%s", map[bool]string{true: "on", false: "off"}[d.DeletionProtection])
	if d.Recovery != nil {
		r.add("recovery", "%s", d.Recovery)
	}
	r.add("encryption", "%s", d.keyText())
}

func (d *describedLive) addIndexes(r *rows) {
	for _, i := range d.Indexes {
		scope := "global"
		if i.Local {
			scope = "local"
		}
		r.add("index", "%s, %s: %s; projects %s; %s items, %s", i.Index, scope, keysText(i.Keys),
			i.Projects, number(i.Items), bytesText(i.Bytes))
		if i.Units != nil {
			r.add("", "%v", i.Units)
		}
		if !isActive(i.Status) {
			r.add("", "%s", i.Status)
		}
	}
	for _, v := range d.VectorIndexes {
		selects := ""
		if len(v.Keys) > 0 {
			selects = "; selects by " + keysText(v.Keys)
		}
		r.add("index", "%s, vector: %s, %d dimensions, %s%s; projects %s; %s items, %s", v.Index,
			v.Attribute, v.Dimensions, v.Distance, selects, v.Projects, number(v.Items),
			bytesText(v.Bytes))
		if !isActive(v.Status) {
			r.add("", "%s", v.Status)
		}
	}
}

func isActive(status string) bool {
	return status == "" || status == string(types.IndexStatusActive)
}

func (d *describedLive) keyText() string {
	if d.Key == "" {
		return "the key that DynamoDB owns"
	}
	return d.Key
}

// String returns the recovery for people.
func (r *liveRecovery) String() string {
	switch {
	case !r.On:
		return "off"
	case r.Days == 0:
		return "on"
	}
	return fmt.Sprintf("on, %d days", r.Days)
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
