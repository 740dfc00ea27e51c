package vet

import (
	"go/ast"
	"go/types"

	"golang.org/x/tools/go/analysis"
)

// TransactionAnalyzer reports what a function of RunTransaction or Modify does by other means.
var TransactionAnalyzer = &analysis.Analyzer{
	Name: "dynamotx",
	Doc: "report what a function of RunTransaction or Modify does beside it\n\n" +
		"Such a function may run several times, and what it writes by other means is written each " +
		"time, also if the transaction fails. The context that it gets lets the mapper refuse " +
		"the write; with another context nobody notices. A Get beside the transaction is not " +
		"checked at the commit.",
	URL: moreAbout("dynamotx"),
	Run: runTransaction,
}

func runTransaction(pass *analysis.Pass) (any, error) {
	declared := map[types.Object]*ast.FuncDecl{}
	functions(pass, func(function *ast.FuncDecl) {
		declared[pass.TypesInfo.Defs[function.Name]] = function
	})
	t := transactions{pass: pass, checked: map[ast.Node]bool{}}
	for _, file := range pass.Files {
		calls(pass.TypesInfo, file, func(call *mapperCall) {
			argument, isTransaction := functionOf(call)
			if argument == nil {
				return
			}
			switch function := ast.Unparen(argument).(type) {
			case *ast.FuncLit:
				t.check(function.Body, isTransaction)
			case *ast.Ident, *ast.SelectorExpr:
				if declaration := declared[usedBy(pass.TypesInfo, function)]; declaration != nil {
					t.check(declaration.Body, isTransaction)
				}
			}
		})
	}
	return nil, nil
}

// functionOf returns the argument of RunTransaction or Modify that is a function, or nil.
func functionOf(call *mapperCall) (function ast.Expr, isTransaction bool) {
	switch {
	case call.is("Mapper", "RunTransaction") && len(call.Args) > 1:
		return call.Args[1], true
	case call.is("Table", "Modify", "ModifyOrNew") && len(call.Args) > 2:
		return call.Args[2], false
	}
	return nil, false
}

type transactions struct {
	pass    *analysis.Pass
	checked map[ast.Node]bool
}

// check reports the calls beside the transaction in the body of a function. A function literal in
// it may run later, so it is checked only if it is called in place.
func (t *transactions) check(body *ast.BlockStmt, isTransaction bool) {
	if t.checked[body] {
		return
	}
	t.checked[body] = true
	calledHere := map[ast.Node]bool{}
	ast.Inspect(body, func(node ast.Node) bool {
		switch node := node.(type) {
		case *ast.FuncLit:
			return calledHere[node]
		case *ast.CallExpr:
			calledHere[ast.Unparen(node.Fun)] = true
			if call := mapperCallOf(t.pass.TypesInfo, node); call != nil {
				t.checkCall(call, isTransaction)
			}
		}
		return true
	})
}

func (t *transactions) checkCall(call *mapperCall, isTransaction bool) {
	switch {
	case writesAlone(call) && isTransaction:
		t.pass.Reportf(call.Pos(), "%s writes beside the transaction, at each try and also if the "+
			"transaction fails; stage the write with In(tx)", call.method())
	case writesAlone(call):
		t.pass.Reportf(call.Pos(), "%s in a function of Modify, which may run several times, writes "+
			"each time; write after Modify, or write both items with RunTransaction", call.method())
	case isTransaction && call.is("Table", "Get"):
		t.pass.Reportf(call.Pos(), "the item that Table.Get reads is not part of the transaction, so "+
			"the commit does not check that it is unchanged; read it with In(tx)")
	case isTransaction &&
		(call.is("Table", "BatchGet") || call.is("Mapper", "BatchGet", "TransactGet")):
		t.pass.Reportf(call.Pos(), "the items that %s reads are not part of the transaction, so the "+
			"commit does not check that they are unchanged; read each with In(tx)", call.method())
	}
}

// writesAlone reports whether a call sends a write that belongs to no transaction.
func writesAlone(call *mapperCall) bool {
	return call.is("Table", "Save", "Delete", "DeleteKey", "DeleteItems", "Take", "Replace", "Modify",
		"ModifyOrNew", "Settle", "BatchSave", "BatchDelete", "Migrate") ||
		call.is("Update", "Run", "RunOld") || call.is("Mapper", "RunTransaction", "BatchWrite") ||
		call.is("Collection", "Migrate")
}
