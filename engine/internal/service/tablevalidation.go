package service

import (
	"slices"
	"strings"

	"github.com/dynamapper/dynamapper/engine/internal/protocol"
)

// Limits of a table: the service's documentation, "Quotas".
const (
	maxLocals    = 5
	maxGlobals   = 20
	maxProjected = 100 // attributes that all indexes of a table include
	maxHashKeys  = 4   // of a global index
	maxRangeKeys = 4
)

const undefinedKeys = "Invalid KeySchema: Some index key attribute have no definition"

// tableRequest holds the parts of a CreateTable that concern keys, in the terms of this package.
type tableRequest struct {
	in      *protocol.CreateTableInput
	keys    []keyElement
	defined []string // the attributes that have a definition, in the request's order
}

func newTableRequest(in *protocol.CreateTableInput) *tableRequest {
	return &tableRequest{
		in: in, keys: keysOf(in.KeySchema), defined: definedNames(in.AttributeDefinitions),
	}
}

func definedNames(defined []protocol.AttributeDefinition) []string {
	names := make([]string, len(defined))
	for i, a := range defined {
		names[i] = text(a.AttributeName)
	}
	return names
}

// checkKeys checks the keys of the table and its indexes, and the definitions of their attributes.
func (r *tableRequest) checkKeys() error {
	steps := []func() error{
		r.checkDefinedOnce, r.checkTableKeyDefined, r.checkTableKey, r.checkLists,
		r.checkIndexKeysDefined, r.checkAllUsed, r.checkLocals, r.checkGlobals, r.checkVectors,
		r.checkIndexNames, r.checkIncluded,
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// checkDefinedOnce refuses an attribute with two definitions.
func (r *tableRequest) checkDefinedOnce() error {
	for i, name := range r.defined {
		if slices.Contains(r.defined[:i], name) {
			return protocol.Validation("Attribute Name is duplicated: %s", name)
		}
	}
	return nil
}

// checkTableKeyDefined refuses a key of the table that lacks a definition.
func (r *tableRequest) checkTableKeyDefined() error {
	names := keyNames(r.keys)
	if len(names) == 2 && names[0] == names[1] {
		return protocol.Validation(undefinedKeys)
	}
	if containsAll(r.defined, names) {
		return nil
	}
	if len(r.defined) == 0 || len(names) > 1 {
		return protocol.Validation(undefinedKeys)
	}
	return undefinedKey(names, r.defined)
}

func undefinedKey(keys, defined []string) error {
	return invalid("Some index key attributes are not defined in AttributeDefinitions. "+
		"Keys: [%s], AttributeDefinitions: [%s]",
		strings.Join(keys, ", "), strings.Join(defined, ", "))
}

// checkKeyDefined refuses a key of an index that lacks a definition.
func checkKeyDefined(keys []keyElement, defined []string) error {
	names := sizedOrder(keyNames(keys))
	if containsAll(defined, names) {
		return nil
	}
	if len(defined) < len(names) {
		return protocol.Validation(undefinedKeys)
	}
	return undefinedKey(names, sizedOrder(defined))
}

func keyNames(keys []keyElement) []string {
	names := make([]string, len(keys))
	for i, k := range keys {
		names[i] = k.name
	}
	return names
}

func containsAll(names, wanted []string) bool {
	for _, name := range wanted {
		if !slices.Contains(names, name) {
			return false
		}
	}
	return true
}

func (r *tableRequest) checkTableKey() error { return checkKeyShape(r.keys) }

const (
	noHashFirst = "Invalid KeySchema: The first KeySchemaElement is not a HASH key type"
	sameKeyName = "Both the Hash Key and the Range Key element in the KeySchema have the same name"
)

// checkKeyShape checks a key of the table or of a local index: a hash attribute, and perhaps a
// range attribute.
func checkKeyShape(keys []keyElement) error {
	switch {
	case keys[0].isRange:
		return protocol.Validation(noHashFirst)
	case len(keys) == 1:
		return nil
	case keys[0].name == keys[1].name:
		return protocol.Validation(sameKeyName)
	case !keys[1].isRange:
		return protocol.Validation(
			"Invalid KeySchema: The second KeySchemaElement is not a RANGE key type")
	}
	return nil
}

// checkGlobalKeyShape checks a key of a global index: up to four hash attributes, and then up to
// four range attributes.
func checkGlobalKeyShape(keys []keyElement) error {
	if keys[0].isRange {
		return protocol.Validation(noHashFirst)
	}
	if len(keys) == 2 && keys[1].isRange && keys[0].name == keys[1].name {
		return protocol.Validation(sameKeyName)
	}
	names := keyNames(keys)
	if len(distinct(names)) < len(names) {
		return protocol.Validation(
			"The KeySchema contains multiple key attributes with the same name")
	}
	hashes := slices.IndexFunc(keys, func(k keyElement) bool { return k.isRange })
	if hashes < 0 {
		hashes = len(keys)
	}
	if slices.ContainsFunc(keys[hashes:], func(k keyElement) bool { return !k.isRange }) {
		return invalid("All HASH key attributes must precede RANGE key attributes in the KeySchema")
	}
	const tooMany = "The KeySchema exceeds the maximum allowed number of %s key attributes"
	if hashes > maxHashKeys {
		return invalid(tooMany, "HASH")
	}
	if len(keys)-hashes > maxRangeKeys {
		return invalid(tooMany, "RANGE")
	}
	return nil
}

// checkLists refuses lists of indexes that are empty, and local indexes of a table without a range
// key.
func (r *tableRequest) checkLists() error {
	locals, globals := r.in.LocalSecondaryIndexes, r.in.GlobalSecondaryIndexes
	switch {
	case locals != nil && len(locals) == 0:
		return invalid("List of LocalSecondaryIndexes is empty")
	case globals != nil && len(globals) == 0:
		return invalid("List of GlobalSecondaryIndexes is empty")
	case len(locals) > 0 && len(r.keys) == 1:
		return invalid("Table KeySchema does not have a range key, which is required when " +
			"specifying a LocalSecondaryIndex")
	}
	return nil
}

func (r *tableRequest) checkIndexKeysDefined() error {
	for _, index := range r.in.LocalSecondaryIndexes {
		if err := checkKeyDefined(keysOf(index.KeySchema), r.defined); err != nil {
			return err
		}
	}
	for _, index := range r.in.GlobalSecondaryIndexes {
		if err := checkKeyDefined(keysOf(index.KeySchema), r.defined); err != nil {
			return err
		}
	}
	return nil
}

// checkAllUsed refuses definitions of attributes that are part of no key.
func (r *tableRequest) checkAllUsed() error {
	used := keyNames(r.keys)
	for _, index := range r.in.LocalSecondaryIndexes {
		used = append(used, keyNames(keysOf(index.KeySchema))...)
	}
	for _, index := range r.in.GlobalSecondaryIndexes {
		used = append(used, keyNames(keysOf(index.KeySchema))...)
	}
	for _, index := range r.in.VectorIndexes {
		for _, e := range index.SearchSchema {
			if name := text(e.AttributeName); slices.Contains(r.defined, name) {
				used = append(used, name)
			}
		}
	}
	if len(r.defined) == len(distinct(used)) {
		return nil
	}
	if len(used) == len(r.keys) {
		return invalid("Number of attributes in KeySchema does not exactly match number of " +
			"attributes defined in AttributeDefinitions")
	}
	return invalid("Some AttributeDefinitions are not used. AttributeDefinitions: [%s], "+
		"keys used: [%s]", strings.Join(sizedOrder(r.defined), ", "),
		strings.Join(setOrder(used), ", "))
}

func (r *tableRequest) checkLocals() error {
	names := make([]string, len(r.in.LocalSecondaryIndexes))
	for i, index := range r.in.LocalSecondaryIndexes {
		names[i] = *index.IndexName
		if err := r.checkLocal(&index); err != nil {
			return err
		}
	}
	if err := checkDistinct(names); err != nil {
		return err
	}
	if len(names) > maxLocals {
		return invalid("Number of LocalSecondaryIndexes exceeds per-table limit of %d", maxLocals)
	}
	return nil
}

func (r *tableRequest) checkLocal(index *protocol.LocalSecondaryIndex) error {
	keys := keysOf(index.KeySchema)
	if err := checkKeyShape(keys); err != nil {
		return err
	}
	if len(keys) == 1 {
		return invalid("Index KeySchema does not have a range key for index: %s", *index.IndexName)
	}
	if keys[0].name != r.keys[0].name {
		return invalid("Index KeySchema does not have the same leading hash key as table "+
			"KeySchema for index: %s. index hash key: %s, table hash key: %s",
			*index.IndexName, keys[0].name, r.keys[0].name)
	}
	return checkProjection(index.Projection)
}

func (r *tableRequest) checkGlobals() error {
	names := make([]string, len(r.in.GlobalSecondaryIndexes))
	for i, index := range r.in.GlobalSecondaryIndexes {
		names[i] = *index.IndexName
		if err := checkGlobalKeyShape(keysOf(index.KeySchema)); err != nil {
			return err
		}
		if err := checkProjection(index.Projection); err != nil {
			return err
		}
	}
	if err := checkDistinct(names); err != nil {
		return err
	}
	if len(names) > maxGlobals {
		return invalid("GlobalSecondaryIndex count exceeds the per-table limit of %d", maxGlobals)
	}
	return nil
}

// checkIndexNames refuses a name that indexes of two kinds have.
func (r *tableRequest) checkIndexNames() error {
	var names []string
	for _, index := range r.in.LocalSecondaryIndexes {
		names = append(names, *index.IndexName)
	}
	for _, index := range r.in.GlobalSecondaryIndexes {
		names = append(names, *index.IndexName)
	}
	for _, index := range r.in.VectorIndexes {
		names = append(names, *index.IndexName)
	}
	return checkDistinct(names)
}

func checkDistinct(names []string) error {
	for i, name := range names {
		if slices.Contains(names[:i], name) {
			return invalid("Duplicate index name: %s", name)
		}
	}
	return nil
}

// checkIncluded refuses indexes that together include too many attributes.
func (r *tableRequest) checkIncluded() error {
	sum := 0
	for _, index := range r.in.LocalSecondaryIndexes {
		sum += len(index.Projection.NonKeyAttributes)
	}
	for _, index := range r.in.GlobalSecondaryIndexes {
		sum += len(index.Projection.NonKeyAttributes)
	}
	return checkProjected(sum)
}

func checkProjected(sum int) error {
	if sum > maxProjected {
		return invalid("Number of NonKeyAttributes of all indexes exceeds per-table limit of %d",
			maxProjected)
	}
	return nil
}

// checkProjection checks that a projection lists attributes if, and only if, it includes some.
func checkProjection(p *protocol.Projection) error {
	if p.ProjectionType == nil {
		return invalid("Unknown ProjectionType: null")
	}
	includes := *p.ProjectionType == "INCLUDE"
	switch {
	case includes && p.NonKeyAttributes == nil:
		return invalid("ProjectionType is INCLUDE, but NonKeyAttributes is not specified")
	case !includes && p.NonKeyAttributes != nil:
		return invalid("ProjectionType is %s, but NonKeyAttributes is specified",
			*p.ProjectionType)
	}
	for i, name := range p.NonKeyAttributes {
		if slices.Contains(p.NonKeyAttributes[:i], name) {
			return invalid("Duplicate element in NonKeyAttributes: %s", name)
		}
	}
	return nil
}
