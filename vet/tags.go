package vet

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/tools/go/analysis"

	"github.com/dynamapper/dynamapper/internal/tag"
)

// TagAnalyzer reports tags that TableOf would refuse.
var TagAnalyzer = &analysis.Analyzer{
	Name: "dynamotag",
	Doc: "report struct tags of models that the mapper refuses or would not read\n\n" +
		"The mapper's own parser reads the tags of each struct that embeds dynamapper.Model, and of " +
		"the structs in its documents. The keys, the indexes, the attributes' names, and the options " +
		"with each other and with the field's type are checked for each type that is given to " +
		"TableOf. TableOf checks more than that, such as defaults and formats.",
	URL: moreAbout("dynamotag"),
	Run: runTag,
}

func runTag(pass *analysis.Pass) (any, error) {
	t := tags{pass: pass, structs: map[types.Object]*ast.StructType{},
		checked: map[*ast.StructType]bool{}}
	var all []*ast.StructType
	for _, file := range pass.Files {
		ast.Inspect(file, func(node ast.Node) bool {
			switch node := node.(type) {
			case *ast.TypeSpec:
				if written, ok := node.Type.(*ast.StructType); ok {
					t.structs[pass.TypesInfo.Defs[node.Name]] = written
				}
			case *ast.StructType:
				all = append(all, node)
			}
			return true
		})
	}
	for _, written := range all {
		if isModel(pass.TypesInfo.TypeOf(written)) {
			t.checkStruct(written, false)
		}
	}
	t.checkModels()
	return nil, nil
}

type tags struct {
	pass    *analysis.Pass
	structs map[types.Object]*ast.StructType // of the package, by their type
	checked map[*ast.StructType]bool
	wrong   bool // a tag cannot be parsed
}

// checkStruct parses the tags of a struct, and those of the structs in it that have tags, too. In a
// document, all structs are documents.
func (t *tags) checkStruct(written *ast.StructType, document bool) {
	if t.checked[written] {
		return
	}
	t.checked[written] = true
	document = document || t.isDocument(written)
	for _, field := range written.Fields.List {
		parsed, err := parseTags(tagOf(field.Tag), isRead(field))
		if isMapperType(t.pass.TypesInfo.TypeOf(field.Type), "Model") {
			parsed, err = tag.Field{}, checkModelTag(tagOf(field.Tag))
		}
		if parsed.Skip && err == nil {
			continue
		}
		if err != nil {
			t.wrong = true
			t.pass.Reportf(field.Tag.Pos(), "%s: %v", fieldName(field), err)
			continue
		}
		below := parsed.Document || document && !parsed.JSON && !parsed.Set
		if isEmbedded := len(field.Names) == 0 && parsed.Name == ""; isEmbedded || below {
			t.checkBelow(field.Type, below)
		}
	}
}

// isDocument reports whether the embedded Model has the option document.
func (t *tags) isDocument(written *ast.StructType) bool {
	for _, field := range written.Fields.List {
		if len(field.Names) == 0 && isMapperType(t.pass.TypesInfo.TypeOf(field.Type), "Model") {
			options := strings.Split(tagOf(field.Tag).Get("dynamo"), ",")
			return slices.ContainsFunc(options[1:],
				func(option string) bool { return strings.TrimSpace(option) == "document" })
		}
	}
	return false
}

// checkBelow checks the structs of the package that a field's type consists of.
func (t *tags) checkBelow(field ast.Expr, document bool) {
	ast.Inspect(field, func(node ast.Node) bool {
		switch node := node.(type) {
		case *ast.StructType:
			t.checkStruct(node, document)
			return false
		case *ast.Ident:
			if written := t.structs[t.pass.TypesInfo.Uses[node]]; written != nil {
				t.checkStruct(written, document)
			}
		}
		return true
	})
}

// tagOf returns the content of a tag. It is empty without a tag.
func tagOf(literal *ast.BasicLit) reflect.StructTag {
	if literal == nil {
		return ""
	}
	text, err := strconv.Unquote(literal.Value)
	if err != nil {
		return ""
	}
	return reflect.StructTag(text)
}

// fieldName returns the name of a field as messages write it.
func fieldName(field *ast.Field) string {
	if len(field.Names) == 0 {
		name := types.ExprString(field.Type)
		return strings.TrimPrefix(name[strings.LastIndex(name, ".")+1:], "*")
	}
	return field.Names[0].Name
}

// isRead reports whether the mapper reads a field.
func isRead(field *ast.Field) bool {
	return len(field.Names) == 0 || slices.ContainsFunc(field.Names, func(name *ast.Ident) bool {
		return name.IsExported() || name.Name == "_"
	})
}

// parseTags parses all tags of a field, as the mapper does.
func parseTags(text reflect.StructTag, isRead bool) (tag.Field, error) {
	parsed, err := tag.Parse(text)
	if err != nil || parsed.Skip || !isRead {
		return parsed, err
	}
	return parsed, tag.CheckKeys(text)
}

// checkModelTag checks the tag of the embedded Model.
func checkModelTag(text reflect.StructTag) error {
	if err := tag.CheckKeys(text); err != nil {
		return err
	}
	for _, option := range strings.Split(text.Get("dynamo"), ",")[1:] {
		option = strings.TrimSpace(option)
		name, _, _ := strings.Cut(option, "=")
		if !slices.ContainsFunc(tag.ModelOptions, func(known string) bool {
			known, _, hasValue := strings.Cut(known, "=")
			return known == name && (hasValue || name == option)
		}) {
			return tag.NewOptionError(option, tag.ModelOptions)
		}
	}
	return nil
}

// checkModels checks the keys and the indexes of the types that are given to TableOf.
func (t *tags) checkModels() {
	models := map[types.Type]token.Pos{} // a type, and the first call
	for name, instance := range t.pass.TypesInfo.Instances {
		used, ok := t.pass.TypesInfo.Uses[name].(*types.Func)
		if !ok || used.Pkg() == nil || used.Pkg().Path() != mapperPath || used.Name() != "TableOf" {
			continue
		}
		model := instance.TypeArgs.At(0)
		if first, known := models[model]; isModel(model) && (!known || name.Pos() < first) {
			models[model] = name.Pos()
		}
	}
	for model, call := range models {
		if _, isParameter := model.(*types.TypeParam); !isParameter && !t.wrong {
			t.checkModel(model, call)
		}
	}
}

// attribute is a field of a model with its tags.
type attribute struct {
	tag.Field
	field    *types.Var
	isTagged bool // by a tag dynamo
}

// isComputed reports whether the field is a computed attribute without a name in Go.
func (a *attribute) isComputed() bool {
	return a.field.Name() == "_" && isMapperType(a.field.Type(), "Computed")
}

// checkModel checks the fields of a model with each other. It reports at the field, or at the call
// if the field is declared in another package.
func (t *tags) checkModel(model types.Type, call token.Pos) {
	report := func(at *types.Var, format string, args ...any) {
		pos := call
		if at != nil && at.Pkg() == t.pass.Pkg {
			pos = at.Pos()
		}
		t.pass.Reportf(pos, "model %s: %s",
			types.TypeString(model, types.RelativeTo(t.pass.Pkg)), fmt.Sprintf(format, args...))
	}
	attributes := attributesOf(model, report)
	var hash, rng []attribute
	for _, a := range attributes {
		if !a.field.Exported() && !a.isComputed() {
			if a.isTagged || a.InIndexes() {
				report(a.field, "the field %s is tagged and not exported, so it cannot be filled; "+
					"export it, or remove the tag", a.field.Name())
			}
			continue
		}
		if a.Rest { // no attribute
			continue
		}
		if problem := problemOf(a); problem != "" {
			report(a.field, "the field %s: %s", a.field.Name(), problem)
		}
		if a.Hash {
			hash = append(hash, a)
		}
		if a.Range {
			rng = append(rng, a)
		}
	}
	switch {
	case len(hash) == 0:
		report(nil, "no field is the hash key; add the option \"hash\" behind an attribute's name, "+
			"as in `dynamo:\"login,hash\"`")
	case len(hash) > 1:
		report(hash[1].field, "a second hash key, beside %s; keep one", hash[0].field.Name())
	case len(rng) > 1:
		report(rng[1].field, "a second range key, beside %s; keep one", rng[0].field.Name())
	case len(rng) == 1 && hash[0].Autoincrement:
		report(hash[0].field, "option \"autoincrement\" is for a table without a range key; remove "+
			"it, or the option \"range\" of %s", rng[0].field.Name())
	}
	checkRoles(attributes, report)
	checkIndexes(attributes, len(rng) > 0, report)
	checkVectors(attributes, report)
}

// reporter reports a problem at a field, or at the call of TableOf.
type reporter func(at *types.Var, format string, args ...any)

// checkRoles reports a second field with an option that one field of a model can have.
func checkRoles(attributes []attribute, report reporter) {
	first := map[string]*types.Var{}
	for _, a := range attributes {
		for option, given := range map[string]bool{"version": a.Version, "created": a.Created,
			"updated": a.Updated, "ttl": a.TTL, "rest": a.Rest} {
			switch {
			case !given:
			case first[option] != nil:
				report(a.field, "a second field with the option %q, beside %s; keep one", option,
					first[option].Name())
			default:
				first[option] = a.field
			}
		}
	}
}

// checkIndexes reports global indexes without a hash key, and local ones that cannot be.
func checkIndexes(attributes []attribute, hasRange bool, report reporter) {
	hashed, local := map[string]bool{}, map[string]bool{}
	for _, a := range attributes {
		for _, index := range a.Indexes {
			hashed[index.Name] = hashed[index.Name] || index.Hash || index.Local
			local[index.Name] = local[index.Name] || index.Local
		}
	}
	reported := map[string]bool{}
	for _, a := range attributes {
		for _, index := range a.Indexes {
			problem := ""
			switch {
			case local[index.Name] && !index.Local:
				problem = fmt.Sprintf("index %q is declared with the tag index and with localIndex; "+
					"keep one", index.Name)
			case index.Local && index.Hash:
				problem = fmt.Sprintf("index %q is local, so its hash key is the table's; declare "+
					"only its range key, or a global one with the tag index", index.Name)
			case index.Local && !hasRange:
				problem = fmt.Sprintf("index %q is local, which only a table with a range key has; "+
					"make it a global one with the tag index", index.Name)
			case !hashed[index.Name]:
				problem = fmt.Sprintf("index %q has a range key and no hash key; add `index:%q` to "+
					"another field", index.Name, index.Name+",hash")
			}
			if problem != "" && !reported[index.Name] {
				reported[index.Name] = true
				report(a.field, "%s", problem)
			}
		}
	}
}

// checkVectors reports vector indexes without a vector, or with two.
func checkVectors(attributes []attribute, report reporter) {
	vectors := map[string]*types.Var{}
	for _, a := range attributes {
		for _, v := range a.Vectors {
			switch {
			case v.Selects():
			case vectors[v.Name] != nil:
				report(a.field, "vector index %q has a second vector, beside %s; keep one", v.Name,
					vectors[v.Name].Name())
			default:
				vectors[v.Name] = a.field
			}
		}
	}
	for _, a := range attributes {
		for _, v := range a.Vectors {
			if v.Selects() && vectors[v.Name] == nil {
				report(a.field, "no field is the vector of vector index %q; add the tag `vector:%q` "+
					"to it", v.Name, v.Name+",cosine,dimensions=N")
			}
		}
	}
}

// attributesOf returns the attributes of a model, also those of the structs that it embeds. Of two
// with one name, it returns the less deep one, and reports two at the same depth.
func attributesOf(model types.Type, report reporter) []attribute {
	var all []attribute
	above := map[string]*types.Var{}
	within := map[types.Type]bool{}
	for level := []types.Type{model}; len(level) > 0; {
		here := map[string]*types.Var{}
		var next []types.Type
		for _, t := range level {
			fields, ok := t.Underlying().(*types.Struct)
			if !ok || within[t] {
				continue
			}
			within[t] = true
			for i := range fields.NumFields() {
				field := fields.Field(i)
				parsed, err := tag.Parse(reflect.StructTag(fields.Tag(i)))
				if isMapperType(field.Type(), "Model") || parsed.Skip || err != nil {
					continue
				}
				if inner := embeddedStruct(field); inner != nil && parsed.Name == "" {
					next = append(next, inner)
					continue
				}
				name := parsed.Name
				if name == "" {
					name = field.Name()
				}
				a := attribute{Field: parsed, field: field}
				_, a.isTagged = reflect.StructTag(fields.Tag(i)).Lookup("dynamo")
				if !parsed.Rest && (field.Exported() || a.isComputed()) {
					if above[name] != nil {
						continue
					}
					if here[name] != nil {
						report(field, "the fields %s and %s have the same attribute %q; give one of the "+
							"two another name, or leave it out with `dynamo:\"-\"`", here[name].Name(),
							field.Name(), name)
					}
					here[name] = field
				}
				all = append(all, a)
			}
		}
		for name, field := range here {
			above[name] = field
		}
		level = next
	}
	return all
}

// embeddedStruct returns the struct whose fields a field promotes, or nil.
func embeddedStruct(field *types.Var) types.Type {
	if !field.Embedded() {
		return nil
	}
	t := field.Type()
	if pointer, ok := t.Underlying().(*types.Pointer); ok {
		t = pointer.Elem()
	}
	if _, ok := t.Underlying().(*types.Struct); !ok || hasOwnForm(t) {
		return nil
	}
	return t
}
