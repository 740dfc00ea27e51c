package dynamapper

import (
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamapper/dynamapper/internal/expression"
	"github.com/dynamapper/dynamapper/internal/shown"
	"github.com/dynamapper/dynamapper/internal/spelling"
	"github.com/dynamapper/dynamapper/internal/wire"
)

// reading holds the settings that a Query and a Scan have in common.
type reading struct {
	indexName       string
	indexed         bool
	conditions      []Condition
	settings        readSettings
	limit, pageSize *int
	cursor          string
}

// readPlan is the checked plan of one run of a Query or a Scan. It does not depend on which of the
// two it is.
type readPlan struct {
	schema          *schema
	index           *index // nil for the table
	aliases         expression.Aliases
	key             *string // the condition on the keys of a query
	filter          *string
	projection      *string
	selects         types.Select
	read            []readPart // what is read of the items; nil for all
	consistent      *bool
	limit, pageSize int // 0 for none
	cursors         cursors
	start           map[string]types.AttributeValue
	nothing         bool // no item of the model can match
	// The condition on the range key begins with the constant text of the model's format, so that
	// few items of other entities are read.
	tellsEntity bool
	// The filter may leave out most of the items that are read. A filter that leaves out expired
	// ones leaves out few.
	selective bool
	// Expired items are left out when they are decoded, because a filter cannot.
	looksAtExpiry bool
}

// purpose is the result that a run returns.
type purpose int

const (
	giveItems purpose = iota
	giveCount
)

// plan checks the settings that a Query and a Scan have in common.
func (r *reading) plan(s *schema, p purpose) (*readPlan, error) {
	plan := &readPlan{schema: s}
	var err error
	if plan.index, err = r.lookupIndex(s); err != nil {
		return nil, err
	}
	if r.settings.consistent {
		if plan.index != nil && !plan.index.local {
			return nil, fmt.Errorf(
				"the index %q is global, and DynamoDB reads such an index only eventually "+
					"consistent; leave Consistent out", plan.index.name)
		}
		plan.consistent = &r.settings.consistent
	}
	if plan.limit, err = atLeastOne("Limit", r.limit); err != nil {
		return nil, err
	}
	if plan.pageSize, err = atLeastOne("PageSize", r.pageSize); err != nil {
		return nil, err
	}
	if p == giveItems || r.settings.selects {
		if plan.read, err = s.attributesRead(plan.index, r.settings); err != nil {
			return nil, err
		}
	}
	plan.selectFor(p)
	return plan, nil
}

func (r *reading) lookupIndex(s *schema) (*index, error) {
	if !r.indexed {
		return nil, nil
	}
	names := make([]string, len(s.indexes))
	for n, i := range s.indexes {
		if i.name == r.indexName {
			return i, nil
		}
		names[n] = i.name
	}
	if s.vectorNamed(r.indexName) != nil {
		return nil, fmt.Errorf("%s has the vector index %q, and %s cannot read it; search it with "+
			"Nearest", s.title(), r.indexName, "Query or Scan")
	}
	fix := s.howToDeclare("declare it with the tag index or localIndex")
	if near := spelling.Nearest(r.indexName, names); near != "" {
		fix = fmt.Sprintf("did you mean %q?", near)
	}
	return nil, fmt.Errorf("%s has no index %q; %s", s.title(), shown.Name(r.indexName), fix)
}

// atLeastOne returns the argument of a method, or 0 if the method was not called.
func atLeastOne(method string, n *int) (int, error) {
	if n == nil {
		return 0, nil
	}
	if *n < 1 {
		return 0, fmt.Errorf("%s is %d; give 1 or more", method, *n)
	}
	return *n, nil
}

// selectFor sets which attributes the service sends. If the model says that an index projects all
// attributes, the request asks for all. If the live index has fewer, the service refuses the
// request, so no item is partial without notice.
func (p *readPlan) selectFor(what purpose) {
	switch {
	case what == giveCount:
		p.selects = types.SelectCount
	case p.read != nil:
		p.projection = projectionOf(&p.aliases, p.read)
	case p.index != nil:
		p.selects = types.SelectAllAttributes
	}
}

// attributesRead lists what the items of a read have. It returns nil for all.
func (s *schema) attributesRead(i *index, settings readSettings) ([]readPart, error) {
	if settings.selects {
		selected, err := s.selection(settings.selected)
		if err != nil || i == nil || i.projectsAll() {
			return selected, err
		}
		return s.selectionIn(i, selected, settings.selected)
	}
	if i == nil || i.projectsAll() {
		return nil, nil
	}
	for _, model := range s.models() {
		if model.needsWhole() {
			return nil, fmt.Errorf(
				"the index %q does not have all attributes, and the model %s has the hook %s, which "+
					"needs the whole item; "+
					"read the table, or let the index project everything", i.name, model.goType,
				model.wholeItemHook())
		}
	}
	return s.projected(i), nil
}

// selectionIn removes attributes from a selection that an index does not have. If the caller asked
// for such an attribute, a local index fetches it from the table; a global index does not, so this
// is an error.
func (s *schema) selectionIn(i *index, selection []readPart, asked []string) ([]readPart, error) {
	var kept []readPart
	for _, part := range selection {
		attribute := part.attribute
		has := i.has(s.fieldOf(attribute))
		wanted := part.inside != nil || slices.Contains(asked, attribute) ||
			i.local && s.version != nil && attribute == s.version.attribute
		if wanted && !has && !i.local {
			return nil, newUnprojectedError(i, attribute)
		}
		if has || wanted {
			kept = append(kept, part)
		}
	}
	return kept, nil
}

// projected lists the attributes that an index has, sorted.
func (s *schema) projected(i *index) []readPart {
	var parts []readPart
	for _, f := range s.fields {
		if i.has(f) {
			parts = append(parts, readPart{attribute: f.attribute})
		}
	}
	for _, attribute := range i.include {
		if s.byAttribute[attribute] == nil {
			parts = append(parts, readPart{attribute: attribute})
		}
	}
	slices.SortFunc(parts, compareParts)
	return parts
}

func newUnprojectedError(i *index, attribute string) error {
	return fmt.Errorf(
		"the index %q does not have the attribute %q; let it project that, or read the table",
		i.name, attribute)
}

// writeFilter writes the conditions of Where, and further parts, as one expression. check refuses
// an attribute that the operation does not accept in it. unexpired is the condition that leaves
// expired items out, if there is one.
func (p *readPlan) writeFilter(
	conditions []Condition, check func(*field) error, unexpired, also []expression.Part,
) error {
	p.selective = len(conditions)+len(also) > 0
	w := conditionWriter{schema: p.schema, aliases: &p.aliases, check: func(f *field) error {
		if p.index != nil && !p.index.has(f) {
			return newUnprojectedError(p.index, f.attribute)
		}
		if err := p.schema.checkCommon(f); err != nil {
			return err
		}
		return check(f)
	}}
	filter, err := w.writeAll(conditions, append(also, unexpired...)...)
	p.filter = filter.Text()
	return err
}

func (p *readPlan) indexName() *string {
	if p.index == nil {
		return nil
	}
	return &p.index.name
}

// bind reads the cursor, and prepares the cursors of the pages to come. hash has the values of the
// hash attributes of a query; it is nil for a scan.
func (p *readPlan) bind(r *reading, hash []wire.Raw, bound ...string) (err error) {
	bound = append(bound, r.indexName, And(r.conditions...).shape())
	p.cursors = bindCursors(p.schema, p.index, bound...)
	p.cursors.hash = hash
	p.start, err = p.cursors.read(r.cursor)
	return err
}
