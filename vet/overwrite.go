package vet

import (
	"go/ast"
	"go/token"
	"go/types"
	"maps"

	"golang.org/x/tools/go/analysis"
)

// OverwriteAnalyzer reports a test for ErrOverwrite that is never reached with one, because
// ErrConflict is tested for before.
var OverwriteAnalyzer = &analysis.Analyzer{
	Name: "dynamooverwrite",
	Doc: "report a test for ErrOverwrite after one for ErrConflict\n\n" +
		"An overwrite matches ErrConflict, too. If a program tests for ErrConflict first, the " +
		"branch for ErrOverwrite, or for *OverwriteError, never runs. An overwrite is no " +
		"*ConflictError, so a test for that type may come first.",
	URL: moreAbout("dynamooverwrite"),
	Run: runOverwrite,
}

func runOverwrite(pass *analysis.Pass) (any, error) {
	for _, file := range pass.Files {
		o := overwrites{pass: pass, shared: sharedVariables(pass.TypesInfo, file)}
		ast.Inspect(file, func(node ast.Node) bool {
			switch node := node.(type) {
			case *ast.FuncDecl:
				if node.Body != nil {
					o.checkStatements(node.Body.List, noConflicts{})
				}
			case *ast.FuncLit:
				o.checkStatements(node.Body.List, noConflicts{})
			}
			return true
		})
	}
	return nil, nil
}

// sharedVariables returns the variables that may change where no statement assigns them: those that
// a function literal assigns, and those whose address is taken. A deferred literal runs at the end.
func sharedVariables(info *types.Info, file *ast.File) map[*types.Var]bool {
	shared := map[*types.Var]bool{}
	deferred := map[ast.Node]bool{}
	ast.Inspect(file, func(node ast.Node) bool {
		switch node := node.(type) {
		case *ast.DeferStmt:
			deferred[ast.Unparen(node.Call.Fun)] = true
		case *ast.FuncLit:
			if deferred[node] {
				return true
			}
			for variable := range assignedIn(info, node) {
				if variable.Pos() < node.Pos() || variable.Pos() > node.End() {
					shared[variable] = true
				}
			}
		case *ast.UnaryExpr:
			if variable := variableOf(info, node.X); node.Op == token.AND && variable != nil {
				shared[variable] = true
			}
		}
		return true
	})
	return shared
}

// assignedIn returns the variables that are assigned below a node.
func assignedIn(info *types.Info, below ast.Node) map[*types.Var]bool {
	assigned := map[*types.Var]bool{}
	set := func(names ...ast.Expr) {
		for _, name := range names {
			if name == nil {
				continue
			}
			if variable := variableOf(info, name); variable != nil {
				assigned[variable] = true
			}
		}
	}
	ast.Inspect(below, func(node ast.Node) bool {
		switch node := node.(type) {
		case *ast.AssignStmt:
			set(node.Lhs...)
		case *ast.RangeStmt:
			set(node.Key, node.Value)
		}
		return true
	})
	return assigned
}

// noConflicts holds the variables whose error does not match ErrConflict where a statement runs,
// because a test for that went another way.
type noConflicts map[*types.Var]bool

// without returns the variables that are not assigned below a node.
func (n noConflicts) without(info *types.Info, below ast.Node) noConflicts {
	left := maps.Clone(n)
	if len(left) > 0 {
		for variable := range assignedIn(info, below) {
			delete(left, variable)
		}
	}
	return left
}

type overwrites struct {
	pass   *analysis.Pass
	shared map[*types.Var]bool
}

// checkStatements checks statements that run one after the other. It follows a branch only with
// what is known before it.
func (o *overwrites) checkStatements(list []ast.Stmt, known noConflicts) {
	for _, statement := range list {
		known = o.checkStatement(statement, known)
	}
}

// checkStatement checks one statement, and returns what is known behind it.
func (o *overwrites) checkStatement(statement ast.Stmt, known noConflicts) noConflicts {
	info := o.pass.TypesInfo
	switch s := statement.(type) {
	case *ast.IfStmt:
		return o.checkIf(s, known)
	case *ast.SwitchStmt:
		return o.checkSwitch(s, known)
	case *ast.BlockStmt:
		o.checkStatements(s.List, maps.Clone(known))
	case *ast.LabeledStmt: // a goto may come from anywhere
		o.checkStatement(s.Stmt, noConflicts{})
		return noConflicts{}
	case *ast.ForStmt:
		o.checkStatements(s.Body.List, known.without(info, s)) // a later round has what it assigns
	case *ast.RangeStmt:
		o.checkStatements(s.Body.List, known.without(info, s))
	case *ast.TypeSwitchStmt:
		o.checkClauses(s.Body, known.without(info, s))
	case *ast.SelectStmt:
		o.checkClauses(s.Body, known.without(info, s))
	default:
		o.checkCondition(statement, known)
	}
	return known.without(info, statement)
}

func (o *overwrites) checkClauses(body *ast.BlockStmt, known noConflicts) {
	for _, clause := range body.List {
		switch clause := clause.(type) {
		case *ast.CaseClause:
			o.checkStatements(clause.Body, maps.Clone(known))
		case *ast.CommClause:
			o.checkStatements(clause.Body, maps.Clone(known))
		}
	}
}

// checkIf checks a chain of else. A condition was false in the branches behind it. It was false
// behind the chain, too, if its branch and those before it leave the block.
func (o *overwrites) checkIf(s *ast.IfStmt, known noConflicts) noConflicts {
	behind := known.without(o.pass.TypesInfo, s)
	inChain := maps.Clone(known)
	allLeave := true
	for {
		if s.Init != nil {
			inChain = o.checkStatement(s.Init, inChain)
			behind = behind.without(o.pass.TypesInfo, s.Init)
		}
		o.checkCondition(s.Cond, inChain)
		o.checkStatements(s.Body.List, maps.Clone(inChain))
		o.addConflicts(s.Cond, inChain)
		if !leavesBlock(o.pass.TypesInfo, s.Body.List, true) {
			behind, allLeave = behind.without(o.pass.TypesInfo, s.Body), false
		}
		if allLeave {
			o.addConflicts(s.Cond, behind)
		}
		switch next := s.Else.(type) {
		case *ast.IfStmt:
			s = next
			continue
		case *ast.BlockStmt:
			o.checkStatements(next.List, inChain)
			behind = behind.without(o.pass.TypesInfo, next)
		}
		return behind
	}
}

// checkSwitch checks the cases of a switch, as a chain of else.
func (o *overwrites) checkSwitch(s *ast.SwitchStmt, known noConflicts) noConflicts {
	behind := known.without(o.pass.TypesInfo, s)
	inChain := maps.Clone(known)
	if s.Init != nil {
		inChain = o.checkStatement(s.Init, inChain)
	}
	if s.Tag != nil {
		o.checkClauses(s.Body, inChain)
		return behind
	}
	allLeave, fellThrough := true, false
	for _, clause := range s.Body.List {
		clause := clause.(*ast.CaseClause)
		for _, condition := range clause.List {
			o.checkCondition(condition, inChain)
		}
		before := maps.Clone(inChain)
		if fellThrough {
			before = noConflicts{}
		}
		o.checkStatements(clause.Body, before)
		if !leavesBlock(o.pass.TypesInfo, clause.Body, false) || breaks(clause) {
			behind, allLeave = behind.without(o.pass.TypesInfo, clause), false
		}
		for _, condition := range clause.List { // the tests of one case have one branch
			o.addConflicts(condition, inChain)
			if allLeave {
				o.addConflicts(condition, behind)
			}
		}
		fellThrough = len(clause.Body) > 0 && isFallthrough(clause.Body[len(clause.Body)-1])
	}
	return behind
}

func isFallthrough(statement ast.Stmt) bool {
	branch, ok := statement.(*ast.BranchStmt)
	return ok && branch.Tok == token.FALLTHROUGH
}

// breaks reports whether a break in a case leaves its switch.
func breaks(clause *ast.CaseClause) bool {
	found := false
	ast.Inspect(clause, func(node ast.Node) bool {
		switch node := node.(type) {
		case *ast.ForStmt, *ast.RangeStmt, *ast.SwitchStmt, *ast.TypeSwitchStmt, *ast.SelectStmt,
			*ast.FuncLit:
			return false
		case *ast.BranchStmt:
			found = found || node.Tok == token.BREAK
		}
		return true
	})
	return found
}

// leavesBlock reports whether the statements surely do not continue behind their end. A break
// leaves the block around an if, and not that around a switch.
func leavesBlock(info *types.Info, list []ast.Stmt, byBreak bool) bool {
	if len(list) == 0 {
		return false
	}
	switch last := list[len(list)-1].(type) {
	case *ast.ReturnStmt:
		return true
	case *ast.BranchStmt:
		return last.Tok == token.CONTINUE || last.Tok == token.GOTO ||
			last.Tok == token.BREAK && byBreak
	case *ast.ExprStmt:
		if call, ok := last.X.(*ast.CallExpr); ok {
			builtin, ok := usedBy(info, call.Fun).(*types.Builtin)
			return ok && builtin.Name() == "panic"
		}
	}
	return false
}

// addConflicts adds the errors that do not match ErrConflict if a condition is false.
func (o *overwrites) addConflicts(condition ast.Expr, known noConflicts) {
	condition = ast.Unparen(condition)
	if either, ok := condition.(*ast.BinaryExpr); ok && either.Op == token.LOR {
		o.addConflicts(either.X, known)
		o.addConflicts(either.Y, known)
		return
	}
	tested, sentinel := o.testOf(condition)
	if sentinel == "ErrConflict" && tested != nil && !o.shared[tested] &&
		tested.Parent() != o.pass.Pkg.Scope() {
		known[tested] = true
	}
}

// checkCondition reports the tests for ErrOverwrite below a node, of errors that are no ErrConflict
// there. A function literal may run when that is no longer so.
func (o *overwrites) checkCondition(below ast.Node, known noConflicts) {
	if len(known) == 0 {
		return
	}
	ast.Inspect(below, func(node ast.Node) bool {
		if _, ok := node.(*ast.FuncLit); ok {
			return false
		}
		expr, ok := node.(ast.Expr)
		if !ok {
			return true
		}
		if tested, sentinel := o.testOf(expr); sentinel == "ErrOverwrite" && known[tested] {
			o.pass.Reportf(expr.Pos(), "%s is false here, because an overwrite matches ErrConflict, "+
				"which is tested for before; test for ErrOverwrite first", o.describe(expr, tested))
		}
		return true
	})
}

func (o *overwrites) describe(test ast.Expr, tested *types.Var) string {
	switch calleeIn(o.pass.TypesInfo, test.(*ast.CallExpr), "errors") {
	case "Is":
		return "errors.Is(" + tested.Name() + ", ErrOverwrite)"
	case "As":
		return "errors.As(" + tested.Name() + ", *OverwriteError)"
	}
	return "errors.AsType[*OverwriteError](" + tested.Name() + ")"
}

// testOf returns the variable and the mapper's error of a call of errors.Is. A test for the type
// OverwriteError is one for ErrOverwrite. The type ConflictError is not that of all ErrConflict.
func (o *overwrites) testOf(expr ast.Expr) (tested *types.Var, sentinel string) {
	info := o.pass.TypesInfo
	call, ok := expr.(*ast.CallExpr)
	if !ok || len(call.Args) == 0 {
		return nil, ""
	}
	var asked types.Type
	switch name := calleeIn(info, call, "errors"); {
	case name == "Is" && len(call.Args) == 2:
		sentinel = mapperVar(info, call.Args[1])
	case name == "As" && len(call.Args) == 2:
		if target, ok := info.TypeOf(call.Args[1]).(*types.Pointer); ok {
			asked = target.Elem()
		}
	case name == "AsType":
		if tuple, ok := info.TypeOf(call).(*types.Tuple); ok && tuple.Len() == 2 {
			asked = tuple.At(0).Type()
		}
	}
	if pointer, ok := asked.(*types.Pointer); ok && isMapperType(pointer.Elem(), "OverwriteError") {
		sentinel = "ErrOverwrite"
	}
	return variableOf(info, call.Args[0]), sentinel
}

// calleeIn returns the name of the function of a package that a call calls, or "".
func calleeIn(info *types.Info, call *ast.CallExpr, path string) string {
	callee, ok := usedBy(info, typeArgumentsCut(call.Fun)).(*types.Func)
	if !ok || callee.Pkg() == nil || callee.Pkg().Path() != path {
		return ""
	}
	return callee.Name()
}
