package protocol

// Problem is a fault in an attribute value of a request. The operation raises it in its own order
// of checks.
//
// The service checks values in three rounds:
//
//  1. While it reads the request, before it checks any member: the kinds up to BadNumber. Decode
//     returns these as its error. If an operation reads values late, they are Problems: in
//     Expected, KeyConditions, QueryFilter, ScanFilter and ExclusiveStartKey, and in DeleteItem's
//     ExpressionAttributeValues.
//  2. After the constraints of the members: EmptyName, in any value of the request. PutItem,
//     UpdateItem and DeleteItem check the item or key, AttributeUpdates and Expected (their
//     names, too), then ExpressionAttributeNames, then ExpressionAttributeValues.
//  3. The other kinds. PutItem checks its item first, then whether its parameters are compatible,
//     then ExpressionAttributeValues. The other operations check their keys after these: TooDeep
//     in Key, AttributeUpdates and Expected, then the other kinds in Key. The reads check their
//     filters, and ExclusiveStartKey last. All of this precedes the expressions and the table.
type Problem struct {
	Kind      ProblemKind
	Message   string   // the service's text in this member of this request
	Enveloped bool     // the text is in an envelope
	Name      string   // the attribute, or the ":name" of ExpressionAttributeValues
	Depth     int      // for TooDeep: the number of maps and lists around the innermost value
	Next      *Problem // the next problem; only the first of each kind is kept
}

// ProblemKind distinguishes problems with values by when and how the service raises them.
type ProblemKind uint8

// The kinds of problems.
const (
	// EmptyValue is a value without a type: {} or {"S": null}.
	EmptyValue ProblemKind = iota + 1
	// SeveralTypes is a value with more than one type.
	SeveralTypes
	// NullText is a NULL given as a string that means false, or a false NULL beside another type.
	NullText
	// NullFalse is {"NULL": false}.
	NullFalse
	// BadNumber is a text that is not a number, or a number that DynamoDB cannot store.
	BadNumber
	// EmptySet is a set without elements.
	EmptySet
	// Duplicates is a set that has an element twice.
	Duplicates
	// TooDeep is a value with more maps and lists around it than its member may have.
	TooDeep
	// EmptyName is an attribute without a name, at any depth.
	EmptyName
)

// Find returns the first problem of one of the kinds, or nil if there is none. The receiver may be
// nil.
func (p *Problem) Find(kinds ...ProblemKind) *Problem {
	set := kindSet(kinds...)
	for ; p != nil; p = p.Next {
		if set.has(p.Kind) {
			return p
		}
	}
	return nil
}

// Except returns the first problem of none of the kinds, or nil if there is none. The receiver may
// be nil.
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

// Request holds the properties of a whole request that decide how its values are read.
type Request struct {
	// Older reports whether the service reads the request by its older rules, whatever the
	// operation. It does if the request has a boolean given as a string, or a value with several
	// types. Then PutItem, UpdateItem and DeleteItem put no refusal in an envelope, except those of
	// broken constraints and those of an Enveloped Problem.
	Older bool
	// Coerced reports whether an integer of the request had a fraction, or did not fit. Query
	// and Scan then check their members by the older rules.
	Coerced bool
}
