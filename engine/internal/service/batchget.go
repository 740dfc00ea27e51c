package service

import (
	"context"
	"fmt"

	"github.com/dynamapper/dynamapper/engine/internal/protocol"
	"github.com/dynamapper/dynamapper/engine/internal/value"
)

const maxBatchKeys = 100

// tableKeysConstraint is broken by a batch with an invalid table name.
const tableKeysConstraint = "Map keys must satisfy constraint: [Member must have length less " +
	"than or equal to 255, Member must have length greater than or equal to 3, Member must " +
	"satisfy regular expression pattern: [a-zA-Z0-9_.-]+]"

// batchGetItem answers BatchGetItem.
func batchGetItem(
	s *Service, ctx context.Context, in *protocol.BatchGetItemInput, out *protocol.Writer,
) error {
	projections, err := planBatchGet(in)
	if err != nil {
		return refuse(err)
	}
	entries := make([]*tableEntry, len(in.RequestItems))
	for i, request := range in.RequestItems {
		if entries[i], err = s.open(ctx, request.Key); err != nil {
			return err
		}
		for _, key := range request.Value.Keys {
			if err := checkKey(key.Attributes, entries[i].table.Keys()); err != nil {
				return refuse(err)
			}
		}
	}
	b := batchRead{s: s, in: in, out: out, room: maxBatchRead}
	out.Object()
	out.Key("Responses")
	out.Object()
	for i := range in.RequestItems {
		b.read(entries[i], &in.RequestItems[i], projections[i])
	}
	out.End()
	b.finish()
	out.End()
	if b.served == 0 {
		return b.throttled
	}
	return nil
}

// planBatchGet checks the request in the service's order.
func planBatchGet(in *protocol.BatchGetItemInput) ([]projection, error) {
	if err := checkBatchKeys(in); err != nil {
		return nil, err
	}
	for _, request := range in.RequestItems {
		if err := batchEmptyNames(&request.Value); err != nil {
			return nil, err
		}
	}
	if err := checkBatchProjections(in); err != nil {
		return nil, err
	}
	projections := make([]projection, len(in.RequestItems))
	for i, request := range in.RequestItems {
		project, err := planBatchTable(&request.Value)
		if err != nil {
			return nil, err
		}
		projections[i] = project
	}
	return projections, nil
}

// checkBatchKeys checks the number of keys and the tables' names.
func checkBatchKeys(in *protocol.BatchGetItemInput) error {
	if len(in.RequestItems) == 0 {
		return protocol.Enveloped("Value at 'RequestItems' failed to satisfy constraint: " +
			"Member must have length greater than or equal to 1")
	}
	total, most, named := 0, 0, true
	for i, request := range in.RequestItems {
		n := len(request.Value.Keys)
		if n == 0 {
			return protocol.Enveloped("Value at 'RequestItems.%s.member.Keys' failed to satisfy "+
				"constraint: Member must have length greater than or equal to 1", request.Key)
		}
		if n > len(in.RequestItems[most].Value.Keys) {
			most = i
		}
		total += n
		named = named && len(tableNameProblems(request.Key, "")) == 0
	}
	if total > maxBatchKeys && named {
		return protocol.Enveloped("Value at 'RequestItems.%s.member.Keys' failed to satisfy "+
			"constraint: Member must have length less than or equal to 100",
			in.RequestItems[most].Key)
	}
	var broken []string
	if !named {
		broken = append(broken, fmt.Sprintf("Value '%s' at 'requestItems' failed to satisfy "+
			"constraint: %s", batchGetEcho(in), tableKeysConstraint))
	}
	return refuseConstraints(append(broken, badCapacity(in.ReturnConsumedCapacity)...))
}

func batchEmptyNames(request *protocol.KeysAndAttributes) error {
	keys := make([]*protocol.Item, len(request.Keys))
	for i := range request.Keys {
		keys[i] = &request.Keys[i]
	}
	return emptyNames(request.AttributesToGet, request.ExpressionAttributeNames, keys...)
}

// checkBatchProjections refuses expressions for one table together with names for another.
func checkBatchProjections(in *protocol.BatchGetItemInput) error {
	p := parameters{}
	names, expressions := false, false
	for _, request := range in.RequestItems {
		names = names || request.Value.AttributesToGet != nil
		expressions = expressions || request.Value.ProjectionExpression != nil
	}
	p.legacy = present(p.legacy, names, "AttributesToGet")
	p.expressions = present(p.expressions, expressions, "ProjectionExpression")
	return p.check()
}

// planBatchTable checks the request for one table.
func planBatchTable(request *protocol.KeysAndAttributes) (projection, error) {
	p := parameters{names: request.ExpressionAttributeNames}
	p.expressions = present(p.expressions,
		request.ProjectionExpression != nil, "ProjectionExpression")
	if err := p.check(); err != nil {
		return nil, err
	}
	project, err := planProjection(request.ProjectionExpression, request.AttributesToGet, &p)
	if err != nil {
		return nil, err
	}
	for i := range request.Keys {
		if err := itemProblem(&request.Keys[i]); err != nil {
			return nil, err
		}
	}
	return project, checkDuplicateKeys(request.Keys)
}

// checkDuplicateKeys refuses a key that occurs twice.
func checkDuplicateKeys(keys []protocol.Item) error {
	seen := make(map[string]bool, len(keys))
	for _, key := range keys {
		text := string(value.AppendItemJSON(nil, key.Attributes))
		if seen[text] {
			return protocol.Validation("Provided list of item keys contains duplicates")
		}
		seen[text] = true
	}
	return nil
}

// batchRead is a BatchGetItem in progress.
type batchRead struct {
	s           *Service
	in          *protocol.BatchGetItemInput
	out         *protocol.Writer
	room        int   // how many more bytes the response may have
	served      int   // how many keys have been read
	throttled   error // why a key was not read; returned if none was
	consumed    []batchUnits
	unprocessed []unprocessedKeys
}

type batchUnits struct {
	table string
	units units
}

// unprocessedKeys are the keys of a table that the response returns as unprocessed.
type unprocessedKeys struct {
	request *protocol.Entry[protocol.KeysAndAttributes]
	keys    []value.Map
}

// read reads the keys of one table.
func (b *batchRead) read(
	entry *tableEntry, request *protocol.Entry[protocol.KeysAndAttributes], project projection,
) {
	consistent := isTrue(request.Value.ConsistentRead)
	view, done := b.s.view(entry, consistent)
	defer done()
	left := unprocessedKeys{request: request}
	u := units{}
	b.out.Key(request.Key)
	b.out.Array()
	for i := range b.order(len(request.Value.Keys)) {
		key := request.Value.Keys[i].Attributes
		text, _ := view.Keys().Key(key)
		record := view.Get(text)
		cost := readUnits(size(record), consistent)
		if b.leave(entry, size(record), cost) {
			left.keys = append(left.keys, key)
			continue
		}
		b.served++
		b.room -= size(record)
		u.table += cost
		if record != nil {
			b.s.writeItem(b.out, project(record.Item))
		}
	}
	b.out.End()
	b.consumed = append(b.consumed, batchUnits{entry.name, u})
	if left.keys != nil {
		b.unprocessed = append(b.unprocessed, left)
	}
}

// order yields the positions of n keys, in random order with a seed.
func (b *batchRead) order(n int) func(yield func(int) bool) {
	positions := make([]int, n)
	for i := range positions {
		positions[i] = i
	}
	b.s.chance.shuffle(n, func(i, j int) {
		positions[i], positions[j] = positions[j], positions[i]
	})
	return func(yield func(int) bool) {
		for _, i := range positions {
			if !yield(i) {
				return
			}
		}
	}
}

// leave reports whether a key is returned as unprocessed, because the response is full, because the
// table is throttled, or by chance.
func (b *batchRead) leave(entry *tableEntry, bytes int, cost float64) bool {
	if bytes > b.room {
		b.room = 0 // the following keys do not fit either
		return true
	}
	if b.room == 0 || b.s.takeUnprocessed(entry.name) || b.s.chance.oneIn(16) {
		return true
	}
	if err := b.s.throttle(entry, cost, 0); err != nil {
		b.throttled = err
		return true
	}
	return false
}

// finish writes the unprocessed keys and the consumed units.
func (b *batchRead) finish() {
	b.out.Key("UnprocessedKeys")
	b.out.Object()
	for _, left := range b.unprocessed {
		b.out.Key(left.request.Key)
		writeKeys(b.out, &left.request.Value, left.keys)
	}
	b.out.End()
	putBatchCapacity(b.out, b.in.ReturnConsumedCapacity, b.consumed)
}

// putBatchCapacity writes the units of each table if the request asks for them.
func putBatchCapacity(out *protocol.Writer, mode *string, consumed []batchUnits) {
	if !wantsCapacity(mode) {
		return
	}
	out.Key("ConsumedCapacity")
	out.Array()
	for i := range consumed {
		writeCapacity(out, *mode, consumed[i].table, &consumed[i].units, noAxis)
	}
	out.End()
}

// writeKeys writes keys in the form of a request, so that a client can send them again unchanged.
func writeKeys(out *protocol.Writer, request *protocol.KeysAndAttributes, keys []value.Map) {
	out.Object()
	out.Key("Keys")
	out.Array()
	for _, key := range keys {
		out.Item(key)
	}
	out.End()
	if request.ProjectionExpression != nil {
		out.Key("ProjectionExpression")
		out.String(*request.ProjectionExpression)
	}
	if request.AttributesToGet != nil {
		out.Key("AttributesToGet")
		out.Array()
		for _, name := range request.AttributesToGet {
			out.String(name)
		}
		out.End()
	}
	if request.ExpressionAttributeNames != nil {
		out.Key("ExpressionAttributeNames")
		out.Object()
		for _, n := range request.ExpressionAttributeNames {
			out.Key(n.Key)
			out.String(n.Value)
		}
		out.End()
	}
	if request.ConsistentRead != nil {
		out.Key("ConsistentRead")
		out.Bool(*request.ConsistentRead)
	}
	out.End()
}
