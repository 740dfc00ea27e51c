package dynamapper

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// planUpdate plans a change that one UpdateTable makes.
func (p *planner) planUpdate(c TableChange, edit func(*dynamodb.UpdateTableInput)) {
	c.Why = fromSpec
	c.send = func(ctx context.Context) error { return p.updateTable(ctx, p.op, edit) }
	p.add(c)
}

// wantedMode returns the billing mode that the table is to have.
func (p *planner) wantedMode() types.BillingMode {
	return orDefault(p.spec.Billing, liveCapacity(p.live.description).mode)
}

// planCapacity plans the billing mode, and what else the spec says of the capacity in that mode.
func (p *planner) planCapacity() {
	live, want := liveCapacity(p.live.description), p.wantedMode()
	switch {
	case want != live.mode:
		p.planBilling(want) // with the units of a provisioned table
	case want == types.BillingModeProvisioned:
		p.planUnits(live)
		p.planIndexUnits()
	}
	p.planMaximum(want)
	p.planWarm()
}

// planBilling plans another billing mode.
func (p *planner) planBilling(mode types.BillingMode) {
	c := TableChange{Kind: "billing", What: "switch to capacity on demand",
		Effect: "DynamoDB allows four such switches in 24 hours"}
	if mode == types.BillingModeProvisioned {
		c.What = fmt.Sprintf("switch to provisioned capacity of %s", p.spec.Units)
		c.Effect = "requests beyond the units are throttled; DynamoDB does not switch back to " +
			"on demand more than four times in 24 hours"
		for _, l := range p.indexes.stays {
			if l.vector != nil {
				c.Impossible = fmt.Sprintf("the table has the vector index %q, which only a table "+
					"with on-demand capacity takes; remove the index, or leave Spec.Billing out",
					l.name)
			}
		}
		for _, l := range p.indexes.first {
			if l.vector != nil {
				c.Needs = append(c.Needs, l.name)
			}
		}
	}
	p.planUpdate(c, func(in *dynamodb.UpdateTableInput) {
		in.BillingMode = mode
		if mode != types.BillingModeProvisioned {
			return
		}
		in.ProvisionedThroughput = p.spec.Units.provisioned()
		for _, i := range p.live.description.GlobalSecondaryIndexes {
			in.GlobalSecondaryIndexUpdates = append(in.GlobalSecondaryIndexUpdates,
				updateOfUnits(aws.ToString(i.IndexName), p.spec.unitsOf(aws.ToString(i.IndexName))))
		}
	})
}

func updateOfUnits(
	index string, units *types.ProvisionedThroughput,
) types.GlobalSecondaryIndexUpdate {
	return types.GlobalSecondaryIndexUpdate{Update: &types.UpdateGlobalSecondaryIndexAction{
		IndexName: &index, ProvisionedThroughput: units}}
}

// planUnits plans other units of a provisioned table.
func (p *planner) planUnits(live capacity) {
	want := p.spec.Units
	if want == (Units{}) || want == (Units{live.read, live.write}) {
		return
	}
	p.planUpdate(TableChange{Kind: "units",
		What: fmt.Sprintf("change the capacity from %s to %s", Units{live.read, live.write},
			want),
		Effect: "DynamoDB allows a limited number of decreases a day"},
		func(in *dynamodb.UpdateTableInput) { in.ProvisionedThroughput = want.provisioned() })
}

// planIndexUnits plans other units of the global indexes of a provisioned table.
func (p *planner) planIndexUnits() {
	for _, i := range p.live.description.GlobalSecondaryIndexes {
		name := aws.ToString(i.IndexName)
		want := p.spec.unitsOf(name)
		_, own := p.spec.IndexUnits[name]
		if want == nil || i.ProvisionedThroughput == nil ||
			!own && p.schema.indexNamed(name) == nil {
			continue
		}
		has := unitsOfLive(i.ProvisionedThroughput)
		to := Units{*want.ReadCapacityUnits, *want.WriteCapacityUnits}
		if has == to {
			continue
		}
		p.planUpdate(TableChange{Kind: "index-units", Index: name,
			What: fmt.Sprintf("change the capacity of index %q from %s to %s", name, has, to)},
			func(in *dynamodb.UpdateTableInput) {
				in.GlobalSecondaryIndexUpdates = []types.GlobalSecondaryIndexUpdate{
					updateOfUnits(name, want)}
			})
	}
}

// unitsOfLive returns the units of a live table or index, or none.
func unitsOfLive(live *types.ProvisionedThroughputDescription) Units {
	if live == nil {
		return Units{}
	}
	return Units{aws.ToInt64(live.ReadCapacityUnits), aws.ToInt64(live.WriteCapacityUnits)}
}

// maximumOfLive returns the limits of a live table or index on demand, 0 for no limit.
func maximumOfLive(live *types.OnDemandThroughput) Units {
	if live == nil {
		return Units{}
	}
	return Units{max(0, aws.ToInt64(live.MaxReadRequestUnits)),
		max(0, aws.ToInt64(live.MaxWriteRequestUnits))}
}

// planMaximum plans other limits of a table on demand. A provisioned table has none.
func (p *planner) planMaximum(mode types.BillingMode) {
	want, live := p.spec.OnDemandMaximum, maximumOfLive(p.live.description.OnDemandThroughput)
	live = Units{orUnlimited(live.Read), orUnlimited(live.Write)}
	if (want.Read == 0 || want.Read == live.Read) && (want.Write == 0 || want.Write == live.Write) {
		return
	}
	c := TableChange{Kind: "on-demand-maximum",
		What:   fmt.Sprintf("limit requests on demand to %s a second", want.given()),
		Effect: "requests beyond the limit are throttled"}
	if mode == types.BillingModeProvisioned {
		c.Impossible = "the table has provisioned capacity; give the Spec the Billing " +
			"types.BillingModePayPerRequest, or remove OnDemandMaximum"
	}
	p.planUpdate(c,
		func(in *dynamodb.UpdateTableInput) { in.OnDemandThroughput = want.onDemand() })
}

// orUnlimited returns a maximum, or -1 if there is none.
func orUnlimited(units int64) int64 {
	if units == 0 {
		return -1
	}
	return units
}

// planWarm plans a higher warm throughput. A lower one is not a difference, because the service
// raises it as the table is used, and never lowers it.
func (p *planner) planWarm() {
	want, live := p.spec.WarmThroughput, Units{}
	if warm := p.live.description.WarmThroughput; warm != nil {
		live = Units{aws.ToInt64(warm.ReadUnitsPerSecond), aws.ToInt64(warm.WriteUnitsPerSecond)}
	}
	if want.Read <= live.Read && want.Write <= live.Write {
		return
	}
	to := Units{max(want.Read, live.Read), max(want.Write, live.Write)}
	p.planUpdate(TableChange{Kind: "warm-throughput",
		What:   fmt.Sprintf("raise the warm throughput from %s to %s", live, to),
		Effect: "AWS charges for the units by which it is raised"},
		func(in *dynamodb.UpdateTableInput) {
			in.WarmThroughput = &types.WarmThroughput{
				ReadUnitsPerSecond: aws.Int64(to.Read), WriteUnitsPerSecond: aws.Int64(to.Write)}
		})
}

// planProperties plans what the spec says besides capacity.
func (p *planner) planProperties() {
	p.planClass()
	p.planProtection()
	p.planStream()
	p.planEncryption()
	p.planRecovery()
	p.planTags()
}

func (p *planner) planClass() {
	live := types.TableClassStandard
	if summary := p.live.description.TableClassSummary; summary != nil {
		live = orDefault(summary.TableClass, live)
	}
	if want := p.spec.Class; want != "" && want != live {
		p.planUpdate(TableChange{Kind: "class",
			What:   fmt.Sprintf("change the table class from %s to %s", live, want),
			Effect: "prices change; DynamoDB allows two such changes in 30 days"},
			func(in *dynamodb.UpdateTableInput) { in.TableClass = want })
	}
}

func (p *planner) planProtection() {
	want := p.spec.DeletionProtection
	live := aws.ToBool(p.live.description.DeletionProtectionEnabled)
	if want != "" && (want == On) != live {
		p.planUpdate(TableChange{Kind: "deletion-protection",
			What: fmt.Sprintf("switch deletion protection %s", want)},
			func(in *dynamodb.UpdateTableInput) {
				in.DeletionProtectionEnabled = aws.Bool(want == On)
			})
	}
}

// planStream plans a stream. Its view cannot be changed: the stream is switched off, and another
// one on, which the next comparison plans.
func (p *planner) planStream() {
	want, live := p.spec.Stream, describeStream(p.live.description.StreamSpecification)
	if want == StreamOff {
		want = ""
	}
	if p.spec.Stream == "" || want == live {
		return
	}
	c := TableChange{Kind: "stream", What: fmt.Sprintf("switch on a stream of %s", want)}
	asks := p.spec.stream()
	if live != "" {
		c.Destroys = true
		c.What = fmt.Sprintf("switch off the stream of %s", live)
		c.Effect = "what reads the stream gets no further changes; its records are kept for 24 " +
			"hours"
		if want != "" {
			c.What += fmt.Sprintf(", and switch on one of %s", want)
			c.Effect += "; the new stream has another ARN, and changes in between are in neither"
		}
		asks = &types.StreamSpecification{StreamEnabled: aws.Bool(false)}
	}
	p.planUpdate(c, func(in *dynamodb.UpdateTableInput) { in.StreamSpecification = asks })
}

func (p *planner) planEncryption() {
	want, live := p.spec.Key, p.live.description.SSEDescription
	key, status := "", types.SSEStatusDisabled
	if live != nil {
		key, status = aws.ToString(live.KMSMasterKeyArn), orDefault(live.Status, status)
	}
	isOn := status == types.SSEStatusEnabled || status == types.SSEStatusUpdating ||
		status == types.SSEStatusEnabling
	switch {
	case want == "", want == OwnedKey && !isOn,
		want != OwnedKey && isOn && isKeyOf(want, key):
		return
	}
	p.planUpdate(TableChange{Kind: "encryption",
		What:   fmt.Sprintf("encrypt the table with the key %s", want),
		Effect: "KMS charges for the requests of a key that is not owned by DynamoDB"},
		func(in *dynamodb.UpdateTableInput) { in.SSESpecification = p.spec.encryption() })
}

// isKeyOf reports whether the ARN of a live table's key may be that of a key that is given by its
// id, ARN or alias. Which key an alias names, only KMS knows, so any key is accepted for one.
func isKeyOf(given, live string) bool {
	return given == live || strings.HasSuffix(live, ":key/"+given) ||
		strings.HasPrefix(given, "alias/") || strings.Contains(given, ":alias/")
}

func (p *planner) planRecovery() {
	want, live := p.spec.Recovery, p.live.recovery
	if want == "" || live == nil {
		return
	}
	isOn := live.PointInTimeRecoveryStatus == types.PointInTimeRecoveryStatusEnabled
	days := p.spec.RecoveryDays
	if (want == On) == isOn && (days == 0 || days == aws.ToInt32(live.RecoveryPeriodInDays)) {
		return
	}
	c := TableChange{Kind: "recovery", Why: fromSpec, What: "switch on point-in-time recovery",
		Effect: "AWS charges for the size of the table",
		send:   func(ctx context.Context) error { return p.updateRecovery(ctx, p.op) }}
	if days != 0 {
		c.What += fmt.Sprintf(" for %d days", days)
	}
	if want == Off {
		c.Destroys, c.What = true, "switch off point-in-time recovery"
		c.Effect = "the table cannot be restored to a time before now"
	}
	p.add(c)
}

func (p *planner) planTags() {
	var missing []types.Tag
	for _, key := range slices.Sorted(maps.Keys(p.spec.Tags)) {
		if value, has := p.live.tags[key]; !has || value != p.spec.Tags[key] {
			missing = append(missing,
				types.Tag{Key: aws.String(key), Value: aws.String(p.spec.Tags[key])})
		}
	}
	if len(missing) == 0 {
		return
	}
	names := make([]string, len(missing))
	for i, one := range missing {
		names[i] = *one.Key + "=" + *one.Value
	}
	p.add(TableChange{Kind: "tags", Why: fromSpec,
		What: "set the tags " + strings.Join(names, ", "),
		send: func(ctx context.Context) error {
			return p.setTags(ctx, p.op, p.live.description.TableArn, missing)
		}})
}

// compareSpec describes how a live table differs from its spec.
func (t *plannedTable) compareSpec(
	ctx context.Context, op string, description *types.TableDescription,
) ([]string, error) {
	live := &liveTable{description: description}
	if err := t.readSpecified(ctx, op, live); err != nil {
		return nil, err
	}
	return t.unlike(op, live), nil
}

// unlike describes how a live table differs from its spec.
func (t *plannedTable) unlike(op string, live *liveTable) []string {
	p := &planner{plannedTable: t, op: op, live: live}
	p.arrangeIndexes()
	p.planCapacity()
	p.planProperties()
	problems := make([]string, len(p.changes))
	for i, c := range p.changes {
		problems[i] = "the Spec differs: " + c.What + " with PlanTables and Apply"
		if c.Impossible != "" {
			problems[i] = "the Spec differs: " + c.What + ", but " + c.Impossible
		}
	}
	return problems
}

// ensureSpec is compareSpec, but switches on point-in-time recovery first.
func (t *plannedTable) ensureSpec(
	ctx context.Context, op string, description *types.TableDescription,
) ([]string, error) {
	live := &liveTable{description: description}
	if err := t.readSpecified(ctx, op, live); err != nil {
		return nil, err
	}
	if t.spec.Recovery == On &&
		live.recovery.PointInTimeRecoveryStatus != types.PointInTimeRecoveryStatusEnabled {
		if err := t.switchOnRecovery(ctx, op); err != nil {
			return nil, err
		}
		live.recovery = nil // as asked
	}
	return t.unlike(op, live), nil
}
