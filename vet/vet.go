// Package vet finds mistakes in programs that use dynamapper, which the compiler accepts and the
// mapper reports late or never. Command dynamappervet runs the checks, alone or for go vet, and
// package golangci makes them a plugin of golangci-lint. docs/vet.md has a row for each check.
//
// The checks go by types: a method that only has the name of a method of the mapper is not
// reported. If a check cannot see whether code is wrong, it is silent.
package vet

import (
	"go/ast"
	"go/constant"
	"go/types"
	"slices"

	"golang.org/x/tools/go/analysis"
)

// mapperPath is the path of the package whose users are checked.
const mapperPath = "github.com/dynamapper/dynamapper"

// Analyzers returns all checks, in the order of their names.
func Analyzers() []*analysis.Analyzer {
	return []*analysis.Analyzer{
		CopyAnalyzer, ErrorAnalyzer, OptionAnalyzer, OverwriteAnalyzer, RangeAnalyzer,
		RenameAnalyzer, TagAnalyzer, TransactionAnalyzer,
	}
}

// moreAbout returns the address of the row of a check in the guide.
func moreAbout(check string) string {
	return "https://github.com/dynamapper/dynamapper/blob/main/docs/vet.md#" + check
}

// mapperCall is a call of a function or a method of the mapper.
type mapperCall struct {
	*ast.CallExpr
	receiver string // the name of the method's type, such as Table; "" for a function
	name     string
	model    types.Type // the T of a Table[T] and its like; nil for none
}

// is reports whether the call is of one of the methods of a type. The type "" has the functions.
func (c *mapperCall) is(receiver string, names ...string) bool {
	return c != nil && c.receiver == receiver && slices.Contains(names, c.name)
}

// on returns the expression of the method's receiver, or nil for a function.
func (c *mapperCall) on() ast.Expr {
	if selector, ok := ast.Unparen(c.Fun).(*ast.SelectorExpr); ok && c.receiver != "" {
		return selector.X
	}
	return nil
}

// mapperCallOf returns the node as a call of the mapper, or nil if it is another one.
func mapperCallOf(info *types.Info, node ast.Node) *mapperCall {
	if expr, ok := node.(ast.Expr); ok {
		node = ast.Unparen(expr)
	}
	call, ok := node.(*ast.CallExpr)
	if !ok {
		return nil
	}
	callee, ok := usedBy(info, typeArgumentsCut(call.Fun)).(*types.Func)
	if !ok || !callee.Exported() || callee.Pkg() == nil || callee.Pkg().Path() != mapperPath {
		return nil
	}
	found := &mapperCall{CallExpr: call, name: callee.Name()}
	if receiver := callee.Signature().Recv(); receiver != nil {
		named := namedOf(receiver.Type())
		if named == nil {
			return nil
		}
		found.receiver = named.Obj().Name()
		if arguments := named.TypeArgs(); arguments.Len() == 1 {
			found.model = arguments.At(0)
		}
	}
	return found
}

// typeArgumentsCut returns the function of a call without type arguments.
func typeArgumentsCut(function ast.Expr) ast.Expr {
	switch function := ast.Unparen(function).(type) {
	case *ast.IndexExpr:
		return function.X
	case *ast.IndexListExpr:
		return function.X
	default:
		return function
	}
}

// namedOf returns the named type that a type is or points to, or nil.
func namedOf(t types.Type) *types.Named {
	if pointer, ok := types.Unalias(t).(*types.Pointer); ok {
		t = pointer.Elem()
	}
	named, _ := types.Unalias(t).(*types.Named)
	return named
}

// isMapperType reports whether a type is the named type of the mapper.
func isMapperType(t types.Type, name string) bool { return isNamed(t, mapperPath, name) }

// isModel reports whether a type is a struct that embeds dynamapper.Model, itself or by another
// struct that it embeds.
func isModel(t types.Type) bool { return embedsModel(t, nil) }

func embedsModel(t types.Type, within []types.Type) bool {
	isWithin := func(outer types.Type) bool { return types.Identical(outer, t) }
	if t == nil || slices.ContainsFunc(within, isWithin) {
		return false
	}
	fields, ok := t.Underlying().(*types.Struct)
	if !ok {
		return false
	}
	for field := range fields.Fields() {
		if field.Embedded() && (isMapperType(field.Type(), "Model") ||
			embedsModel(field.Type(), append(within, t))) {
			return true
		}
	}
	return false
}

// mapperVar returns the name of the variable of the mapper that an expression is, such as
// ErrConflict, or "".
func mapperVar(info *types.Info, expr ast.Expr) string {
	used, ok := usedBy(info, expr).(*types.Var)
	if !ok || used.IsField() || used.Pkg() == nil || used.Pkg().Path() != mapperPath {
		return ""
	}
	return used.Name()
}

// usedBy returns what a name, or a name with a package or a struct before it, stands for, or nil.
func usedBy(info *types.Info, expr ast.Expr) types.Object {
	switch expr := ast.Unparen(expr).(type) {
	case *ast.Ident:
		return info.ObjectOf(expr)
	case *ast.SelectorExpr:
		return info.ObjectOf(expr.Sel)
	}
	return nil
}

// variableOf returns the variable whose name an expression is, or nil.
func variableOf(info *types.Info, expr ast.Expr) *types.Var {
	name, ok := ast.Unparen(expr).(*ast.Ident)
	if !ok {
		return nil
	}
	variable, _ := info.ObjectOf(name).(*types.Var)
	return variable
}

// textOf returns the text of a constant expression.
func textOf(info *types.Info, expr ast.Expr) (text string, ok bool) {
	value := info.Types[expr].Value
	if value == nil || value.Kind() != constant.String {
		return "", false
	}
	return constant.StringVal(value), true
}

// functions calls visit for the body of each function declaration of the package.
func functions(pass *analysis.Pass, visit func(*ast.FuncDecl)) {
	for _, file := range pass.Files {
		for _, declaration := range file.Decls {
			if function, ok := declaration.(*ast.FuncDecl); ok && function.Body != nil {
				visit(function)
			}
		}
	}
}

// calls calls visit for each call of the mapper below a node.
func calls(info *types.Info, below ast.Node, visit func(*mapperCall)) {
	ast.Inspect(below, func(node ast.Node) bool {
		if call := mapperCallOf(info, node); call != nil && node == call.CallExpr {
			visit(call)
		}
		return true
	})
}

// isItemWrite reports whether a call is a write that has an item as an argument.
func isItemWrite(call *mapperCall) bool {
	return call.is("Table", "Save", "Delete", "Replace") || call.is("TxTable", "Save", "Delete", "Put")
}

// itemOf returns the argument of a write that is the item, or nil.
func itemOf(call *mapperCall) ast.Expr {
	at := 0
	if call.receiver == "Table" {
		at = 1 // after the context
	}
	if len(call.Args) <= at {
		return nil
	}
	return ast.Unparen(call.Args[at])
}
