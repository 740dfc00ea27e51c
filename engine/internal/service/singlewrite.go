package service

import (
	"fmt"

	"github.com/dynamapper/dynamapper/engine/internal/protocol"
	"github.com/dynamapper/dynamapper/engine/internal/table"
	"github.com/dynamapper/dynamapper/engine/internal/value"
)

// singleWrite is the common part of PutItem, UpdateItem and DeleteItem.
type singleWrite struct {
	table         *string
	target        *protocol.Item // the item or the key
	condition     *string
	operator      *string
	expected      protocol.Map[protocol.ExpectedAttributeValue]
	names         protocol.Map[string]
	values        *protocol.Item
	capacity      *string
	metrics       *string
	returnValues  *string
	returnOnCheck *string
}

// The service's texts about members of a request.
const (
	emptyTableName = "Value at 'TableName' failed to satisfy constraint: " +
		"Member must have length greater than or equal to 1"
	returnValuesEnum = "Failed to satisfy constraint: Member must satisfy enum value set: " +
		"[ALL_OLD, UPDATED_OLD, ALL_NEW, UPDATE_NEW, NONE]"
)

// isOneOf reports whether a member is missing or has one of the values.
func isOneOf(member *string, values ...string) bool {
	if member == nil {
		return true
	}
	for _, v := range values {
		if *member == v {
			return true
		}
	}
	return false
}

// isReturnValues reports whether a member is missing or a ReturnValues.
func isReturnValues(member *string) bool {
	return isOneOf(member, "NONE", "ALL_OLD", "UPDATED_OLD", "ALL_NEW", "UPDATED_NEW")
}

// notNull returns the broken constraint of a member that the request lacks.
func notNull(member string) string {
	return fmt.Sprintf(
		"Value null at '%s' failed to satisfy constraint: Member must not be null", member)
}

// notInEnum returns the broken constraint of a member whose value the model does not have.
func notInEnum(v, member, values string) string {
	return fmt.Sprintf("Value '%s' at '%s' failed to satisfy constraint: "+
		"Member must satisfy enum value set: [%s]", v, member, values)
}

// Enumerations as the service lists them.
const (
	capacityEnum = "INDEXES, TOTAL, NONE"
	metricsEnum  = "SIZE, NONE"
	onCheckEnum  = "ALL_OLD, NONE"
)

// badCapacity returns the broken constraints of a ReturnConsumedCapacity.
func badCapacity(mode *string) []string {
	if isOneOf(mode, "INDEXES", "TOTAL", "NONE") {
		return nil
	}
	return []string{notInEnum(*mode, "returnConsumedCapacity", capacityEnum)}
}

// badMetrics returns the broken constraints of a ReturnItemCollectionMetrics.
func badMetrics(mode *string) []string {
	if isOneOf(mode, "SIZE", "NONE") {
		return nil
	}
	return []string{notInEnum(*mode, "returnItemCollectionMetrics", metricsEnum)}
}

// badOnCheck returns the broken constraints of a ReturnValuesOnConditionCheckFailure.
func badOnCheck(mode *string, path string) []string {
	if isOneOf(mode, "ALL_OLD", "NONE") {
		return nil
	}
	return []string{notInEnum(*mode, path, onCheckEnum)}
}

// tableNameProblem returns the first constraint that a table name breaks. The length is checked
// before the pattern.
func tableNameProblem(name *string) []string {
	if name == nil {
		return []string{notNull("tableName")}
	}
	return firstOf(tableNameProblems(*name, "tableName"))
}

func firstOf(problems []string) []string { return problems[:min(1, len(problems))] }

// tableNameProblems returns the constraints that a table name breaks. path is the position of the
// name in the request. An ARN counts as a valid name.
func tableNameProblems(name, path string) []string {
	if isARN(name) {
		return nil
	}
	broken := func(constraint string) string {
		return fmt.Sprintf("Value '%s' at '%s' failed to satisfy constraint: %s",
			name, path, constraint)
	}
	var problems []string
	if len(name) < 3 {
		problems = append(problems, broken("Member must have length greater than or equal to 3"))
	} else if len(name) > 255 {
		problems = append(problems, broken("Member must have length less than or equal to 255"))
	}
	if !isNameText(name) {
		problems = append(problems,
			broken("Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+"))
	}
	return problems
}

// isNameText reports whether a text is not empty and has only letters, digits, '_', '.' and '-'.
func isNameText(s string) bool {
	for i := range len(s) {
		c := s[i]
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
		if !letter && (c < '0' || c > '9') && c != '_' && c != '.' && c != '-' {
			return false
		}
	}
	return s != ""
}

// constraints checks the members of a PutItem or DeleteItem against the service's model. target is
// the name of the member that holds the item or the key.
func (w *singleWrite) constraints(target string) []string {
	broken := tableNameProblem(w.table)
	if w.target == nil {
		broken = append(broken, notNull(target))
	}
	broken = append(broken, badCapacity(w.capacity)...)
	if !isReturnValues(w.returnValues) {
		broken = append(broken, returnValuesEnum)
	}
	broken = append(broken, badMetrics(w.metrics)...)
	return append(broken,
		badOnCheck(w.returnOnCheck, "returnValuesOnConditionCheckFailure")...)
}

// refuseConstraints returns the error for broken constraints, or nil if there are none.
func refuseConstraints(broken []string) error {
	if len(broken) == 0 {
		return nil
	}
	return protocol.Constraints(broken)
}

// respond writes the response to a single write.
func (w *singleWrite) respond(out *protocol.Writer, st *staged, attributes value.Map) {
	out.Object()
	if attributes != nil {
		out.Key("Attributes")
		out.Item(attributes)
	}
	if wantsCapacity(w.capacity) {
		u := units{}
		u.addWrite(st.wrote, 1)
		putCapacity(out, w.capacity, tableName(*w.table), &u)
	}
	if wantsMetrics(w.metrics) {
		st.entry.putMetrics(out, st.target)
	}
	out.End()
}

// wantsMetrics reports whether a ReturnItemCollectionMetrics asks for the metrics.
func wantsMetrics(mode *string) bool { return mode != nil && *mode == "SIZE" }

// putMetrics writes the size of the item collection of a write. Only a table with local indexes has
// item collections.
func (e *tableEntry) putMetrics(out *protocol.Writer, item value.Map) {
	if !e.hasCollections() {
		return
	}
	out.Key("ItemCollectionMetrics")
	e.writeMetrics(out, item)
}

// hasCollections reports whether the table has item collections.
func (e *tableEntry) hasCollections() bool {
	e.mu.RLock()
	defer e.mu.RUnlock()
	return e.table.HasCollections()
}

// writeMetrics writes the metrics of an item's collection.
func (e *tableEntry) writeMetrics(out *protocol.Writer, item value.Map) {
	e.mu.RLock()
	defer e.mu.RUnlock()
	hash := e.table.Keys().Hash
	size := float64(e.table.CollectionBytes(item) >> 30)
	out.Object()
	out.Key("ItemCollectionKey")
	out.Item(keyOf(item, table.KeySchema{Hash: hash}))
	out.Key("SizeEstimateRangeGB")
	out.Array()
	out.Float(size)
	out.Float(size + 1)
	out.End()
	out.End()
}
