package expr

import (
	"strconv"

	"github.com/dynamapper/dynamapper/engine/internal/value"
)

// The bytes that the service charges for the parts of an update.
const (
	chargeUpdate      = 3
	chargeWrite       = 19 // a SET or an ADD
	chargeRemove      = 1  // a REMOVE or a DELETE
	chargeTargetStep  = 4  // each step of a target except the first
	chargePath        = 1  // a path that is read
	chargePathStep    = 14
	chargePlus        = 34
	chargeMinus       = 37
	chargeIfNotExists = 39
	chargeListAppend  = 37
)

// requestSize returns the size that the service calculates for an update, in bytes. It depends on
// the request alone: on the paths, and on the values at each use. The operand of DELETE costs
// nothing.
func requestSize(actions []action) int {
	size := chargeUpdate
	for i := range actions {
		a := &actions[i]
		size += chargeTargetStep * (len(a.target) - 1)
		for _, s := range a.target {
			size += s.size()
		}
		switch a.clause {
		case clauseSet, clauseAdd:
			size += chargeWrite + a.operand.size()
		default:
			size += chargeRemove
		}
	}
	return size
}

// size returns the length of the step's name, or of the digits of its index.
func (s step) size() int {
	if s.isIndex {
		return len(strconv.Itoa(s.index))
	}
	return len(s.name)
}

// size returns what an operand of an update costs.
func (n *node) size() int {
	size := 0
	switch n.op {
	case opValue:
		return value.Size(n.value)
	case opPath:
		size = chargePath + chargePathStep*len(n.path)
		for _, s := range n.path {
			size += s.size()
		}
		return size
	case opPlus:
		size = chargePlus
	case opMinus:
		size = chargeMinus
	case opIfNotExists:
		size = chargeIfNotExists
	case opListAppend:
		size = chargeListAppend
	}
	for i := range n.args {
		size += n.args[i].size()
	}
	return size
}
