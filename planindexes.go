package dynamapper

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// presentIndex is an index of the live table, of any kind, that is not being deleted.
type presentIndex struct {
	liveIndex
	vector     *types.VectorIndexDescription // nil for a global or local index
	attributes []string                      // those that must be defined as keys
}

// presentIndexes lists the indexes of a live table.
func presentIndexes(table *types.TableDescription) []*presentIndex {
	var present []*presentIndex
	for _, l := range liveIndexes(table) {
		if l.status == types.IndexStatusDeleting {
			continue
		}
		one := &presentIndex{liveIndex: l}
		for _, key := range l.keys {
			one.attributes = append(one.attributes, aws.ToString(key.AttributeName))
		}
		present = append(present, one)
	}
	for i := range table.VectorIndexes {
		v := &table.VectorIndexes[i]
		if v.IndexStatus == types.IndexStatusDeleting {
			continue
		}
		one := &presentIndex{vector: v, liveIndex: liveIndex{name: aws.ToString(v.IndexName)}}
		for _, element := range v.SearchSchema {
			one.attributes = append(one.attributes, aws.ToString(element.AttributeName))
		}
		present = append(present, one)
	}
	return present
}

// vectorAttribute returns the attribute with the vectors, or "" if it is no vector index.
func (l *presentIndex) vectorAttribute() string {
	if l.vector == nil || l.vector.VectorAttribute == nil {
		return ""
	}
	return aws.ToString(l.vector.VectorAttribute.AttributeName)
}

// lackingIndex is a global or vector index of the model that the live table does not have, or has
// with other keys or another projection.
type lackingIndex struct {
	of       *index
	vector   *vectorIndex  // nil for a global index
	replaces *presentIndex // the live index of the name, or nil
	problems []string      // how that differs
	needs    []*presentIndex

	impossible string
}

// indexPlan says which indexes come, go and stay. An index is added before others are dropped, so
// that queries can change over to it. But if an index can only be added when another one is gone,
// that is dropped first.
type indexPlan struct {
	lacking []*lackingIndex
	drops   []*presentIndex // those that no model has
	first   []*presentIndex // those that are dropped before anything is added
	stays   []*presentIndex
	local   []TableChange
}

// arrangeIndexes compares the live indexes with those of the models.
func (p *planner) arrangeIndexes() {
	a := &indexPlan{}
	p.indexes = a
	present := presentIndexes(p.live.description)
	modeled := map[string]bool{}
	for _, i := range p.schema.indexes {
		modeled[i.name] = true
		p.arrange(i, nil, presentNamed(present, i.name))
	}
	for _, v := range p.schema.vectors {
		modeled[v.name] = true
		p.arrange(&v.index, v, presentNamed(present, v.name))
	}
	for _, l := range present {
		switch {
		case modeled[l.name]:
		case l.local, slices.Contains(p.spec.OtherIndexes, l.name):
			a.stays = append(a.stays, l)
		default:
			a.drops = append(a.drops, l)
		}
	}
	p.findImpossible()
	p.findNeeded()
}

func presentNamed(present []*presentIndex, name string) *presentIndex {
	at := slices.IndexFunc(present, func(l *presentIndex) bool { return l.name == name })
	if at < 0 {
		return nil
	}
	return present[at]
}

// arrange compares an index of the model with the live one of its name, or nil.
func (p *planner) arrange(i *index, v *vectorIndex, live *presentIndex) {
	a, kinds := p.indexes, p.live.description.AttributeDefinitions
	var problems []string
	switch {
	case live == nil:
	case v != nil && live.vector != nil:
		problems = p.schema.compareVector(v, live.vector, kinds)
	case v == nil && live.vector == nil:
		problems = p.schema.compareIndex(i, live.liveIndex, kinds)
	default:
		problems = []string{fmt.Sprintf("the index %q is %s, that of the model %s: give the index "+
			"of the model another name, or replace the index with PlanTables and Apply", i.name,
			kindOfIndex(live.local, live.vector != nil), kindOfIndex(i.local, v != nil))}
	}
	switch {
	case live != nil && len(problems) == 0:
		a.stays = append(a.stays, live)
	case i.local, live != nil && live.local:
		a.local = append(a.local, p.localChange(i, v, live != nil))
		if live != nil {
			a.stays = append(a.stays, live)
		}
	default:
		a.lacking = append(a.lacking,
			&lackingIndex{of: i, vector: v, replaces: live, problems: problems})
	}
}

func kindOfIndex(local, vector bool) string {
	if vector {
		return "a vector index"
	}
	return describeScope(local)
}

// findImpossible finds the indexes that cannot be added. If one would replace a live index, that
// stays, and so its keys may stand in the way of others.
func (p *planner) findImpossible() {
	a := p.indexes
	for again := true; again; {
		again = false
		for _, l := range a.lacking {
			if l.impossible != "" {
				continue
			}
			if l.impossible = p.whyImpossible(l); l.impossible != "" {
				again = l.replaces != nil
				if again {
					a.stays = append(a.stays, l.replaces)
					break
				}
			}
		}
	}
}

// whyImpossible says why an index cannot be added beside those that stay, or returns "".
func (p *planner) whyImpossible(l *lackingIndex) string {
	if l.vector != nil && p.wantedMode() == types.BillingModeProvisioned {
		return "only a table with on-demand capacity takes a vector index; give it a Spec with " +
			"the Billing types.BillingModePayPerRequest"
	}
	var keys []string
	for _, key := range p.live.description.KeySchema {
		keys = append(keys, aws.ToString(key.AttributeName))
	}
	if clash := p.clash(l, &presentIndex{attributes: keys}, "the table"); clash != "" {
		return clash + "; use another attribute"
	}
	for _, stays := range p.indexes.stays {
		of := fmt.Sprintf("the index %q, which stays", stays.name)
		if clash := p.clash(l, stays, of); clash != "" {
			return clash + "; use another attribute"
		}
	}
	return ""
}

// clash says why an index cannot be added beside the keys of the table or a live index, or returns
// "". of names them in the text. An attribute has one type in all keys of a table and its indexes,
// and one number of dimensions in all vector indexes.
func (p *planner) clash(l *lackingIndex, live *presentIndex, of string) string {
	for _, f := range l.of.keys.fields() {
		stored := types.ScalarAttributeType(f.codec.wire.String())
		is := kindOfLive(f.attribute, p.live.description.AttributeDefinitions)
		if is != stored && slices.Contains(live.attributes, f.attribute) {
			return fmt.Sprintf("the attribute %q is a key of type %s of %s, and the model stores "+
				"it as %s", f.attribute, is, of, stored)
		}
		if f.attribute == live.vectorAttribute() {
			return fmt.Sprintf("the attribute %q is the vector of %s, and a key of the model",
				f.attribute, of)
		}
	}
	if l.vector == nil {
		return ""
	}
	attribute := l.vector.vector.attribute
	switch {
	case slices.Contains(live.attributes, attribute):
		return fmt.Sprintf("the attribute %q is a key of %s, and a vector of the model", attribute,
			of)
	case attribute == live.vectorAttribute() &&
		aws.ToInt64(live.vector.Dimensions) != int64(l.vector.dimensions):
		return fmt.Sprintf("the attribute %q has %d dimensions in %s, and %d in the model",
			attribute, aws.ToInt64(live.vector.Dimensions), of, l.vector.dimensions)
	}
	return ""
}

// findNeeded finds the indexes that have to be dropped before others are added.
func (p *planner) findNeeded() {
	a := p.indexes
	goes := slices.Clone(a.drops)
	for _, l := range a.lacking {
		if l.replaces != nil && l.impossible == "" {
			goes = append(goes, l.replaces)
		}
	}
	for _, l := range a.lacking {
		for _, live := range goes {
			if l.impossible == "" && live != l.replaces && p.clash(l, live, "") != "" {
				l.needs = append(l.needs, live)
			}
		}
	}
	isNeeded := func(live *presentIndex) bool {
		return slices.ContainsFunc(a.lacking,
			func(l *lackingIndex) bool { return slices.Contains(l.needs, live) })
	}
	for _, live := range goes {
		isDrop := slices.Contains(a.drops, live)
		if isNeeded(live) || p.blocksBilling(live) || isDrop && p.isFull(live) {
			a.first = append(a.first, live)
		}
	}
	for _, l := range a.lacking {
		if l.replaces != nil && slices.Contains(a.first, l.replaces) {
			l.needs = append(l.needs, l.replaces)
		}
	}
}

// maxGlobalIndexes is how many global indexes a table has, unless AWS has raised the quota.
const maxGlobalIndexes = 20

// isFull reports whether the table would have too many indexes of a kind, if all were added before
// others are dropped.
func (p *planner) isFull(of *presentIndex) bool {
	count, most := 0, maxGlobalIndexes
	if of.vector != nil {
		most = maxVectorIndexes
	}
	for _, l := range presentIndexes(p.live.description) {
		if !l.local && (l.vector != nil) == (of.vector != nil) {
			count++
		}
	}
	for _, l := range p.indexes.lacking {
		if l.replaces == nil && l.impossible == "" && (l.vector != nil) == (of.vector != nil) {
			count++
		}
	}
	return count > most
}

// blocksBilling reports whether a live index is a vector index, and the table is to be provisioned.
func (p *planner) blocksBilling(l *presentIndex) bool {
	return l.vector != nil && p.wantedMode() == types.BillingModeProvisioned
}

// planFirstDrops plans the indexes that go before anything else.
func (p *planner) planFirstDrops() {
	for _, live := range p.indexes.first {
		p.planDrop(live)
	}
}

// planIndexes plans missing indexes, those that differ, and those that no model has.
func (p *planner) planIndexes() {
	a := p.indexes
	for _, c := range a.local {
		p.add(c)
	}
	for _, l := range a.lacking {
		p.planLacking(l)
	}
	for _, live := range a.drops {
		if !slices.Contains(a.first, live) {
			p.planDrop(live)
		}
	}
}

// localChange reports a local index that is missing or differs: it comes and goes only with its
// table.
func (p *planner) localChange(i *index, v *vectorIndex, exists bool) TableChange {
	what := fmt.Sprintf("the local index %q is missing", i.name)
	if exists {
		what = fmt.Sprintf("the index %q is not as the model declares it", i.name)
	}
	by := i.declaredBy()
	if v != nil {
		by = v.vector
	}
	return TableChange{Kind: "local-index", Index: i.name, What: what, Why: p.fromModel(by),
		Impossible: "a local index comes and goes only with its table; declare a global index of " +
			"another name (the tag index), or make a table of another name and copy the items"}
}

// planLacking plans that an index is added, and that the live one of its name is dropped before.
func (p *planner) planLacking(l *lackingIndex) {
	c := TableChange{Kind: kindAdd, Index: l.of.name, Impossible: l.impossible}
	of := describeKeys(l.of.keys)
	if l.vector == nil {
		c.Why, c.What = p.fromModel(l.of.declaredBy()), "add the index %q: %s"
		c.Effect = "DynamoDB reads the whole table and writes each item that has the keys to the " +
			"index, which costs write units; queries of the index fail until that is done"
		c.send = func(ctx context.Context) error { return p.addIndex(ctx, l.of) }
	} else {
		of = l.vector.describe()
		c.Why, c.What = p.fromModel(l.vector.vector), "add the vector index %q of %s"
		c.Effect = "DynamoDB reads the whole table to fill the index; searches of it fail until " +
			"that is done"
		c.send = func(ctx context.Context) error { return p.addVector(ctx, p.op, l.vector) }
	}
	if l.replaces != nil && !slices.Contains(p.indexes.first, l.replaces) {
		c.Kind, c.Destroys, c.Why = kindReplace, true, strings.Join(l.problems, "; ")
		c.What, c.Effect = "drop the index %q, and add it with %s", "queries of the index fail "+
			"until it is built again, and building it costs write units; to avoid the gap, "+
			"declare an index of another name, and drop this one later"
		if l.vector != nil {
			c.What, c.Effect = "drop the vector index %q, and add it of %s", "searches of the "+
				"index fail until it is filled again; to avoid the gap, declare an index of "+
				"another name, and drop this one later"
		}
		c.send = func(ctx context.Context) error { return p.dropPresent(ctx, l.replaces) }
	}
	c.What = fmt.Sprintf(c.What, l.of.name, of)
	for _, live := range l.needs {
		c.Needs = append(c.Needs, live.name)
	}
	p.add(c)
}

// planDrop plans that a live index is dropped.
func (p *planner) planDrop(live *presentIndex) {
	c := TableChange{Kind: kindDrop, Index: live.name, Destroys: true,
		What:   fmt.Sprintf("drop the index %q", live.name),
		Effect: "queries of the index fail from then on",
		send:   func(ctx context.Context) error { return p.dropPresent(ctx, live) }}
	if live.vector != nil {
		c.What = fmt.Sprintf("drop the vector index %q", live.name)
		c.Effect = "searches of the index fail from then on"
	}
	c.Why = "no model of the table has it; name it in Spec.OtherIndexes if another program uses it"
	for _, l := range p.indexes.lacking {
		if l.replaces == live {
			c.Why = strings.Join(l.problems, "; ")
			c.Effect = "queries and searches of the index fail until it is added again"
		}
	}
	p.add(c)
}

// dropPresent begins to delete a global or vector index.
func (p *planner) dropPresent(ctx context.Context, live *presentIndex) error {
	if live.vector != nil {
		return p.dropVector(ctx, p.op, live.name)
	}
	return p.dropIndex(ctx, p.op, live.name)
}
