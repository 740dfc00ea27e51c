// Package gen writes Go models for tables that exist: from a description of the table and a sample
// of its items. It sends no request, except ReadLive.
package gen

import (
	"bytes"
	"errors"
	"fmt"
	"go/format"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Generate returns the source of a package with the models of the tables.
func Generate(packageName string, tables []*Table) ([]byte, error) {
	if len(tables) == 0 {
		return nil, errors.New("there is no table")
	}
	taken := names{}
	var models []*model
	for _, table := range tables {
		made, err := table.makeModels(taken)
		if err != nil {
			return nil, err
		}
		models = append(models, made...)
	}
	var source printer
	source.printHeader(packageName, models)
	for _, m := range models {
		source.printModel(m)
	}
	text, err := format.Source(source.Bytes())
	if err != nil {
		return nil, fmt.Errorf("the generated code is invalid, which is a mistake of gen: %w", err)
	}
	return text, nil
}

// The packages of generated code that are not of the standard library.
const (
	mapperPath = "github.com/dynamapper/dynamapper"
	valuePath  = "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

type printer struct{ bytes.Buffer }

func (p *printer) line(format string, args ...any) {
	fmt.Fprintf(p, format, args...)
	p.WriteByte('\n')
}

func (p *printer) printHeader(packageName string, models []*model) {
	p.line("package %s\n", packageName)
	imports := map[string]bool{mapperPath: true}
	for _, m := range models {
		for _, t := range m.structs {
			t.imports(imports)
		}
		for _, f := range m.fields {
			if f.goType != nil {
				f.goType.imports(imports)
			}
		}
	}
	if len(imports) == 1 {
		p.line("import %q", mapperPath)
		return
	}
	p.line("import (")
	for _, path := range slices.Sorted(maps.Keys(imports)) {
		if !strings.Contains(path, ".") {
			p.line("%q", path)
		}
	}
	for _, path := range []string{valuePath, mapperPath} {
		if imports[path] {
			p.line("")
			p.line("%q", path)
		}
	}
	p.line(")")
}

func (p *printer) printModel(m *model) {
	p.line("")
	p.comment(m.sentences())
	p.line("type %s struct {", m.name)
	tag := m.table.Name
	if m.entity != "" {
		tag += ",entity=" + m.entity
		if m.attribute != "entity" {
			tag += ",entityAttribute=" + m.attribute
		}
	}
	p.line("dynamapper.Model %s", quoteTag(fmt.Sprintf("dynamo:%q", tag)))
	p.line("")
	p.printFields(m.fields)
	p.line("}")
	for _, t := range m.structs {
		p.line("")
		p.comment([]string{t.name + " is a part of " + m.name + "."})
		p.line("type %s struct {", t.name)
		p.printFields(t.fields)
		p.line("}")
	}
}

// sentences returns the text of a model's comment.
func (m *model) sentences() []string {
	what := "an item"
	if m.entity != "" {
		what = fmt.Sprintf("an item of the entity %s", strconv.Quote(m.entity))
	}
	text := []string{fmt.Sprintf("%s is %s of the table %s.", m.name, what,
		strconv.Quote(m.table.Name))}
	switch m.items {
	case 0:
		text = append(text, "There was no sample of its items, so only attributes that the table "+
			"names have a field.")
	case 1:
		text = append(text, "The types of its fields fit the one item of the sample.")
	default:
		text = append(text, fmt.Sprintf("The types of its fields fit the %d items of the sample.",
			m.items))
	}
	text = append(text, m.notes...)
	for _, i := range m.hidden {
		text = append(text, fmt.Sprintf("It does not have the index %s, which does not project the "+
			"attribute %s.", strconv.Quote(i.Name), strconv.Quote(m.attribute)))
	}
	for _, name := range m.leftOut {
		text = append(text, fmt.Sprintf("The attribute %s has no field, because no tag can have its "+
			"name. A save keeps it.", strconv.Quote(name)))
	}
	return text
}

func (p *printer) printFields(fields []*field) {
	for _, f := range fields {
		p.comment(f.notes)
		t := "dynamapper.Computed"
		if f.goType != nil {
			t = f.goType.String()
		}
		p.line("%s %s %s", f.name, t, quoteTag(strings.Join(f.tags(), " ")))
	}
}

// quoteTag returns a tag as a Go literal.
func quoteTag(tag string) string {
	if strconv.CanBackquote(tag) {
		return "`" + tag + "`"
	}
	return strconv.Quote(tag)
}

// maxColumn is the last column of a comment.
const maxColumn = 96

// comment prints sentences as a comment.
func (p *printer) comment(sentences []string) {
	line := "//"
	for _, word := range strings.Fields(strings.Join(sentences, " ")) {
		if len(line)+1+len(word) > maxColumn {
			p.line("%s", line)
			line = "//"
		}
		line += " " + word
	}
	if line != "//" {
		p.line("%s", line)
	}
}
