package vet

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"golang.org/x/tools/go/analysis"
)

// TransactionAnalyzer reports what a function of RunTransaction or Modify does by other means.
var TransactionAnalyzer = &analysis.Analyzer{
	Name: "dynamotx",
	Doc: "report what a function of RunTransaction or Modify does beside it\n\n" +
		"Such a function may run several times, and what it writes by other means is written each " +
		"time, also if the transaction fails. The context that it gets lets the mapper refuse " +
		"the write; with another context nobody notices. A Get beside the transaction is not " +
		"checked at the commit. Functions of the package that it calls are checked, too, unless " +
		"they handle a Tx.",
	URL: moreAbout("dynamotx"),
	Run: runTransaction,
}

func runTransaction(pass *analysis.Pass) (any, error) {
	t := transactions{pass: pass, declared: map[types.Object]*ast.FuncDecl{},
		checked: map[ast.Node]bool{}}
	functions(pass, func(function *ast.FuncDecl) {
		t.declared[pass.TypesInfo.Defs[function.Name]] = function
	})
	t.literals = literalsOf(pass)
	for _, file := range pass.Files {
		calls(pass.TypesInfo, file, func(call *mapperCall) {
			argument, isTransaction := functionOf(call)
			if argument == nil {
				return
			}
			if _, body := t.bodyOf(argument); body != nil {
				t.check(body, isTransaction)
			}
		})
	}
	return nil, nil
}

// literalsOf returns the variables that hold one function literal and are never assigned again.
func literalsOf(pass *analysis.Pass) map[*types.Var]*ast.FuncLit {
	found, assigned := map[*types.Var]*ast.FuncLit{}, map[*types.Var]bool{}
	set := func(name, value ast.Expr) {
		name = ast.Unparen(name)
		variable := variableOf(pass.TypesInfo, name)
		if variable == nil {
			return
		}
		literal, ok := value.(*ast.FuncLit)
		if _, isDeclared := pass.TypesInfo.Defs[name.(*ast.Ident)]; !ok || !isDeclared {
			assigned[variable] = true
			return
		}
		found[variable] = literal
	}
	for _, file := range pass.Files {
		ast.Inspect(file, func(node ast.Node) bool {
			switch node := node.(type) {
			case *ast.AssignStmt:
				for i, name := range node.Lhs {
					var value ast.Expr
					if len(node.Lhs) == len(node.Rhs) {
						value = ast.Unparen(node.Rhs[i])
					}
					set(name, value)
				}
			case *ast.ValueSpec:
				for i, value := range node.Values {
					if len(node.Names) == len(node.Values) {
						set(node.Names[i], ast.Unparen(value))
					}
				}
			case *ast.UnaryExpr:
				if variable := variableOf(pass.TypesInfo, node.X); node.Op == token.AND && variable != nil {
					assigned[variable] = true // perhaps
				}
			}
			return true
		})
	}
	for variable := range assigned {
		delete(found, variable)
	}
	return found
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
	pass     *analysis.Pass
	declared map[types.Object]*ast.FuncDecl
	literals map[*types.Var]*ast.FuncLit
	checked  map[ast.Node]bool
}

// bodyOf returns the signature and the body of a function of the package, or nil.
func (t *transactions) bodyOf(function ast.Expr) (*types.Signature, *ast.BlockStmt) {
	signature, _ := t.pass.TypesInfo.TypeOf(function).(*types.Signature)
	function = typeArgumentsCut(function)
	if literal, ok := function.(*ast.FuncLit); ok {
		return signature, literal.Body
	}
	switch used := usedBy(t.pass.TypesInfo, function).(type) {
	case *types.Func:
		if declaration := t.declared[used.Origin()]; declaration != nil {
			return used.Signature(), declaration.Body // with the receiver
		}
	case *types.Var:
		if literal := t.literals[used]; literal != nil {
			return signature, literal.Body
		}
	}
	return nil, nil
}

// check reports the calls beside the transaction in the body of a function.
func (t *transactions) check(body *ast.BlockStmt, isTransaction bool) {
	if t.checked[body] {
		return
	}
	t.checked[body] = true
	t.eachCall(body, func(node *ast.CallExpr) {
		if call := mapperCallOf(t.pass.TypesInfo, node); call != nil {
			t.checkCall(call, isTransaction)
		}
		t.checkHelper(node, node.Fun, body, isTransaction)
		if runsArguments(t.pass.TypesInfo, node) {
			for _, argument := range node.Args {
				t.checkHelper(node, argument, body, isTransaction)
			}
		}
	})
}

// eachCall calls visit for each call that a body surely may make while it runs. A function literal
// in it may run later, so it belongs to the body only if it is called there, or given to a function
// that calls it.
func (t *transactions) eachCall(body *ast.BlockStmt, visit func(*ast.CallExpr)) {
	runsHere := map[ast.Node]bool{}
	ast.Inspect(body, func(node ast.Node) bool { // variables are called behind their literals
		call, ok := node.(*ast.CallExpr)
		if !ok {
			return true
		}
		functions := []ast.Expr{call.Fun}
		if runsArguments(t.pass.TypesInfo, call) {
			functions = append(functions, call.Args...)
		}
		for _, function := range functions {
			runsHere[ast.Unparen(function)] = true
			if literal := t.literals[variableOf(t.pass.TypesInfo, function)]; literal != nil {
				runsHere[literal] = true
			}
		}
		return true
	})
	ast.Inspect(body, func(node ast.Node) bool {
		switch node := node.(type) {
		case *ast.FuncLit:
			return runsHere[node]
		case *ast.CallExpr:
			visit(node)
		}
		return true
	})
}

// runsArguments reports whether a call runs the functions among its arguments before the caller
// goes on, or beside it.
func runsArguments(info *types.Info, call *ast.CallExpr) bool {
	callee, ok := usedBy(info, typeArgumentsCut(call.Fun)).(*types.Func)
	if !ok || callee.Pkg() == nil {
		return false
	}
	name := callee.Name()
	switch callee.Pkg().Path() {
	case "sync":
		return name == "Go" || name == "Do" || name == "Range"
	case "golang.org/x/sync/errgroup":
		return name == "Go" || name == "TryGo"
	case "golang.org/x/sync/singleflight":
		return name == "Do" || name == "DoChan"
	case "slices", "sort":
		return true
	}
	return false
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
	case isTransaction && readsAlone(call):
		t.pass.Reportf(call.Pos(), "the items that %s reads are not part of the transaction, so the "+
			"commit does not check that they are unchanged; read each with In(tx)", call.method())
	}
}

// checkHelper reports the call of a function of the package that itself sends a request beside the
// transaction. A function that handles a Tx may know what it does.
func (t *transactions) checkHelper(
	at *ast.CallExpr, function ast.Expr, body *ast.BlockStmt, isTransaction bool,
) {
	signature, helper := t.bodyOf(function)
	if helper == nil || signature == nil || contains(body, helper) || t.handlesTx(signature, helper) {
		return
	}
	var sends *mapperCall
	t.eachCall(helper, func(node *ast.CallExpr) {
		call := mapperCallOf(t.pass.TypesInfo, node)
		if sends == nil && (writesAlone(call) || isTransaction && readsAlone(call)) {
			sends = call
		}
	})
	name := types.ExprString(function)
	switch {
	case sends == nil:
	case !writesAlone(sends):
		t.pass.Reportf(at.Pos(), "what %s reads with %s is not part of the transaction, so the commit "+
			"does not check that it is unchanged; give it the Tx, and read with In(tx)", name,
			sends.method())
	case isTransaction:
		t.pass.Reportf(at.Pos(), "%s calls %s, which writes beside the transaction, at each try and "+
			"also if the transaction fails; give it the Tx, and stage the write with In(tx)", name,
			sends.method())
	default:
		t.pass.Reportf(at.Pos(), "%s calls %s in a function of Modify, which may run several times, "+
			"so it writes each time; write after Modify, or write both items with RunTransaction", name,
			sends.method())
	}
}

// handlesTx reports whether a function gets or uses a Tx. That of a transaction that it runs itself
// does not count.
func (t *transactions) handlesTx(signature *types.Signature, body *ast.BlockStmt) bool {
	if receiver := signature.Recv(); receiver != nil && holdsTx(receiver.Type()) {
		return true
	}
	for parameter := range signature.Params().Variables() {
		if holdsTx(parameter.Type()) {
			return true
		}
	}
	found := false
	ast.Inspect(body, func(node ast.Node) bool {
		if mapperCallOf(t.pass.TypesInfo, node).is("Mapper", "RunTransaction") {
			return false
		}
		expr, ok := node.(ast.Expr)
		if ok && isTx(t.pass.TypesInfo.TypeOf(expr)) {
			found = true
		}
		return !found
	})
	return found
}

// holdsTx reports whether a type is a Tx or a table in one, or a struct with such a field.
func holdsTx(t types.Type) bool {
	if isTx(t) {
		return true
	}
	if pointer, ok := t.Underlying().(*types.Pointer); ok {
		t = pointer.Elem()
	}
	fields, ok := t.Underlying().(*types.Struct)
	if !ok {
		return false
	}
	return slices.ContainsFunc(slices.Collect(fields.Fields()),
		func(field *types.Var) bool { return isTx(field.Type()) })
}

func isTx(t types.Type) bool {
	if t == nil {
		return false
	}
	if pointer, ok := types.Unalias(t).(*types.Pointer); ok {
		t = pointer.Elem()
	}
	return isMapperType(t, "Tx") || isMapperType(t, "TxTable") || isMapperType(t, "TxUpdate")
}

// readsAlone reports whether a call reads items by their keys, beside any transaction.
func readsAlone(call *mapperCall) bool {
	return call.is("Table", "Get", "BatchGet") || call.is("Mapper", "BatchGet", "TransactGet")
}

// writesAlone reports whether a call sends a write that belongs to no transaction.
func writesAlone(call *mapperCall) bool {
	return call.is("Table", "Save", "Delete", "DeleteKey", "DeleteItems", "Take", "Replace", "Modify",
		"ModifyOrNew", "Settle", "BatchSave", "BatchDelete", "Migrate") ||
		call.is("Update", "Run", "RunOld") || call.is("Mapper", "RunTransaction", "BatchWrite") ||
		call.is("Collection", "Migrate")
}
