package vet

import (
	"go/ast"
	"go/types"

	"golang.org/x/tools/go/analysis"

	"github.com/dynamapper/dynamapper/internal/tag"
)

// OptionAnalyzer reports options that contradict each other. The compiler reports an option that a
// call does not take.
var OptionAnalyzer = &analysis.Analyzer{
	Name: "dynamooption",
	Doc: "report options that contradict each other or the index of a read\n\n" +
		"Both compile, and the call returns an error: LastWriterWins with FailOnConflict; Parallel " +
		"with Segment; a consistent read of a global index; an index that the model does not have.",
	URL: moreAbout("dynamooption"),
	Run: runOption,
}

func runOption(pass *analysis.Pass) (any, error) {
	for _, file := range pass.Files {
		inner := map[*ast.CallExpr]bool{} // calls inside of a chain
		ast.Inspect(file, func(node ast.Node) bool {
			call := mapperCallOf(pass.TypesInfo, node)
			if call == nil || node != call.CallExpr {
				return true
			}
			checkWriteOptions(pass, call)
			if !inner[call.CallExpr] {
				checkChain(pass, call, inner)
			}
			return true
		})
	}
	return nil, nil
}

func checkWriteOptions(pass *analysis.Pass, call *mapperCall) {
	var last, fail *mapperCall
	for _, argument := range call.Args {
		option := mapperCallOf(pass.TypesInfo, argument)
		switch {
		case option.is("", "LastWriterWins"):
			last = option
		case option.is("", "FailOnConflict"):
			fail = option
		}
	}
	if last != nil && fail != nil {
		pass.Reportf(max(last.Pos(), fail.Pos()),
			"LastWriterWins and FailOnConflict contradict each other; keep one")
	}
}

// checkChain checks the methods that are called one on the result of the other.
func checkChain(pass *analysis.Pass, end *mapperCall, inner map[*ast.CallExpr]bool) {
	var index, consistent, parallel, segment *mapperCall
	for call := end; call != nil; call = mapperCallOf(pass.TypesInfo, call.on()) {
		inner[call.CallExpr] = true
		if call.receiver != "Query" && call.receiver != "Scan" && call.receiver != "Search" {
			continue
		}
		switch call.name {
		case "Index":
			index = call
		case "Consistent":
			consistent = call
		case "Parallel":
			parallel = call
		case "Segment":
			segment = call
		}
	}
	if parallel != nil && segment != nil {
		pass.Reportf(end.Pos(), "Parallel and Segment contradict each other; keep one")
	}
	// The indexes of an Item are those of its table.
	if index == nil || len(index.Args) != 1 || !isModel(index.model) ||
		isMapperType(index.model, "Item") {
		return
	}
	name, ok := textOf(pass.TypesInfo, index.Args[0])
	if !ok || name == "" {
		return
	}
	declared, vectors := indexesOf(index.model)
	found, known := declared[name]
	model := types.TypeString(index.model, types.RelativeTo(pass.Pkg))
	at := index.Args[0].Pos()
	switch isSearch := index.receiver == "Search"; {
	case isSearch && known:
		pass.Reportf(at, "the index %q has no vector, so it cannot be searched; read it with Query",
			name)
	case isSearch && !vectors[name]:
		pass.Reportf(at, "the model %s has no vector index %q; declare it with the tag vector", model,
			name)
	case isSearch:
	case vectors[name]:
		pass.Reportf(at, "the index %q is one of vectors; search it with Nearest", name)
	case !known:
		pass.Reportf(at, "the model %s has no index %q; declare it with the tag index or localIndex",
			model, name)
	case consistent != nil && !found.Local:
		pass.Reportf(end.Pos(), "the index %q is global, and its reads are never consistent; leave "+
			"Consistent out", name)
	}
}

// indexesOf returns the indexes of a model by their names, and the names of its vector indexes.
func indexesOf(model types.Type) (indexes map[string]tag.Index, vectors map[string]bool) {
	indexes, vectors = map[string]tag.Index{}, map[string]bool{}
	for _, a := range attributesOf(model, func(*types.Var, string, ...any) {}) {
		for _, index := range a.Indexes {
			indexes[index.Name] = index
		}
		for _, v := range a.Vectors {
			vectors[v.Name] = true
		}
	}
	return indexes, vectors
}
