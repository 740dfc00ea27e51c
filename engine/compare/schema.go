package main

import "math/rand/v2"

// A key is an attribute of a key schema.
type key struct {
	name string
	kind string // S, N or B
}

// A table holds what the generator knows about a table.
type table struct {
	name    string
	hash    key
	ranged  key // without a name if the table has no range key
	indexes []index
	pools   map[string][]any // the values of each key attribute
	heavy   bool             // some of its items are large
}

// An index holds what the generator knows about an index.
type index struct {
	name       string
	local      bool
	hash       []key
	ranged     []key
	projection string
	include    []string
}

func (t *table) keys() []key {
	if t.ranged.name == "" {
		return []key{t.hash}
	}
	return []key{t.hash, t.ranged}
}

func (x *index) keys() []key { return append(append([]key(nil), x.hash...), x.ranged...) }

// indexKeys are the attributes that indexes may have as keys.
var indexKeys = []key{{"g1", "S"}, {"g2", "N"}, {"g3", "B"}, {"l1", "N"}, {"l2", "S"}}

// randomTable returns a table with indexes. Keys of several attributes are made only if multi is
// set.
func randomTable(r *rand.Rand, name string, multi bool) *table {
	kinds := []string{"S", "S", "N", "B"}
	t := &table{name: name, hash: key{"h", pick(r, kinds)}, pools: map[string][]any{}}
	if r.IntN(4) > 0 {
		t.ranged = key{"r", pick(r, kinds)}
		for i := range r.IntN(3) {
			t.indexes = append(t.indexes, randomLocal(r, t, i))
		}
	}
	for i := range r.IntN(4) {
		t.indexes = append(t.indexes, randomGlobal(r, t, i, multi))
	}
	t.heavy = r.IntN(8) == 0
	t.fillPools(r)
	return t
}

func randomLocal(r *rand.Rand, t *table, i int) index {
	x := index{name: []string{"local.a", "local.b"}[i], local: true, hash: []key{t.hash}}
	x.ranged = []key{pick(r, indexKeys)}
	x.project(r)
	return x
}

func randomGlobal(r *rand.Rand, t *table, i int, multi bool) index {
	x := index{name: []string{"global.a", "global.b", "global.c"}[i]}
	candidates := append(t.keys(), indexKeys...)
	r.Shuffle(len(candidates), func(i, j int) {
		candidates[i], candidates[j] = candidates[j], candidates[i]
	})
	hashes, ranges := 1, r.IntN(2)
	if multi && r.IntN(2) == 0 {
		hashes = 1 + r.IntN(4)
		ranges = r.IntN(min(4, len(candidates)-hashes) + 1)
	}
	x.hash, x.ranged = candidates[:hashes], candidates[hashes:hashes+ranges]
	x.project(r)
	return x
}

func (x *index) project(r *rand.Rand) {
	x.projection = pick(r, []string{"ALL", "KEYS_ONLY", "INCLUDE"})
	if x.projection == "INCLUDE" {
		x.include = pick(r, [][]string{{"a"}, {"a", "d"}, {"b", "size", "x-y"}})
	}
}

// fillPools chooses few values for each key attribute, so that requests hit the same items.
func (t *table) fillPools(r *rand.Rand) {
	for _, k := range append(t.keys(), indexKeys...) {
		size := 6
		if k.name == "h" {
			size = 3
		}
		values := keyValues(k.kind)
		r.Shuffle(len(values), func(i, j int) { values[i], values[j] = values[j], values[i] })
		t.pools[k.name] = values[:min(size, len(values))]
	}
}

// definitions returns the AttributeDefinitions of the table and its indexes.
func (t *table) definitions() *list {
	l, seen := newList(), map[string]bool{}
	define := func(keys []key) {
		for _, k := range keys {
			if !seen[k.name] {
				seen[k.name] = true
				l.add(newObject("AttributeName", k.name, "AttributeType", k.kind))
			}
		}
	}
	define(t.keys())
	for i := range t.indexes {
		define(t.indexes[i].keys())
	}
	return l
}

func keySchema(hash, ranged []key) *list {
	l := newList()
	for _, k := range hash {
		l.add(newObject("AttributeName", k.name, "KeyType", "HASH"))
	}
	for _, k := range ranged {
		l.add(newObject("AttributeName", k.name, "KeyType", "RANGE"))
	}
	return l
}

func (x *index) describe() *object {
	projection := newObject("ProjectionType", x.projection)
	if x.projection == "INCLUDE" {
		projection.set("NonKeyAttributes", newStrings(x.include...))
	}
	return newObject("IndexName", x.name, "KeySchema", keySchema(x.hash, x.ranged),
		"Projection", projection)
}

// create returns a CreateTable request.
func (t *table) create(r *rand.Rand) *object {
	o := newObject("TableName", t.name, "KeySchema", keySchema(t.keys()[:1], t.keys()[1:]),
		"AttributeDefinitions", t.definitions())
	provisioned := r.IntN(4) == 0
	if !provisioned {
		o.set("BillingMode", "PAY_PER_REQUEST")
	}
	throughput := newObject("ReadCapacityUnits", newInt(5), "WriteCapacityUnits", newInt(5))
	if provisioned {
		o.set("ProvisionedThroughput", throughput)
	}
	for i := range t.indexes {
		x := t.indexes[i].describe()
		member := "GlobalSecondaryIndexes"
		if t.indexes[i].local {
			member = "LocalSecondaryIndexes"
		} else if provisioned {
			x.set("ProvisionedThroughput", clone(throughput))
		}
		if !o.has(member) {
			o.set(member, newList())
		}
		o.get(member).(*list).add(x)
	}
	if r.IntN(2) == 0 {
		view := pick(r, []string{"NEW_IMAGE", "OLD_IMAGE", "NEW_AND_OLD_IMAGES", "KEYS_ONLY"})
		o.set("StreamSpecification", newObject("StreamEnabled", true, "StreamViewType", view))
	}
	if r.IntN(5) == 0 {
		o.set("Tags", newList(newObject("Key", "team", "Value", "one")))
	}
	return o
}

func pick[T any](r *rand.Rand, from []T) T { return from[r.IntN(len(from))] }
