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
		"whose key or Model is set, or that is used otherwise, is not reported.",
	URL: moreAbout("dynamocopy"),
	Run: runCopy,
}

// RangeAnalyzer reports saves of the variable of a range over values.
var RangeAnalyzer = &analysis.Analyzer{
	Name: "dynamorange",
	Doc: "report the save of a range variable if the slice's elements are used as saved, too\n\n" +
		"The variable is a copy of the element, so the element keeps its old snapshot, version " +
		"and id. A loop is reported if the slice is returned or its items are written again.",
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

// checkCopy reports a copy and an original that are both saved, one after the other.
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
			if b.follows(first, second) {
				b.pass.Reportf(second.Pos(), "%s and %s are copies of one item, and both are saved; "+
					"the snapshot of the second is older than what the first has written; save one of them",
					c.original.Name(), c.variable.Name())
				return
			}
		}
	}
}

// saves returns the calls that save a variable's item. It returns false if the item may be another
// one: if the variable or a part of the key is assigned, or if a copy is used in a way that may do
// so.
func (b *body) saves(variable *types.Var, isCopy bool) (found []*ast.CallExpr, ok bool) {
	for _, use := range b.uses[variable] {
		node := ast.Node(use)
		up := b.parent(node)
		if unary, ok := up.(*ast.UnaryExpr); ok && unary.Op == token.AND {
			node, up = up, b.parent(up)
		}
		switch up := up.(type) {
		case *ast.CallExpr:
			call := mapperCallOf(b.pass.TypesInfo, up)
			if call != nil && isItemSave(call) && itemOf(call) == node {
				found = append(found, up)
			} else if isCopy {
				return nil, false
			}
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
func (b *body) follows(first, second *ast.CallExpr) bool {
	if second.Pos() <= first.End() {
		return false
	}
	for node := ast.Node(first); node != nil; node = b.parents[node] {
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

// checkLoop reports a loop that saves copies of elements that are used later.
func (b *body) checkLoop(loop *ast.RangeStmt) {
	items := variableOf(b.pass.TypesInfo, loop.X)
	copied := b.savedVariable(loop)
	if items == nil || copied == nil || b.isKept(loop, copied) {
		return
	}
	for _, use := range b.uses[items] {
		if use.Pos() > loop.End() && b.takesItems(use) {
			for _, name := range b.uses[copied] {
				if unary, ok := b.parent(name).(*ast.UnaryExpr); ok {
					b.pass.Reportf(unary.Pos(), "&%s is the address of a copy, so the element of %s keeps its "+
						"old snapshot, and line %d uses it; save &%[2]s[i], or use a slice of pointers",
						copied.Name(), items.Name(), b.pass.Fset.Position(use.Pos()).Line)
					return
				}
			}
		}
	}
}

// savedVariable returns the variable of a loop over values if the loop saves it, or nil.
func (b *body) savedVariable(loop *ast.RangeStmt) *types.Var {
	if loop.Tok != token.DEFINE || loop.Value == nil {
		return nil
	}
	variable := variableOf(b.pass.TypesInfo, loop.Value)
	if variable == nil || !isModel(variable.Type()) {
		return nil
	}
	saved := false
	calls(b.pass.TypesInfo, loop.Body, func(call *mapperCall) {
		if isItemSave(call) && len(call.Args) > 0 {
			if item := addressed(itemOf(call)); item != nil {
				saved = saved || variableOf(b.pass.TypesInfo, item) == variable
			}
		}
	})
	if !saved {
		return nil
	}
	return variable
}

// isKept reports whether a loop uses its variable as a whole in another way than to save it, such
// as to put it back into the slice.
func (b *body) isKept(loop *ast.RangeStmt, variable *types.Var) bool {
	return slices.ContainsFunc(b.uses[variable], func(use *ast.Ident) bool {
		switch up := b.parent(use).(type) {
		case *ast.SelectorExpr:
			return false
		case *ast.UnaryExpr:
			call := mapperCallOf(b.pass.TypesInfo, b.parent(up))
			return call == nil || !isItemSave(call)
		}
		return true
	})
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
