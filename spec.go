package dynamapper

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamapper/dynamapper/internal/shown"
	"github.com/dynamapper/dynamapper/internal/spelling"
)

// Spec says how a table is to be, apart from its keys, indexes and TTL, which the model says. A
// zero member leaves that property of the table as it is.
type Spec struct {
	// Billing is types.BillingModePayPerRequest or types.BillingModeProvisioned. If it is left out,
	// a new table is on demand, and a table that exists keeps its mode and its units. Leave it out
	// if auto scaling sets the units.
	Billing types.BillingMode
	// Units are the capacity units that a provisioned table reserves. They need Billing.
	Units Units
	// IndexUnits are the units of global indexes, by their names. An index without an entry gets
	// Units.
	IndexUnits map[string]Units
	// OnDemandMaximum limits the units that a table on demand uses in a second. -1 lifts a limit.
	OnDemandMaximum Units
	// WarmThroughput is what the table serves at once. It can be raised, but not lowered. Less than
	// the table has is no difference.
	WarmThroughput Units
	// Class is types.TableClassStandard or types.TableClassStandardInfrequentAccess.
	Class types.TableClass
	// DeletionProtection refuses DeleteTable.
	DeletionProtection Switch
	// Recovery is point-in-time recovery, and RecoveryDays for how many days, 1 to 35.
	Recovery     Switch
	RecoveryDays int32
	// Stream is the view of the table's stream, or StreamOff.
	Stream types.StreamViewType
	// Tags are tags that the table has. Other tags stay.
	Tags map[string]string
	// Key is the KMS key of the encryption at rest: its id, ARN or alias, or OwnedKey for the one
	// that DynamoDB owns.
	Key string
	// OtherIndexes are global and vector indexes of the table that no model here declares. A plan
	// does not drop them.
	OtherIndexes []string
}

// Units are capacity units a second.
type Units struct{ Read, Write int64 }

// Switch is a property that is on or off. The empty Switch leaves it as it is.
type Switch string

// The values of a Switch, of Spec.Stream without a stream, and of Spec.Key for the default.
const (
	On  Switch = "on"
	Off Switch = "off"

	StreamOff types.StreamViewType = "off"
	OwnedKey  string               = "owned by DynamoDB"
)

// WithSpec says how the table is to be. CreateTable and EnsureTable create it so, Verify compares
// the live table with it, and PlanTables plans how to change the live table. If several models
// share a table, give one of them the Spec, or all the same. TableOf returns an error if members of
// the Spec contradict each other or the model, or have a value that DynamoDB does not know.
func WithSpec(spec Spec) TableOption {
	return tableOption(func(s *tableSettings) error {
		if err := spec.check(); err != nil {
			return fmt.Errorf("WithSpec: %w", err)
		}
		s.spec = &spec
		return nil
	})
}

// check refuses what no table can be.
func (s *Spec) check() error {
	provisioned := s.Billing == types.BillingModeProvisioned
	onDemand := s.Billing == types.BillingModePayPerRequest
	if err := s.checkValues(); err != nil {
		return err
	}
	switch {
	case !provisioned && (s.Units != Units{} || len(s.IndexUnits) > 0):
		is := "is left out"
		if onDemand {
			is = "is on demand"
		}
		return fmt.Errorf("Units and IndexUnits are for provisioned tables, and Billing %s; "+
			"remove them, or set Billing to types.BillingModeProvisioned", is)
	case provisioned && s.OnDemandMaximum != Units{}:
		return errors.New("OnDemandMaximum is for tables on demand, and Billing is provisioned; " +
			"remove it, or set Billing to types.BillingModePayPerRequest")
	case s.RecoveryDays != 0 && s.Recovery != On:
		return errors.New("RecoveryDays needs Recovery; set it to On")
	case s.RecoveryDays < 0 || s.RecoveryDays > 35:
		return fmt.Errorf("RecoveryDays is %d; give 1 to 35 days", s.RecoveryDays)
	}
	return s.checkUnits()
}

// checkValues refuses values of members that have a few.
func (s *Spec) checkValues() error {
	for _, one := range []struct {
		member, value string
		known         []string
	}{
		{"Billing", string(s.Billing), namesOf(types.BillingMode("").Values())},
		{"Class", string(s.Class), namesOf(types.TableClass("").Values())},
		{"Stream", string(s.Stream),
			append(namesOf(types.StreamViewType("").Values()), string(StreamOff))},
		{"DeletionProtection", string(s.DeletionProtection), namesOf([]Switch{On, Off})},
		{"Recovery", string(s.Recovery), namesOf([]Switch{On, Off})},
	} {
		if one.value != "" && !slices.Contains(one.known, one.value) {
			return fmt.Errorf("%s is %q; %s", one.member, shown.Name(one.value),
				orMeant(one.value, one.known, "give one of %q"))
		}
	}
	return nil
}

func namesOf[V ~string](values []V) []string {
	names := make([]string, len(values))
	for i, v := range values {
		names[i] = string(v)
	}
	return names
}

// orMeant suggests the known value that a wrong one was probably meant to be, beside all of them,
// for which known has a place.
func orMeant(wrong string, values []string, known string) string {
	text := fmt.Sprintf(known, values)
	if near := spelling.Nearest(wrong, values); near != "" {
		text = fmt.Sprintf("did you mean %q? %s", near, text)
	}
	return text
}

// checkModel refuses a spec that the table of a model cannot have. If other models share the table,
// their indexes are not known yet.
func (s *Spec) checkModel(model *schema, shared bool) error {
	if s == nil {
		return nil
	}
	if s.Billing == types.BillingModeProvisioned && len(model.vectors) > 0 {
		return fmt.Errorf("the member Billing is provisioned, and %s has the vector index %q, "+
			"which only a table with on-demand capacity takes; set Billing to "+
			"types.BillingModePayPerRequest, or remove the index", model.title(), model.vectors[0].name)
	}
	if shared {
		return nil
	}
	names := slices.Clone(s.OtherIndexes)
	for _, i := range model.indexes {
		if !i.local {
			names = append(names, i.name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(s.IndexUnits)) {
		if slices.Contains(names, name) {
			continue
		}
		if i := model.indexNamed(name); i != nil {
			return fmt.Errorf("IndexUnits has the local index %q, which uses the units of the "+
				"table; remove it", name)
		}
		return fmt.Errorf("IndexUnits has the index %q, which neither %s nor OtherIndexes has; %s",
			shown.Name(name), model.title(),
			orMeant(name, names, "the global indexes of the table are %q"))
	}
	return nil
}

func (s *Spec) checkUnits() error {
	if s.Billing == types.BillingModeProvisioned && (s.Units.Read < 1 || s.Units.Write < 1) {
		return fmt.Errorf("Units are %+v; give a provisioned table at least 1 unit each, or leave "+
			"Billing out if auto scaling sets them", s.Units)
	}
	for _, name := range slices.Sorted(maps.Keys(s.IndexUnits)) {
		if units := s.IndexUnits[name]; units.Read < 1 || units.Write < 1 {
			return fmt.Errorf("IndexUnits of %q are %+v; give at least 1 unit each", name,
				s.IndexUnits[name])
		}
	}
	most := s.OnDemandMaximum
	if most.Read < -1 || most.Write < -1 {
		return fmt.Errorf("OnDemandMaximum is %+v; give units, or -1 for no limit", most)
	}
	if s.WarmThroughput.Read < 0 || s.WarmThroughput.Write < 0 {
		return fmt.Errorf("WarmThroughput is %+v; give units, or 0 to leave it", s.WarmThroughput)
	}
	return nil
}

// equal reports whether two specs say the same.
func (s *Spec) equal(other *Spec) bool {
	a, b := *s, *other
	same := maps.Equal(a.IndexUnits, b.IndexUnits) && maps.Equal(a.Tags, b.Tags) &&
		slices.Equal(a.OtherIndexes, b.OtherIndexes)
	// the other members are comparable
	return same && a.Billing == b.Billing && a.Units == b.Units &&
		a.OnDemandMaximum == b.OnDemandMaximum && a.WarmThroughput == b.WarmThroughput &&
		a.Class == b.Class && a.DeletionProtection == b.DeletionProtection &&
		a.Recovery == b.Recovery && a.RecoveryDays == b.RecoveryDays && a.Stream == b.Stream &&
		a.Key == b.Key
}

// uniteSpecs returns the spec of tables that share a name, or nil if none has one.
func uniteSpecs(tables []*table) (*Spec, error) {
	var of *table
	for _, t := range tables {
		switch {
		case t.spec == nil:
		case of == nil:
			of = t
		case !of.spec.equal(t.spec):
			return nil, fmt.Errorf("the models %s and %s share the table and have different "+
				"Specs; give one of them the Spec, or both the same",
				of.schema.goType, t.schema.goType)
		}
	}
	if of == nil {
		return nil, nil
	}
	return of.spec, nil
}

// unitsOf returns the units of a global index of a provisioned table, or nil if the spec does not
// say them.
func (s *Spec) unitsOf(index string) *types.ProvisionedThroughput {
	if units, own := s.IndexUnits[index]; own {
		return units.provisioned()
	}
	return s.Units.provisioned()
}

// provisioned returns nil if there are no units.
func (u Units) provisioned() *types.ProvisionedThroughput {
	if u == (Units{}) {
		return nil
	}
	return &types.ProvisionedThroughput{
		ReadCapacityUnits: aws.Int64(u.Read), WriteCapacityUnits: aws.Int64(u.Write)}
}

// members returns pointers to the units that are given, and nil for others.
func (u Units) members() (read, write *int64) {
	if u.Read != 0 {
		read = aws.Int64(u.Read)
	}
	if u.Write != 0 {
		write = aws.Int64(u.Write)
	}
	return read, write
}

// String returns the units as text.
func (u Units) String() string { return fmt.Sprintf("%d read and %d write units", u.Read, u.Write) }

// given returns the units that are given as text.
func (u Units) given() string {
	var parts []string
	for _, one := range []struct {
		units int64
		what  string
	}{{u.Read, "read"}, {u.Write, "write"}} {
		switch {
		case one.units > 0:
			parts = append(parts, fmt.Sprintf("%d %s units", one.units, one.what))
		case one.units < 0:
			parts = append(parts, "any number of "+one.what+" units")
		}
	}
	return strings.Join(parts, " and ")
}

// onDemand returns the limits as the member of a request, or nil if there are none.
func (u Units) onDemand() *types.OnDemandThroughput {
	if u == (Units{}) {
		return nil
	}
	read, write := u.members()
	return &types.OnDemandThroughput{MaxReadRequestUnits: read, MaxWriteRequestUnits: write}
}

// The throughput that a new table on demand has at once.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/on-demand-capacity-mode.html
const (
	initialReads  = 12_000
	initialWrites = 4_000
)

// warmOfNew returns the request's member for a new table, or nil. The service refuses less than
// what a new table serves anyway.
func (s *Spec) warmOfNew() *types.WarmThroughput {
	least, want := Units{initialReads, initialWrites}, s.WarmThroughput
	if s.Billing == types.BillingModeProvisioned {
		least = s.Units
	}
	if want.Read <= least.Read {
		want.Read = 0
	}
	if want.Write <= least.Write {
		want.Write = 0
	}
	if want == (Units{}) {
		return nil
	}
	read, write := want.members()
	return &types.WarmThroughput{ReadUnitsPerSecond: read, WriteUnitsPerSecond: write}
}

// stream returns the request's member, or nil if the spec says nothing about a stream.
func (s *Spec) stream() *types.StreamSpecification {
	switch s.Stream {
	case "":
		return nil
	case StreamOff:
		return &types.StreamSpecification{StreamEnabled: aws.Bool(false)}
	}
	return &types.StreamSpecification{StreamEnabled: aws.Bool(true), StreamViewType: s.Stream}
}

// encryption returns the request's member, or nil if the spec names no key.
func (s *Spec) encryption() *types.SSESpecification {
	switch s.Key {
	case "":
		return nil
	case OwnedKey:
		return &types.SSESpecification{Enabled: aws.Bool(false)}
	}
	return &types.SSESpecification{Enabled: aws.Bool(true), SSEType: types.SSETypeKms,
		KMSMasterKeyId: aws.String(s.Key)}
}

// tags returns the tags in the order of their keys.
func (s *Spec) tags() []types.Tag {
	var tags []types.Tag
	for _, key := range slices.Sorted(maps.Keys(s.Tags)) {
		tags = append(tags, types.Tag{Key: aws.String(key), Value: aws.String(s.Tags[key])})
	}
	return tags
}

// create makes the request that creates a table ask for what the spec says. Point-in-time recovery
// can be switched on only when the table exists.
func (s *Spec) create(in *dynamodb.CreateTableInput) {
	if s.Billing == types.BillingModeProvisioned {
		in.BillingMode, in.ProvisionedThroughput = s.Billing, s.Units.provisioned()
		for n := range in.GlobalSecondaryIndexes {
			i := &in.GlobalSecondaryIndexes[n]
			i.ProvisionedThroughput = s.unitsOf(aws.ToString(i.IndexName))
		}
	}
	// a new table has no limits to lift
	most := Units{max(0, s.OnDemandMaximum.Read), max(0, s.OnDemandMaximum.Write)}
	in.OnDemandThroughput, in.WarmThroughput = most.onDemand(), s.warmOfNew()
	in.TableClass = s.Class
	if s.DeletionProtection != "" {
		in.DeletionProtectionEnabled = aws.Bool(s.DeletionProtection == On)
	}
	if s.Stream != StreamOff {
		in.StreamSpecification = s.stream()
	}
	if s.Key != OwnedKey {
		in.SSESpecification = s.encryption()
	}
	in.Tags = s.tags()
}

// summary names what the spec asks of a new table, for a plan.
func (s *Spec) summary() string {
	var parts []string
	add := func(given bool, text string, args ...any) {
		if given {
			parts = append(parts, fmt.Sprintf(text, args...))
		}
	}
	add(s.Billing == types.BillingModeProvisioned, "%s", s.Units)
	add(s.Billing != types.BillingModeProvisioned, "on demand")
	for _, name := range slices.Sorted(maps.Keys(s.IndexUnits)) {
		add(true, "%s for the index %q", s.IndexUnits[name], name)
	}
	most, warm := s.OnDemandMaximum, s.WarmThroughput
	add(most.Read > 0 || most.Write > 0, "at most %s a second", most.given())
	add(warm != Units{}, "%s a second at once", warm.given())
	add(s.Class != "", "class %s", s.Class)
	add(s.DeletionProtection == On, "protected from deletion")
	add(s.Recovery == On && s.RecoveryDays == 0, "point-in-time recovery")
	add(s.RecoveryDays != 0, "point-in-time recovery for %d days", s.RecoveryDays)
	add(s.Stream != "" && s.Stream != StreamOff, "a stream of %s", s.Stream)
	add(len(s.Tags) > 0, "%d tags", len(s.Tags))
	add(s.Key != "" && s.Key != OwnedKey, "key %s", s.Key)
	return strings.Join(parts, ", ")
}
