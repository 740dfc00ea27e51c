package vet

import (
	"go/ast"
	"go/types"
	"slices"

	"golang.org/x/tools/go/analysis"
)

// ErrorAnalyzer reports calls whose error nobody sees, and requests that are built and never sent.
var ErrorAnalyzer = &analysis.Analyzer{
	Name: "dynamoerror",
	Doc: "report dropped errors of the mapper, and requests that are never sent\n\n" +
		"Only a statement of its own is reported, also behind defer and go. An assignment to _ is a " +
		"decision. The errors of staging calls in a transaction may be dropped, because " +
		"RunTransaction returns them.",
	URL: moreAbout("dynamoerror"),
	Run: runError,
}

func runError(pass *analysis.Pass) (any, error) {
	for _, file := range pass.Files {
		ast.Inspect(file, func(node ast.Node) bool {
			switch statement := node.(type) {
			case *ast.ExprStmt:
				checkStatement(pass, statement.X)
			case *ast.DeferStmt:
				checkStatement(pass, statement.Call)
			case *ast.GoStmt:
				checkStatement(pass, statement.Call)
			}
			return true
		})
	}
	return nil, nil
}

// checkStatement checks a call whose results nobody sees.
func checkStatement(pass *analysis.Pass, statement ast.Expr) {
	call := mapperCallOf(pass.TypesInfo, statement)
	switch {
	case call == nil || call.receiver == "TxTable" || call.receiver == "TxUpdate":
		return
	case returnsError(pass.TypesInfo, call.CallExpr):
		pass.Reportf(call.Pos(), "the error of %s is dropped; handle it, or assign it to _",
			call.method())
	case call.is("Table", "Update", "Query", "Scan", "Nearest") ||
		call.is("Collection", "Query", "Scan", "Nearest") || slices.Contains(builders, call.receiver):
		start := call // a builder that a variable holds is changed by the statement
		for start != nil && slices.Contains(builders, start.receiver) {
			start = mapperCallOf(pass.TypesInfo, start.on())
		}
		if start != nil && start.is("Table", "Update") {
			pass.Reportf(call.Pos(), "the update is never sent; call Run or RunOld")
		}
		if start != nil && (start.is("Table", "Query", "Scan") ||
			start.is("Collection", "Query", "Scan")) {
			pass.Reportf(call.Pos(), "the %s is never sent; call All, Collect, First, Count or Page",
				map[string]string{"Query": "query", "Scan": "scan"}[start.name])
		}
		if start != nil && (start.is("Table", "Nearest") || start.is("Collection", "Nearest")) {
			pass.Reportf(call.Pos(), "the search is never sent; call All or Collect")
		}
	case call.is("Table", "Puts", "Deletes"):
		pass.Reportf(call.Pos(), "%s sends nothing; give it to BatchWrite of the mapper", call.method())
	case call.is("Table", "Fetch"):
		pass.Reportf(call.Pos(), "%s sends nothing; give it to TransactGet or BatchGet of the mapper",
			call.method())
	case call.is("Table", "HandleChanges") || call.is("Collection", "HandleChanges"):
		pass.Reportf(call.Pos(), "the failures of %s are dropped; return them to Lambda, or their Err",
			call.method())
	}
}

// builders are the types whose methods change and return their receiver.
var builders = []string{"Update", "Query", "Scan", "Search", "CollectionQuery", "CollectionScan",
	"CollectionSearch"}

// method returns the name of a call as it is written in messages.
func (c *mapperCall) method() string {
	if c.receiver == "" {
		return c.name
	}
	return c.receiver + "." + c.name
}

// returnsError reports whether the last result of a call is an error.
func returnsError(info *types.Info, call *ast.CallExpr) bool {
	result := info.Types[call].Type
	if tuple, ok := result.(*types.Tuple); ok {
		if tuple.Len() == 0 {
			return false
		}
		result = tuple.At(tuple.Len() - 1).Type()
	}
	return result != nil && types.Identical(result, types.Universe.Lookup("error").Type())
}
