package protocol

import "reflect"

// The service reads attribute values by two sets of rules, which differ in the texts of their
// refusals. Each operation follows one of them; Request.Older describes the exception.

// rules describes how an operation refuses values.
type rules struct {
	older      bool  // the operation follows the older rules
	envelope   bool  // by the newer rules, the operation puts refusals in an envelope
	late       bool  // ExpressionAttributeValues are read late, as the legacy conditions are
	prefix     bool  // most refusals of ExclusiveStartKey start with startKey
	deeper     bool  // ExpressionAttributeValues may nest one level deeper
	named      kinds // the kinds whose text names the key of ExpressionAttributeValues
	olderNamed kinds // the same for a request by the older rules
}

// kinds is a set of ProblemKinds.
type kinds uint16

func kindSet(all ...ProblemKind) kinds {
	var set kinds
	for _, k := range all {
		set |= 1 << k
	}
	return set
}

func (set kinds) has(k ProblemKind) bool { return set&(1<<k) != 0 }

// startKey precedes the refusals of an ExclusiveStartKey.
const startKey = "The provided starting key is invalid: "

// rulesOf returns the rules of the operation with the given input type.
func rulesOf(input reflect.Type) rules {
	checked := kindSet(EmptySet)
	switch input {
	case reflect.TypeFor[PutItemInput]():
		return rules{envelope: true, named: checked, olderNamed: checked | kindSet(Duplicates)}
	case reflect.TypeFor[UpdateItemInput]():
		return rules{
			envelope:   true,
			named:      checked | kindSet(SeveralTypes, NullText),
			olderNamed: checked | kindSet(SeveralTypes, NullText, BadNumber, Duplicates),
		}
	case reflect.TypeFor[DeleteItemInput]():
		named := checked | kindSet(EmptyValue, SeveralTypes, NullText)
		return rules{
			envelope: true, late: true,
			named: named, olderNamed: named | kindSet(BadNumber, Duplicates),
		}
	case reflect.TypeFor[QueryInput]():
		named := checked | kindSet(EmptyValue, NullText)
		return rules{named: named, olderNamed: named | kindSet(Duplicates)}
	case reflect.TypeFor[ScanInput]():
		return rules{prefix: true, named: checked, olderNamed: checked | kindSet(Duplicates)}
	case reflect.TypeFor[BatchWriteItemInput](), reflect.TypeFor[TransactGetItemsInput]():
		return rules{older: true}
	case reflect.TypeFor[TransactWriteItemsInput]():
		return rules{
			older: true, deeper: true,
			olderNamed: checked | kindSet(BadNumber, Duplicates, TooDeep, EmptyName),
		}
	}
	return rules{}
}

// place is the member of a request that holds a value.
type place uint8

const (
	inItem place = iota + 1
	inKey
	inValues    // ExpressionAttributeValues
	inStartKey  // ExclusiveStartKey
	inCondition // Expected, KeyConditions and QueryFilter
	inScanFilter
	inUpdates // AttributeUpdates
)

// placeOf returns the place of an input's member, or 0 if it has none.
func placeOf(member string) place {
	switch member {
	case "Item":
		return inItem
	case "Key", "Keys":
		return inKey
	case "ExpressionAttributeValues":
		return inValues
	case "ExclusiveStartKey":
		return inStartKey
	case "Expected", "KeyConditions", "QueryFilter":
		return inCondition
	case "ScanFilter":
		return inScanFilter
	case "AttributeUpdates":
		return inUpdates
	}
	return 0
}

// late reports whether the operation reads the values at the place late.
func (d *decoder) late() bool {
	switch d.place {
	case inCondition, inScanFilter, inStartKey:
		return true
	case inValues:
		return d.rules.late
	}
	return false
}

// levels returns the number of maps and lists that may be around a value at the place.
func (d *decoder) levels() int {
	if d.place == inScanFilter || d.place == inValues && d.rules.deeper {
		return maxLevels + 1
	}
	return maxLevels
}

// refuse records the refusal of a value: as a problem for the operation, or as a refusal of the
// request if the service checks the value before the members of the request.
func (d *decoder) refuse(kind ProblemKind, message string) {
	p := Problem{Kind: kind, Name: d.name, Message: message, Enveloped: d.isEnveloped(kind)}
	if d.isNamed(kind) {
		p.Message = named(message, d.name)
	}
	if d.place == inStartKey && d.hasPrefix(kind, message) {
		p.Message = startKey + message
	}
	if kind > BadNumber || d.late() {
		d.take(p)
	} else if d.refusal == nil {
		d.refusal = p.Refusal()
	}
}

// named returns a refusal that names the key of ExpressionAttributeValues.
func named(message, key string) string {
	return "ExpressionAttributeValues contains invalid value: " + message + " for key " + key
}

func (d *decoder) isNamed(kind ProblemKind) bool {
	if d.place != inValues {
		return false
	}
	if d.older {
		return d.rules.olderNamed.has(kind)
	}
	return d.rules.named.has(kind)
}

// isEnveloped reports whether the service puts a refusal in an envelope.
func (d *decoder) isEnveloped(kind ProblemKind) bool {
	if !d.rules.envelope || d.older && !d.alwaysEnveloped(kind) {
		return false
	}
	switch kind {
	case EmptyValue:
		return false
	case SeveralTypes, NullText:
		return d.place == inCondition
	case EmptySet:
		return d.place != inKey && d.place != inUpdates
	}
	return true
}

// alwaysEnveloped reports whether a refusal has its envelope by the older rules too.
func (d *decoder) alwaysEnveloped(kind ProblemKind) bool {
	return kind == EmptyName || kind == TooDeep && d.place != inItem && d.place != inValues
}

// hasPrefix reports whether a refusal of an ExclusiveStartKey starts with startKey.
func (d *decoder) hasPrefix(kind ProblemKind, message string) bool {
	switch kind {
	case EmptyValue, SeveralTypes:
		return d.rules.prefix || message == emptyValue || message == severalTypes
	case NullFalse, NullText, TooDeep:
		return d.rules.prefix
	case EmptySet:
		return d.rules.prefix && message != emptyNumberSet
	}
	return false
}

// take adds a problem to those of the item or value. Only the first of a kind counts.
func (d *decoder) take(p Problem) {
	for i := range d.problems {
		if d.problems[i].Kind == p.Kind {
			return
		}
	}
	d.problems = append(d.problems, p)
}

// chain returns the problems of the item or value read last.
func (d *decoder) chain() *Problem {
	if len(d.problems) == 0 {
		return nil
	}
	all := append([]Problem(nil), d.problems...)
	for i := range all[1:] {
		all[i].Next = &all[i+1]
	}
	d.problems = d.problems[:0]
	return &all[0]
}
