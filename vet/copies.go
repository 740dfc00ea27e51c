package vet

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"golang.org/x/tools/go/analysis"
)

// CopyAnalyzer reports two saves of one item by a copy of the struct.
var CopyAnalyzer = &analysis.Analyzer{
	Name: "dynamocopy",
	Doc: "report an item that is saved, and a copy of its struct, too\n\n" +
		"A copy has the snapshot of the original. After a save of one, the other's snapshot is " +
		"old: its save returns ErrConflict, or overwrites what the first has written. A copy " +
		"whose key or Model is set, or that is used otherwise, is not reported. The items of one " +
		"BatchSave are compared, too.",
	URL: moreAbout("dynamocopy"),
	Run: runCopy,
}

// RangeAnalyzer reports saves of the variable of a range over values.
var RangeAnalyzer = &analysis.Analyzer{
	Name: "dynamorange",
	Doc: "report the save of a range variable if the slice's elements are used as saved, too\n\n" +
		"The variable is a copy of the element, so the element keeps its old snapshot, version " +
		"and id. A loop is reported if the slice is returned or its items are written again. Each " +
		"round has a variable of its own, so that the address itself may be kept.",
	URL: moreAbout("dynamorange"),
	Run: runRange,
}

func runCopy(pass *analysis.Pass) (any, error) {
	functions(pass, func(function *ast.FuncDecl) {
		b := newBody(pass, function)
		for _, c := range b.copies() {
			b.checkCopy(c)
		}
	})
	return nil, nil
}

// body is the body of a function with what leads to each node.
type body struct {
	pass    *analysis.Pass
	root    *ast.BlockStmt
	parents map[ast.Node]ast.Node
	uses    map[*types.Var][]*ast.Ident // in the order of the source
}

func newBody(pass *analysis.Pass, function *ast.FuncDecl) *body {
	b := &body{pass: pass, root: function.Body, parents: map[ast.Node]ast.Node{},
		uses: map[*types.Var][]*ast.Ident{}}
	var stack []ast.Node
	ast.Inspect(function.Body, func(node ast.Node) bool {
		if node == nil {
			stack = stack[:len(stack)-1]
			return true
		}
		if len(stack) > 0 {
			b.parents[node] = stack[len(stack)-1]
		}
		stack = append(stack, node)
		if name, ok := node.(*ast.Ident); ok {
			if variable, ok := pass.TypesInfo.Uses[name].(*types.Var); ok {
				b.uses[variable] = append(b.uses[variable], name)
			}
		}
		return true
	})
	return b
}

// parent returns the node around a node, without parentheses.
func (b *body) parent(node ast.Node) ast.Node {
	up := b.parents[node]
	for {
		if _, ok := up.(*ast.ParenExpr); !ok {
			return up
		}
		up = b.parents[up]
	}
}

// copied is a variable with a copy of a model's struct.
type copied struct {
	variable, original *types.Var
}

// copies returns the variables that are made as a copy of another variable's struct.
func (b *body) copies() []copied {
	var found []copied
	ast.Inspect(b.root, func(node ast.Node) bool {
		var names []*ast.Ident
		var values []ast.Expr
		switch node := node.(type) {
		case *ast.AssignStmt:
			if node.Tok == token.DEFINE && len(node.Lhs) == len(node.Rhs) {
				for _, left := range node.Lhs {
					names = append(names, left.(*ast.Ident))
				}
				values = node.Rhs
			}
		case *ast.ValueSpec:
			if len(node.Names) == len(node.Values) {
				names, values = node.Names, node.Values
			}
		}
		for i, name := range names {
			value := ast.Unparen(values[i])
			if star, ok := value.(*ast.StarExpr); ok {
				value = star.X
			}
			made, _ := b.pass.TypesInfo.Defs[name].(*types.Var)
			original := variableOf(b.pass.TypesInfo, value)
			if made != nil && original != nil && isModel(made.Type()) {
				found = append(found, copied{made, original})
			}
		}
		return true
	})
	return found
}

// saved is one save of an item.
type saved struct {
	call *ast.CallExpr
	item ast.Expr // as the call, or a slice that it gets, has it
	in   ast.Node // the call, the literal of the slice, or the call of append
}

// checkCopy reports a copy and an original that are both saved, one after the other or in one
// batch.
func (b *body) checkCopy(c copied) {
	ofCopy, ok := b.saves(c.variable, true)
	if !ok || len(ofCopy) == 0 {
		return
	}
	ofOriginal, ok := b.saves(c.original, false)
	if !ok {
		return
	}
	for _, first := range append(slices.Clone(ofCopy), ofOriginal...) {
		others := ofOriginal
		if slices.Contains(ofOriginal, first) {
			others = ofCopy
		}
		for _, second := range others {
			switch {
			case first.call == second.call && second.item.Pos() > first.item.Pos() &&
				(first.in == second.in || b.follows(first.in, second.in)) &&
				!b.mayTakeLast(first.call):
				b.pass.Reportf(second.item.Pos(), "%s and %s are copies of one item, and both are in one "+
					"batch, which refuses two items with the same key; save one of them",
					c.original.Name(), c.variable.Name())
				return
			case first.call != second.call && b.follows(first.call, second.call):
				at := second.item.Pos()
				if isItemSave(mapperCallOf(b.pass.TypesInfo, second.call)) {
					at = second.call.Pos()
				}
				b.pass.Reportf(at, "%s and %s are copies of one item, and both are saved; "+
					"the snapshot of the second is older than what the first has written; save one of them",
					c.original.Name(), c.variable.Name())
				return
			}
		}
	}
}

// mayTakeLast reports whether a call of BatchSave has, or may have, the option LastWins.
func (b *body) mayTakeLast(call *ast.CallExpr) bool {
	for _, option := range call.Args[2:] {
		made := mapperCallOf(b.pass.TypesInfo, option)
		if made == nil || made.is("", "LastWins") || call.Ellipsis.IsValid() {
			return true
		}
	}
	return false
}

// savedAt returns the save that an expression of an item is part of, or nil: it is the item of a
// call, or it is put into a slice that BatchSave gets.
func (b *body) savedAt(item ast.Expr) *saved {
	switch up := b.parent(item).(type) {
	case *ast.CallExpr:
		if call := mapperCallOf(b.pass.TypesInfo, up); call != nil {
			if isItemSave(call) && itemOf(call) == item {
				return &saved{up, item, up}
			}
			return nil
		}
		slice := b.appendedTo(up)
		if slice == nil || ast.Unparen(up.Args[0]) == item {
			return nil
		}
		if call := b.batchOf(slice); call != nil {
			return &saved{call, item, up}
		}
	case *ast.CompositeLit:
		if !slices.Contains(up.Elts, item) {
			return nil
		}
		if call := b.batchWith(up); call != nil {
			return &saved{call, item, up}
		}
		if slice := b.assignedTo(up); slice != nil {
			if call := b.batchOf(slice); call != nil {
				return &saved{call, item, up}
			}
		}
	}
	return nil
}

// batchWith returns the call of BatchSave whose items an expression is, or nil.
func (b *body) batchWith(items ast.Expr) *ast.CallExpr {
	up, ok := b.parent(items).(*ast.CallExpr)
	if !ok || !mapperCallOf(b.pass.TypesInfo, up).is("Table", "BatchSave") ||
		len(up.Args) < 2 || ast.Unparen(up.Args[1]) != items {
		return nil
	}
	return up
}

// assignedTo returns the variable to which an expression is assigned, or nil.
func (b *body) assignedTo(value ast.Expr) *types.Var {
	var names, values []ast.Expr
	switch up := b.parent(value).(type) {
	case *ast.AssignStmt:
		names, values = up.Lhs, up.Rhs
	case *ast.ValueSpec:
		for _, name := range up.Names {
			names = append(names, name)
		}
		values = up.Values
	}
	if len(names) != 1 || len(values) != 1 {
		return nil
	}
	return variableOf(b.pass.TypesInfo, names[0])
}

// appendedTo returns the variable of a statement such as s = append(s, item), or nil.
func (b *body) appendedTo(call *ast.CallExpr) *types.Var {
	builtin, ok := usedBy(b.pass.TypesInfo, call.Fun).(*types.Builtin)
	if !ok || builtin.Name() != "append" || len(call.Args) < 2 || call.Ellipsis.IsValid() {
		return nil
	}
	slice := variableOf(b.pass.TypesInfo, call.Args[0])
	if slice == nil || slice != b.assignedTo(call) {
		return nil
	}
	return slice
}

// batchOf returns the one call of BatchSave that gets a slice, or nil if the slice is used in
// another way than to append to it, which may take items out.
func (b *body) batchOf(slice *types.Var) *ast.CallExpr {
	var found *ast.CallExpr
	for _, use := range b.uses[slice] {
		switch up := b.parent(use).(type) {
		case *ast.CallExpr:
			call := b.batchWith(use)
			builtin, _ := usedBy(b.pass.TypesInfo, up.Fun).(*types.Builtin)
			switch {
			case call != nil && found == nil:
				found = call
			case builtin != nil && builtin.Name() == "len":
			case b.appendedTo(up) == slice:
			default:
				return nil
			}
		case *ast.AssignStmt: // of an append, or of the literal that declares the slice
			if len(up.Rhs) != 1 {
				return nil
			}
			call, ok := ast.Unparen(up.Rhs[0]).(*ast.CallExpr)
			if !ok || b.appendedTo(call) != slice {
				return nil
			}
		default:
			return nil
		}
	}
	return found
}

// saves returns the calls that save a variable's item. It returns false if the item may be another
// one: if the variable or a part of the key is assigned, or if a copy is used in a way that may do
// so.
func (b *body) saves(variable *types.Var, isCopy bool) (found []saved, ok bool) {
	for _, use := range b.uses[variable] {
		item, up := ast.Expr(use), b.parent(use)
		if unary, ok := up.(*ast.UnaryExpr); ok && unary.Op == token.AND {
			item, up = unary, b.parent(unary)
		}
		if save := b.savedAt(item); save != nil {
			found = append(found, *save)
			continue
		}
		switch up := up.(type) {
		case *ast.SelectorExpr:
			if !b.keepsKey(up, variable.Type()) {
				return nil, false
			}
		case *ast.StarExpr: // *original
			if _, isAssigned := b.parent(up).(*ast.AssignStmt); isAssigned &&
				slices.Contains(b.parent(up).(*ast.AssignStmt).Lhs, ast.Expr(up)) {
				return nil, false
			}
		case *ast.AssignStmt:
			if isCopy || slices.Contains(up.Lhs, ast.Expr(use)) {
				return nil, false
			}
		default:
			if isCopy {
				return nil, false
			}
		}
	}
	return found, true
}

// keepsKey reports whether the use of a field leaves the key and the Model as they are.
func (b *body) keepsKey(selector *ast.SelectorExpr, model types.Type) bool {
	field, ok := b.pass.TypesInfo.ObjectOf(selector.Sel).(*types.Var)
	if !ok {
		return false // a method, which may set anything
	}
	switch up := b.parent(selector).(type) {
	case *ast.AssignStmt:
		if !slices.Contains(up.Lhs, ast.Expr(selector)) {
			return true
		}
	case *ast.IncDecStmt:
	case *ast.UnaryExpr:
		if up.Op != token.AND {
			return true
		}
	default:
		return true
	}
	if isMapperType(field.Type(), "Model") {
		return false
	}
	if pointer, ok := model.Underlying().(*types.Pointer); ok {
		model = pointer.Elem()
	}
	for _, a := range attributesOf(model, func(*types.Var, string, ...any) {}) {
		if (a.Hash || a.Range) && (a.field == field || a.HasFormat) {
			return false
		}
	}
	return true
}

// isItemSave reports whether a call writes an item and renews its snapshot.
func isItemSave(call *mapperCall) bool {
	return call.is("Table", "Save", "Replace") || call.is("TxTable", "Save", "Put")
}

// follows reports whether the second call surely runs after the first has succeeded.
func (b *body) follows(first, second ast.Node) bool {
	if second.Pos() <= first.End() {
		return false
	}
	for node := first; node != nil; node = b.parents[node] {
		switch up := b.parents[node].(type) {
		case *ast.IfStmt:
			if node != up.Init || !isNotNil(up.Cond) || contains(up, second) {
				return false // only one of the two may run
			}
		case *ast.BlockStmt, *ast.CaseClause, *ast.CommClause:
			return contains(up, second)
		case *ast.FuncLit:
			return false
		}
	}
	return false
}

func contains(outer, inner ast.Node) bool {
	return outer.Pos() <= inner.Pos() && inner.End() <= outer.End()
}

// isNotNil reports whether a condition has the form err != nil.
func isNotNil(condition ast.Expr) bool {
	comparison, ok := condition.(*ast.BinaryExpr)
	if !ok || comparison.Op != token.NEQ {
		return false
	}
	name, ok := comparison.Y.(*ast.Ident)
	return ok && name.Name == "nil"
}

func runRange(pass *analysis.Pass) (any, error) {
	functions(pass, func(function *ast.FuncDecl) {
		b := newBody(pass, function)
		ast.Inspect(function.Body, func(node ast.Node) bool {
			if loop, ok := node.(*ast.RangeStmt); ok {
				b.checkLoop(loop)
			}
			return true
		})
	})
	return nil, nil
}

// checkLoop reports a loop that saves copies of elements that are used later. A loop that puts them
// into a slice for BatchSave saves them at that call.
func (b *body) checkLoop(loop *ast.RangeStmt) {
	items := variableOf(b.pass.TypesInfo, loop.X)
	save := b.savedVariable(loop)
	if items == nil || save == nil {
		return
	}
	for _, use := range b.uses[items] {
		if use.Pos() > max(loop.End(), save.call.End()) && b.takesItems(use) {
			b.pass.Reportf(save.item.Pos(), "%s is the address of a copy, so the element of %s keeps its "+
				"old snapshot, and line %d uses it; save &%[2]s[i], or use a slice of pointers",
				types.ExprString(save.item), items.Name(), b.pass.Fset.Position(use.Pos()).Line)
			return
		}
	}
}

// savedVariable returns the first save of the variable of a loop over values. It returns nil if
// there is none, or if the loop uses the variable as a whole in another way, such as to put it back
// into the slice.
func (b *body) savedVariable(loop *ast.RangeStmt) *saved {
	if loop.Tok != token.DEFINE || loop.Value == nil {
		return nil
	}
	variable := variableOf(b.pass.TypesInfo, loop.Value)
	if variable == nil || !isModel(variable.Type()) {
		return nil
	}
	var first *saved
	for _, use := range b.uses[variable] {
		switch up := b.parent(use).(type) {
		case *ast.SelectorExpr:
		case *ast.UnaryExpr:
			save := b.savedAt(up)
			if save == nil {
				return nil
			}
			if first == nil {
				first = save
			}
		default:
			return nil
		}
	}
	return first
}

// takesItems reports whether the use of a slice takes its items as they were saved: it returns the
// slice, or writes an element.
func (b *body) takesItems(use *ast.Ident) bool {
	switch up := b.parent(use).(type) {
	case *ast.ReturnStmt:
		return true
	case *ast.RangeStmt:
		return up.X == ast.Expr(use) && b.savedVariable(up) != nil
	case *ast.IndexExpr:
		address, ok := b.parent(up).(*ast.UnaryExpr)
		if !ok || address.Op != token.AND {
			return false
		}
		call := mapperCallOf(b.pass.TypesInfo, b.parent(address))
		return call != nil && isItemWrite(call)
	}
	return false
}
