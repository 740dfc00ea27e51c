package vet

import (
	"go/ast"
	"go/token"
	"go/types"
	"strings"

	"golang.org/x/tools/go/analysis"
)

// RenameAnalyzer reports updates of, and conditions on, attributes that MigrateItem renames.
var RenameAnalyzer = &analysis.Analyzer{
	Name: "dynamorename",
	Doc: "report updates of and conditions on attributes that MigrateItem renames\n\n" +
		"The service sees the stored item, which may still have the old name. An Update of the new " +
		"name writes a second attribute beside the old one, and a condition on it finds nothing. " +
		"A rename is seen if the hook is in the package of the call, deletes the old attribute and " +
		"assigns its value to the new one, both by constant names.",
	URL: moreAbout("dynamorename"),
	Run: runRename,
}

func runRename(pass *analysis.Pass) (any, error) {
	r := renames{pass: pass, of: map[*types.TypeName]map[string]string{}}
	functions(pass, r.addHook)
	if len(r.of) == 0 {
		return nil, nil
	}
	for _, file := range pass.Files {
		calls(pass.TypesInfo, file, r.checkCall)
	}
	return nil, nil
}

type renames struct {
	pass *analysis.Pass
	of   map[*types.TypeName]map[string]string // the old names by the new ones, of each model
}

// addHook adds the attributes that a function renames if it is a hook MigrateItem.
func (r *renames) addHook(function *ast.FuncDecl) {
	if function.Recv == nil || function.Name.Name != "MigrateItem" ||
		function.Type.Params.NumFields() != 1 || len(function.Type.Params.List[0].Names) != 1 {
		return
	}
	receiver := namedOf(r.pass.TypesInfo.TypeOf(function.Recv.List[0].Type))
	raw, _ := r.pass.TypesInfo.Defs[function.Type.Params.List[0].Names[0]].(*types.Var)
	if receiver == nil || raw == nil || !isModel(receiver) {
		return
	}
	hook := hook{info: r.pass.TypesInfo, raw: raw, deleted: map[string]bool{},
		held: map[*types.Var]string{}, renamed: map[string]string{}}
	ast.Inspect(function.Body, hook.visit)
	for name, old := range hook.renamed {
		if !hook.deleted[old] || name == old {
			delete(hook.renamed, name)
		}
	}
	if len(hook.renamed) > 0 {
		r.of[receiver.Obj()] = hook.renamed
	}
}

// hook is a hook MigrateItem while its body is read.
type hook struct {
	info    *types.Info
	raw     *types.Var // the parameter
	deleted map[string]bool
	held    map[*types.Var]string // variables by the attribute whose value they have
	renamed map[string]string     // the old names by the new ones
}

func (h *hook) visit(node ast.Node) bool {
	switch node := node.(type) {
	case *ast.CallExpr:
		name, ok := ast.Unparen(node.Fun).(*ast.Ident)
		if ok && h.info.Uses[name] == types.Universe.Lookup("delete") && len(node.Args) == 2 &&
			variableOf(h.info, node.Args[0]) == h.raw {
			if attribute, ok := textOf(h.info, node.Args[1]); ok {
				h.deleted[attribute] = true
			}
		}
	case *ast.AssignStmt:
		h.assign(node)
	}
	return true
}

// assign follows the value of an attribute into a variable, or under another name.
func (h *hook) assign(statement *ast.AssignStmt) {
	if statement.Tok != token.ASSIGN && statement.Tok != token.DEFINE {
		return
	}
	for i, right := range statement.Rhs {
		old := h.attribute(right)
		if held := variableOf(h.info, right); old == "" && held != nil {
			old = h.held[held]
		}
		if old == "" {
			continue
		}
		if to := h.attribute(statement.Lhs[i]); to != "" {
			h.renamed[to] = old
		} else if variable := variableOf(h.info, statement.Lhs[i]); variable != nil {
			h.held[variable] = old
		}
	}
}

// attribute returns the name of the attribute that an expression is the element of, or "".
func (h *hook) attribute(expr ast.Expr) string {
	element, ok := ast.Unparen(expr).(*ast.IndexExpr)
	if !ok || variableOf(h.info, element.X) != h.raw {
		return ""
	}
	name, _ := textOf(h.info, element.Index)
	return name
}

// checkCall reports the renamed attributes in an update and in the conditions of a call.
func (r *renames) checkCall(call *mapperCall) {
	model := namedModel(call)
	if model == nil || r.of[model.Obj()] == nil {
		return
	}
	renamed := r.of[model.Obj()]
	switch {
	case call.receiver == "Update" || call.receiver == "TxUpdate":
		last := len(call.Args)
		if last > 1 && call.name != "Remove" {
			last = 1 // values follow
		}
		for _, argument := range call.Args[:last] {
			if text, ok := textOf(r.pass.TypesInfo, argument); ok {
				r.report(argument, text, renamed, call.method())
			}
		}
	}
	for _, argument := range call.Args {
		calls(r.pass.TypesInfo, argument, func(inner *mapperCall) {
			if inner.is("", "Attr") && len(inner.Args) > 0 {
				if text, ok := textOf(r.pass.TypesInfo, inner.Args[0]); ok {
					r.report(inner.Args[0], text, renamed, "the condition")
				}
			}
		})
	}
}

// namedModel returns the type of a call's model, or nil.
func namedModel(call *mapperCall) *types.Named {
	if call.model == nil {
		return nil
	}
	return namedOf(call.model)
}

func (r *renames) report(at ast.Expr, path string, renamed map[string]string, what string) {
	name := path
	if end := strings.IndexAny(path, ".["); end >= 0 {
		name = path[:end]
	}
	if old, ok := renamed[name]; ok {
		r.pass.Reportf(at.Pos(), "MigrateItem renames %q to %q, and %s sees stored items, which may "+
			"have the old name; use Modify until all items are moved, and then remove the step "+
			"from the hook", old, name, what)
	}
}
