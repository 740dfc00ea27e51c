package dynamapper

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamapper/dynamapper/internal/expression"
	"github.com/dynamapper/dynamapper/internal/shown"
	"github.com/dynamapper/dynamapper/internal/spelling"
	"github.com/dynamapper/dynamapper/internal/wire"
)

// Neighbor is a result of a search of vectors.
type Neighbor[T any] struct {
	Item *T
	// How near the item's vector is, by the distance of the index. For cosine, Score is from 0, the
	// same direction, to 2, the opposite one. For euclidean, it is the distance. In both cases less
	// is nearer. For dot, Score is the dot product, and more is nearer.
	Score float64
}

// Search finds the items whose vectors are nearest to a vector. The methods that configure a Search
// change it and return it. Each run starts again. A Search is not safe for concurrent use. If a
// Search is invalid, the method that runs it returns the error before it sends a request.
type Search[T any] struct{ untyped search }

// search implements Search for every model.
type search struct {
	table      *table
	vector     []float32
	indexName  string
	indexed    bool
	conditions []Condition
	settings   readSettings
	top        *int
}

// Nearest returns a search for the items whose vectors are nearest to a vector: of the same
// embedding model, with as many dimensions as the index.
//
// The items are partial, because a search does not return their vectors: only Save with ChangedOnly
// accepts them. A vector index lags slightly behind the table, and the service's search is
// approximate, so it may miss an item.
//
// A search is one SearchVectors request. The service charges it by the bytes that it examines and
// returns, and not in read units. A client without the method SearchVectors, such as that of DAX,
// cannot search. https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/VectorSearch.html
func (t *Table[T]) Nearest(vector []float32) *Search[T] {
	return &Search[T]{search{table: &orZero(t).untyped, vector: slices.Clone(vector)}}
}

// Index names the vector index to search. If the model has one, Index may be left out.
func (q *Search[T]) Index(name string) *Search[T] {
	q = orZero(q)
	q.untyped.indexName, q.untyped.indexed = name, true
	return q
}

// Where limits the search to items for which all conditions are true, including those of earlier
// calls of Where. The conditions are on the attributes that the tags of the index name: its hash
// attribute, which needs one EQ if there is one, and its filters. The service applies them before
// it takes the nearest items.
//
// AWS's API reference allows only EQ joined by And. A search sends other conditions on filters as
// they are, and the service decides.
func (q *Search[T]) Where(conditions ...Condition) *Search[T] {
	q = orZero(q)
	q.untyped.conditions = append(q.untyped.conditions, conditions...)
	return q
}

// Select reads only these attributes, the keys of the table, and those of the index. It is the way
// to read the vector, as 32-bit numbers, if the index projects it. See the ReadOption Select.
func (q *Search[T]) Select(attributes ...string) *Search[T] {
	q = orZero(q)
	q.untyped.settings.add(attributes)
	return q
}

// Top sets how many items the search finds, from 1 to 100. The default is 10. Items that the search
// then leaves out, because they are of another entity or HideExpired hides them, count.
func (q *Search[T]) Top(n int) *Search[T] {
	q = orZero(q)
	q.untyped.top = &n
	return q
}

// All searches, and yields the items, the nearest first. If an item cannot be decoded, All yields a
// *FieldError and continues.
func (q *Search[T]) All(ctx context.Context) iter.Seq2[Neighbor[T], error] {
	return func(yield func(Neighbor[T], error) bool) {
		found, err := q.run().find(ctx)
		yieldFound(found, err, neighborOf[T], yield)
	}
}

// Collect searches, and returns the items, the nearest first. If one cannot be decoded, Collect
// returns its *FieldError.
func (q *Search[T]) Collect(ctx context.Context) ([]Neighbor[T], error) {
	found, err := q.run().find(ctx)
	return collectFound(found, err, neighborOf[T])
}

// run returns the search, with an empty table if it has none.
func (q *Search[T]) run() *search { return orZero(q).untyped.run() }

func (q *search) run() *search {
	q.table = orZero(q.table)
	return q
}

// scored is an item of a search with its score.
type scored struct {
	readResult
	score float64
}

// yieldFound yields the results of a search, or the error of the search.
func yieldFound[N any](
	found []scored, err error, of func(scored) N, yield func(N, error) bool,
) {
	if err != nil {
		var none N
		yield(none, err)
		return
	}
	for _, one := range found {
		if !yield(of(one), one.err()) {
			return
		}
	}
}

// collectFound returns the results of a search, or the first error.
func collectFound[N any](found []scored, err error, of func(scored) N) ([]N, error) {
	if err != nil {
		return nil, err
	}
	neighbors := make([]N, len(found))
	for i, one := range found {
		if err := one.err(); err != nil {
			return nil, err
		}
		neighbors[i] = of(one)
	}
	return neighbors, nil
}

func neighborOf[T any](one scored) Neighbor[T] {
	item, _ := one.item().(*T)
	return Neighbor[T]{item, one.score}
}

// vectorSearcher is a client that can search vectors. *dynamodb.Client is one.
type vectorSearcher interface {
	SearchVectors(context.Context, *dynamodb.SearchVectorsInput, ...func(*dynamodb.Options)) (
		*dynamodb.SearchVectorsOutput, error)
}

// The numbers of items that a search may find.
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_SearchVectors.html
const (
	defaultTop = 10
	maxTop     = 100
)

// searchPlan is the checked plan of one run of a search.
type searchPlan struct {
	readPlan
	vectors *vectorIndex
	client  vectorSearcher
	top     int32
}

// find searches once.
func (q *search) find(ctx context.Context) (found []scored, err error) {
	const op = "Nearest"
	err = q.table.check(ctx)
	var plan *searchPlan
	if err == nil {
		plan, err = q.plan()
	}
	if err != nil {
		return nil, newCallError(op, q.table.name, err)
	}
	c := q.table.mapper.begin("SearchVectors", q.table.name)
	defer func() { c.end(ctx, len(found), err) }()
	d := &responseDecoder{call: c, loader: loader{table: q.table, op: op,
		from: q.table.originFrom(plan.read), leavesOthers: true}}
	out, err := plan.client.SearchVectors(ctx, q.makeInput(plan), d.configure)
	if err != nil {
		return nil, d.explain(ctx, err)
	}
	c.searched(out.ConsumedCapacity)
	if !d.hooked {
		for _, one := range out.SearchResults {
			d.addScored(one.Score, func() { d.addAttributes(one.Item) })
		}
	}
	found = make([]scored, len(d.items))
	for i, one := range d.items {
		found[i] = scored{one, d.scores[i]}
	}
	return found, nil
}

func (q *search) plan() (*searchPlan, error) {
	s := q.table.schema
	plan := &searchPlan{readPlan: readPlan{schema: s}, top: defaultTop}
	var err error
	if plan.vectors, err = q.lookupVector(s); err != nil {
		return nil, err
	}
	plan.index = &plan.vectors.index
	if q.top != nil {
		if *q.top < 1 || *q.top > maxTop {
			return nil, fmt.Errorf("Top is %d; give 1 to %d", *q.top, maxTop)
		}
		plan.top = int32(*q.top)
	}
	if err := plan.vectors.check(q.vector); err != nil {
		return nil, err
	}
	if q.table.hidesFound(plan.vectors) && !plan.index.has(s.ttl) {
		return nil, fmt.Errorf("the index %q does not have the attribute %q, by which HideExpired "+
			"tells expired items; let it project that", plan.index.name, s.ttl.attribute)
	}
	settings := q.settings
	if q.table.hidesFound(plan.vectors) {
		settings = s.selectExpiry(settings)
	}
	if plan.read, err = s.attributesFound(plan.vectors, settings); err != nil {
		return nil, err
	}
	if q.settings.selects {
		plan.projection = projectionOf(&plan.aliases, plan.read)
	}
	if err := q.writeConditions(plan); err != nil {
		return nil, err
	}
	var can bool
	if plan.client, can = q.table.mapper.client.(vectorSearcher); !can {
		return nil, fmt.Errorf("the client %T has no method SearchVectors; make the mapper with "+
			"Connect, or with New and a *dynamodb.Client", q.table.mapper.client)
	}
	return plan, nil
}

// hidesFound reports whether a search of the index leaves out expired items.
func (t *table) hidesFound(v *vectorIndex) bool {
	if t.kinds == nil {
		return t.hidesExpired
	}
	return slices.ContainsFunc(t.kinds.hiding,
		func(one *table) bool { return one.schema.vectorNamed(v.name) != nil })
}

func (q *search) lookupVector(s *schema) (*vectorIndex, error) {
	names := make([]string, len(s.vectors))
	for i, v := range s.vectors {
		names[i] = v.name
	}
	switch {
	case len(names) == 0:
		return nil, fmt.Errorf("%s has no vector index; %s", s.title(), s.howToDeclare("declare one "+
			"with the tag vector, as in `vector:\"NAME,cosine,dimensions=384\"`"))
	case !q.indexed && len(names) > 1:
		return nil, fmt.Errorf("%s has the vector indexes %q; name one with Index", s.title(), names)
	case !q.indexed:
		return s.vectors[0], nil
	}
	if v := s.vectorNamed(q.indexName); v != nil {
		return v, nil
	}
	fix := s.howToDeclare("declare it with the tag vector")
	if near := spelling.Nearest(q.indexName, names); near != "" {
		fix = fmt.Sprintf("did you mean %q?", near)
	}
	if s.indexNamed(q.indexName) != nil {
		fix = "it is no vector index, and Query and Scan read it"
	}
	return nil, fmt.Errorf("%s has no vector index %q; %s", s.title(), shown.Name(q.indexName), fix)
}

// check refuses a vector that the index cannot be searched for.
func (v *vectorIndex) check(vector []float32) error {
	if len(vector) != v.dimensions {
		return fmt.Errorf("the vector has %s, and the index %q has %d; give a vector of the same "+
			"embedding model", amountOf(len(vector), "dimension"), v.name, v.dimensions)
	}
	for i, x := range vector {
		if f := float64(x); math.IsNaN(f) || math.IsInf(f, 0) {
			return fmt.Errorf("the vector has the element %v at %d, which is no number to compare "+
				"with; give a finite one", x, i)
		}
	}
	return nil
}

// attributesFound lists the attributes that the items of a search have. Unless the caller selects
// it, the vector is none of them.
func (s *schema) attributesFound(v *vectorIndex, settings readSettings) ([]readPart, error) {
	if settings.selects {
		selected, err := s.selection(settings.selected)
		if err != nil {
			return nil, err
		}
		return s.selectionIn(&v.index, selected, settings.selected)
	}
	for _, model := range s.models() {
		if model.needsWhole() {
			return nil, fmt.Errorf("a search returns no vectors, and the model %s has the hook %s, "+
				"which needs the whole item; search with another model of the table, and read the "+
				"items with BatchGet", model.goType, model.wholeItemHook())
		}
	}
	read := s.projected(&v.index)
	return slices.DeleteFunc(read,
		func(p readPart) bool { return p.attribute == v.vector.attribute }), nil
}

// writeConditions writes the conditions. The index cannot select by the entity, whose attribute is
// no field.
func (q *search) writeConditions(plan *searchPlan) error {
	v := plan.vectors
	w := &searchWriter{plan: plan, hash: v.hash()}
	for _, c := range q.conditions {
		if err := w.add(c); err != nil {
			return err
		}
	}
	if w.hash != nil && w.given == "" {
		return fmt.Errorf("the index %q has the hash attribute %q, whose value every search names; "+
			"add Where(Attr(%[2]q, EQ(...)))", v.name, w.hash.attribute)
	}
	if len(w.parts) == 0 {
		return nil
	}
	whole := expression.And(w.parts...)
	if !whole.Fits() {
		return fmt.Errorf("the conditions have %d operators and %d bytes, and DynamoDB takes %d and "+
			"%d in one request; send several requests, each with some of the values",
			whole.Operators(), len(*whole.Text()), expression.MaxOperators, expression.MaxBytes)
	}
	plan.filter = whole.Text()
	return nil
}

// searchWriter writes the conditions of a search.
type searchWriter struct {
	plan  *searchPlan
	hash  *field // of the index; nil if it has none
	given string // the hash attribute, if a condition names its value
	parts []expression.Part
}

// add adds a condition. An EQ compares with the form in which this package stores the value,
// because the service allows no choice between several.
func (w *searchWriter) add(c Condition) error {
	if c.kind == ofAll && len(c.parts) > 0 {
		for _, part := range c.parts {
			if err := w.add(part); err != nil {
				return err
			}
		}
		return nil
	}
	if c.kind == ofAttribute && c.comparison.operator == opEQ {
		if err := w.addEqual(c); err != nil {
			return fmt.Errorf("the condition on %q: %w", shown.Name(c.attribute), err)
		}
		return nil
	}
	writer := conditionWriter{schema: w.plan.schema, aliases: &w.plan.aliases,
		check: func(f *field) error {
			if f == w.hash {
				return errors.New("the attribute is the hash attribute of the index, and a search " +
					"takes one EQ on it; use that")
			}
			return w.check(f)
		}}
	part, err := writer.write(c)
	w.parts = append(w.parts, part)
	return err
}

func (w *searchWriter) addEqual(c Condition) error {
	t, err := w.plan.schema.resolve(c.attribute)
	if err != nil {
		return err
	}
	if err := w.check(t.top); err != nil {
		return err
	}
	value, err := t.encodeOperand(c.comparison.operands[0])
	switch {
	case err != nil:
		return err
	case value == "" || t.leavesOut(value):
		return errors.New("the value is empty, and a search does not find items that lack the " +
			"attribute; leave the condition out")
	case t.top == w.hash && w.given != "":
		return errors.New("the hash attribute has a value already; keep one EQ")
	}
	w.equal(t.top, value)
	return nil
}

// equal adds a comparison with a value.
func (w *searchWriter) equal(f *field, value wire.Raw) {
	if f == w.hash {
		w.given = f.attribute
	}
	aliases := &w.plan.aliases
	w.parts = append(w.parts,
		expression.Compare(aliases.Name(f.attribute), "=", aliases.Value(value)))
}

// check refuses an attribute by which the index does not select.
func (w *searchWriter) check(f *field) error {
	v := w.plan.vectors
	if v.keys.has(f) {
		return w.plan.schema.checkCommon(f)
	}
	return fmt.Errorf("the index %q does not select by the attribute; %s, or leave the items out "+
		"in the loop", v.name, w.plan.schema.howToDeclare(fmt.Sprintf("add the tag `vector:%q`",
		v.name+",filter")))
}

func (q *search) makeInput(plan *searchPlan) *dynamodb.SearchVectorsInput {
	return &dynamodb.SearchVectorsInput{
		TableName: &q.table.name, IndexName: &plan.vectors.name,
		SearchVector: makeSearchVector(q.vector), TopK: &plan.top,
		SearchConditionExpression: plan.filter, ProjectionExpression: plan.projection,
		ExpressionAttributeNames:  plan.aliases.Names(),
		ExpressionAttributeValues: plan.aliases.Values(),
		ReturnConsumedCapacity:    q.table.mapper.capacity(),
	}
}

func makeSearchVector(vector []float32) []types.AttributeValue {
	numbers := make([]types.AttributeValue, len(vector))
	for i, x := range vector {
		numbers[i] = &types.AttributeValueMemberN{Value: strconv.FormatFloat(float64(x), 'g', -1, 32)}
	}
	return numbers
}

// scanResults reads the results of a search: items with their scores.
func (rd *responseDecoder) scanResults() {
	d := rd.decoder
	d.Array()
	for d.Err() == nil {
		mark, before := d.Mark(), len(rd.items)
		if d.Element() && rd.scanResult() {
			continue
		}
		if !d.Grow(mark) {
			return
		}
		rd.items, rd.scores = rd.items[:before], rd.scores[:before]
	}
}

// scanResult reads one result. It returns false if the text is unreadable, and not only the item.
func (rd *responseDecoder) scanResult() bool {
	d := rd.decoder
	before, score := len(rd.items), 0.0
	d.Object()
	for {
		name, more := d.Member()
		switch {
		case d.Err() != nil:
			return false
		case !more:
			rd.addScores(before, score)
			return true
		case name == "Item":
			if !d.Null() && !rd.scanItem() {
				return false
			}
		case name == "Score":
			score = rd.scanScore()
		default:
			d.Skip()
		}
	}
}

// scanScore reads a number, or one in quotes as the SDK accepts it.
func (rd *responseDecoder) scanScore() float64 {
	d := rd.decoder
	start := d.Offset()
	d.Skip()
	if d.Err() != nil {
		return 0
	}
	score, err := strconv.ParseFloat(strings.Trim(d.Since(start), " \t\r\n\""), 64)
	if err != nil {
		d.Fail(fmt.Errorf("the score is no number: %w", err))
	}
	return score
}

// addScored adds an item with its score.
func (rd *responseDecoder) addScored(score float64, add func()) {
	before := len(rd.items)
	add()
	rd.addScores(before, score)
}

// addScores gives the score to the item that was added, if one was: those of other entities are
// left out.
func (rd *responseDecoder) addScores(before int, score float64) {
	for range len(rd.items) - before {
		rd.scores = append(rd.scores, score)
	}
}
