package protocol

// Problem is something wrong with an attribute value of a request, for the operation to raise in
// its own order.
//
// The service looks at values in three rounds:
//
//  1. As it reads the request, before it looks at any member: the kinds up to BadNumber. Decode
//     returns these as its error. Where an operation reads values late, they are Problems: in
//     Expected, KeyConditions, QueryFilter, ScanFilter and ExclusiveStartKey, and in DeleteItem's
//     ExpressionAttributeValues.
//  2. After the constraints of the members: EmptyName, in any value of the request. PutItem,
//     UpdateItem and DeleteItem look at the item or key, AttributeUpdates and Expected (their
//     names, too), then at ExpressionAttributeNames, then at ExpressionAttributeValues.
//  3. The other kinds. PutItem looks at its item first, then whether parameters go together, then
//     at ExpressionAttributeValues. The others look at their keys after these: TooDeep in Key,
//     AttributeUpdates and Expected, then the rest in Key. The reads look at their filters, and
//     at ExclusiveStartKey last. All of it is before the expressions and the table.
type Problem struct {
	Kind      ProblemKind
	Message   string   // the text, as the service words it in this member of this request
	Enveloped bool     // the text comes in an envelope
	Name      string   // the attribute, or the ":name" of ExpressionAttributeValues
	Depth     int      // of TooDeep: how many maps and lists are around the innermost value
	Next      *Problem // the next problem; only the first of each kind is kept
}

// ProblemKind tells problems with values apart by when and how the service raises them.
type ProblemKind uint8

// The kinds of problems.
const (
	// EmptyValue is a value without a type: {} or {"S": null}.
	EmptyValue ProblemKind = iota + 1
	// SeveralTypes is a value with more than one type.
	SeveralTypes
	// NullText is a NULL that a string turns false, or a false one beside another type.
	NullText
	// NullFalse is {"NULL": false}.
	NullFalse
	// BadNumber is a number that is none, or that DynamoDB cannot store.
	BadNumber
	// EmptySet is a set without elements.
	EmptySet
	// Duplicates is a set with an element twice.
	Duplicates
	// TooDeep is a value with more maps and lists around it than its member may have.
	TooDeep
	// EmptyName is an attribute without a name, at any depth.
	EmptyName
)

// Find returns the first problem of one of the kinds, and nil if there is none. The receiver may
// be nil.
func (p *Problem) Find(kinds ...ProblemKind) *Problem {
	set := kindSet(kinds...)
	for ; p != nil; p = p.Next {
		if set.has(p.Kind) {
			return p
		}
	}
	return nil
}

// Except returns the first problem of none of the kinds, and nil if there is none. The receiver
// may be nil.
func (p *Problem) Except(kinds ...ProblemKind) *Problem {
	set := kindSet(kinds...)
	for ; p != nil; p = p.Next {
		if !set.has(p.Kind) {
			return p
		}
	}
	return nil
}

// Refusal returns the ValidationException of the problem.
func (p *Problem) Refusal() *Error {
	if p.Enveloped {
		return Enveloped("%s", p.Message)
	}
	return Validation("%s", p.Message)
}

// Request is what the whole of a request says about how its values are read.
type Request struct {
	// Older reports whether the service reads the request by its older rules, whatever the
	// operation: the request has a boolean given as a string, or a value with several types.
	// Then PutItem, UpdateItem and DeleteItem put no refusal in an envelope, except those of
	// broken constraints and those of a Problem that says so.
	Older bool
	// Coerced reports whether an integer of the request had a fraction, or did not fit. Query
	// and Scan then check their members by the older rules.
	Coerced bool
}
