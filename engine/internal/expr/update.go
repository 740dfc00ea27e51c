package expr

import (
	"cmp"
	"slices"

	"github.com/dynamapper/dynamapper/engine/internal/value"
)

// Update changes items.
type Update struct {
	actions    []action // SET first, then REMOVE, ADD and DELETE
	attributes []string
	sorted     []path // the targets
	size       int
}

// clause is a clause of an update.
type clause uint8

const (
	clauseSet clause = iota
	clauseRemove
	clauseAdd
	clauseDelete
)

var clauseNames = [...]string{"SET", "REMOVE", "ADD", "DELETE"}

func (c clause) String() string { return clauseNames[c] }

// action is one change.
type action struct {
	clause  clause
	target  path
	operand node // not used by REMOVE
}

// ParseUpdate parses an update, and makes the checks that need no item. The error is an *Error.
func ParseUpdate(text string, s *Scope) (*Update, error) {
	p, err := newParser(KindUpdate, text)
	if err != nil {
		return nil, err
	}
	actions, err := p.clauses()
	if err != nil {
		return nil, err
	}
	if err := p.finish(); err != nil {
		return nil, err
	}
	// The service processes the clauses in this order, whatever their order in the expression.
	slices.SortStableFunc(actions, func(a, b action) int { return cmp.Compare(a.clause, b.clause) })
	c := checker{kind: KindUpdate, scope: s}
	targets, err := c.update(actions)
	if err != nil {
		return nil, err
	}
	return &Update{
		actions:    actions,
		attributes: topLevel(targets),
		sorted:     sortPaths(targets),
		size:       requestSize(actions),
	}, nil
}

// Attributes returns the top-level attributes that the update writes, in its order.
func (u *Update) Attributes() []string { return u.attributes }

// OnlyRemoves reports whether the update has only REMOVE and DELETE clauses.
func (u *Update) OnlyRemoves() bool {
	for i := range u.actions {
		if c := u.actions[i].clause; c != clauseRemove && c != clauseDelete {
			return false
		}
	}
	return true
}

// Touched returns the part of an item at the paths that the update writes, or nil if the item has
// none. For a path into a map or a list, it returns that part alone. UPDATED_OLD is Touched of the
// item before the update, UPDATED_NEW of the item after it.
func (u *Update) Touched(item value.Map) value.Map { return pick(item, u.sorted) }

// RequestSize returns the size in bytes that the service compares with the limit of an item for the
// request.
func (u *Update) RequestSize() int { return u.size }

var clauses = map[tokenKind]clause{
	tokSet: clauseSet, tokRemove: clauseRemove, tokAdd: clauseAdd, tokDelete: clauseDelete,
}

// clauses reads all clauses.
func (p *parser) clauses() ([]action, error) {
	actions := make([]action, 0, 4)
	var seen [len(clauseNames)]bool
	for len(actions) == 0 || p.tok.kind != tokEnd {
		c, ok := clauses[p.tok.kind]
		if !ok {
			return nil, p.syntaxError()
		}
		if seen[c] {
			p.blame(`The "%s" section can only be used once in an update expression;`, c)
		}
		seen[c] = true
		var err error
		if actions, err = p.appendActions(actions, c); err != nil {
			return nil, err
		}
	}
	return actions, nil
}

// appendActions reads a clause's keyword and its actions.
func (p *parser) appendActions(actions []action, c clause) ([]action, error) {
	p.next()
	for {
		a, err := p.action(c)
		if err != nil {
			return nil, err
		}
		actions = append(actions, a)
		if !p.accept(',') {
			return actions, nil
		}
	}
}

// action reads an action of a clause.
func (p *parser) action(c clause) (action, error) {
	a := action{clause: c}
	var err error
	if a.target, err = p.path(); err != nil {
		return action{}, err
	}
	switch c {
	case clauseSet:
		if err = p.expect('='); err == nil {
			a.operand, err = p.assigned()
		}
	case clauseAdd, clauseDelete:
		a.operand = node{op: opValue, text: p.word()}
		err = p.expect(tokValue)
	}
	return a, err
}

// assigned reads the right side of SET: an operand, a sum or a difference.
func (p *parser) assigned() (node, error) {
	first, err := p.operand()
	if err != nil {
		return node{}, err
	}
	n := node{op: opPlus, text: p.word()}
	switch p.tok.kind {
	case '+':
	case '-':
		n.op = opMinus
	default:
		return first, nil
	}
	p.operators++
	p.next()
	second, err := p.operand()
	n.args = []node{first, second}
	return n, err
}
