package vet

import (
	"go/ast"
	"go/token"
	"go/types"

	"golang.org/x/tools/go/analysis"
)

// OverwriteAnalyzer reports a test for ErrOverwrite that is never reached with one, because
// ErrConflict is tested for before.
var OverwriteAnalyzer = &analysis.Analyzer{
	Name: "dynamooverwrite",
	Doc: "report a test for ErrOverwrite after one for ErrConflict\n\n" +
		"An overwrite matches ErrConflict, too. If a program tests for ErrConflict first, the " +
		"branch for ErrOverwrite never runs.",
	URL: moreAbout("dynamooverwrite"),
	Run: runOverwrite,
}

func runOverwrite(pass *analysis.Pass) (any, error) {
	o := overwrites{pass: pass}
	for _, file := range pass.Files {
		ast.Inspect(file, func(node ast.Node) bool {
			switch node := node.(type) {
			case *ast.SwitchStmt:
				o.checkSwitch(node)
			case *ast.BlockStmt:
				o.checkStatements(node.List)
			case *ast.CaseClause:
				o.checkStatements(node.Body)
			case *ast.CommClause:
				o.checkStatements(node.Body)
			}
			return true
		})
	}
	return nil, nil
}

type overwrites struct {
	pass *analysis.Pass
}

// checkSwitch checks the cases of a switch without a tag.
func (o *overwrites) checkSwitch(s *ast.SwitchStmt) {
	if s.Tag != nil {
		return
	}
	conflicts := map[*types.Var]bool{}
	for _, clause := range s.Body.List {
		for _, condition := range clause.(*ast.CaseClause).List {
			o.checkCondition(condition, conflicts)
			o.addConflicts(condition, conflicts)
		}
	}
}

// checkStatements checks the chains of else, and an if after another whose body leaves.
func (o *overwrites) checkStatements(list []ast.Stmt) {
	conflicts := map[*types.Var]bool{}
	for _, statement := range list {
		branch, ok := statement.(*ast.IfStmt)
		if !ok || branch.Init != nil {
			conflicts = map[*types.Var]bool{} // the error may be another one now
		}
		if !ok {
			continue
		}
		inChain := conflicts
		leaves := true // each branch so far
		for branch != nil {
			o.checkCondition(branch.Cond, inChain)
			if !leavesBlock(branch.Body) {
				leaves = false
			}
			o.addConflicts(branch.Cond, inChain)
			next, _ := branch.Else.(*ast.IfStmt)
			if branch.Else != nil && next == nil || next != nil && next.Init != nil {
				leaves = false
				next = nil
			}
			branch = next
		}
		if !leaves {
			conflicts = map[*types.Var]bool{}
		}
	}
}

// leavesBlock reports whether a block surely does not continue behind its end.
func leavesBlock(block *ast.BlockStmt) bool {
	if len(block.List) == 0 {
		return false
	}
	switch last := block.List[len(block.List)-1].(type) {
	case *ast.ReturnStmt:
		return true
	case *ast.BranchStmt:
		return last.Tok != token.FALLTHROUGH
	}
	return false
}

// addConflicts adds the errors for which a condition is true if they are an ErrConflict.
func (o *overwrites) addConflicts(condition ast.Expr, conflicts map[*types.Var]bool) {
	condition = ast.Unparen(condition)
	if either, ok := condition.(*ast.BinaryExpr); ok && either.Op == token.LOR {
		o.addConflicts(either.X, conflicts)
		o.addConflicts(either.Y, conflicts)
		return
	}
	if tested, sentinel := o.errorsIs(condition); sentinel == "ErrConflict" && tested != nil {
		conflicts[tested] = true
	}
}

// checkCondition reports the tests for ErrOverwrite of errors that are no ErrConflict here.
func (o *overwrites) checkCondition(condition ast.Expr, conflicts map[*types.Var]bool) {
	condition = ast.Unparen(condition)
	if both, ok := condition.(*ast.BinaryExpr); ok {
		if both.Op == token.LOR || both.Op == token.LAND {
			o.checkCondition(both.X, conflicts)
			o.checkCondition(both.Y, conflicts)
		}
		return
	}
	tested, sentinel := o.errorsIs(condition)
	if sentinel == "ErrOverwrite" && conflicts[tested] {
		o.pass.Reportf(condition.Pos(), "errors.Is(%s, ErrOverwrite) is false here, because an "+
			"overwrite matches ErrConflict, which is tested for before; test for ErrOverwrite first",
			tested.Name())
	}
}

// errorsIs returns the variable and the mapper's error of a call of errors.Is.
func (o *overwrites) errorsIs(expr ast.Expr) (tested *types.Var, sentinel string) {
	call, ok := expr.(*ast.CallExpr)
	if !ok || len(call.Args) != 2 {
		return nil, ""
	}
	callee, ok := usedBy(o.pass.TypesInfo, call.Fun).(*types.Func)
	if !ok || callee.Pkg() == nil || callee.Pkg().Path() != "errors" || callee.Name() != "Is" {
		return nil, ""
	}
	return variableOf(o.pass.TypesInfo, call.Args[0]), mapperVar(o.pass.TypesInfo, call.Args[1])
}
