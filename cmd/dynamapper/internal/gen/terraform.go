package gen

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// terraformTable is an aws_dynamodb_table in the JSON of Terraform.
type terraformTable struct {
	Name      string                `json:"name"`
	HashKey   string                `json:"hash_key"`
	RangeKey  string                `json:"range_key"`
	Attribute []terraformAttribute  `json:"attribute"`
	Global    []terraformIndex      `json:"global_secondary_index"`
	Local     []terraformIndex      `json:"local_secondary_index"`
	TTL       []terraformTimeToLive `json:"ttl"`
}

type terraformAttribute struct {
	Name string `json:"name"`
	Type string `json:"type"`
}

type terraformIndex struct {
	Name             string   `json:"name"`
	HashKey          string   `json:"hash_key"`
	RangeKey         string   `json:"range_key"`
	ProjectionType   string   `json:"projection_type"`
	NonKeyAttributes []string `json:"non_key_attributes"`
	KeySchema        []struct {
		AttributeName string `json:"attribute_name"`
		KeyType       string `json:"key_type"`
	} `json:"key_schema"`
}

type terraformTimeToLive struct {
	AttributeName string `json:"attribute_name"`
	Enabled       bool   `json:"enabled"`
}

const terraformType = "aws_dynamodb_table"

// ParseTerraform parses the tables of a file of Terraform, or of the output of "terraform show
// -json".
func ParseTerraform(text []byte) ([]*Table, error) {
	if strings.HasPrefix(strings.TrimSpace(string(text)), "{") {
		return parseTerraformJSON(text)
	}
	file, err := parseHCL(string(text))
	if err != nil {
		return nil, err
	}
	r := &hclResolver{values: map[string]hclValue{}}
	r.addValues(file)
	var tables []*Table
	for _, block := range file.blocks {
		if block.kind != "resource" || len(block.labels) != 2 || block.labels[0] != terraformType {
			continue
		}
		table, err := r.table(block)
		if err != nil {
			return nil, err
		}
		tables = append(tables, table)
	}
	if len(tables) == 0 {
		return nil, errors.New("there is no resource of the type " + terraformType)
	}
	return tables, nil
}

type terraformModule struct {
	Resources []struct {
		Address, Type string
		Values        terraformTable
	}
	ChildModules []terraformModule `json:"child_modules"`
}

func parseTerraformJSON(text []byte) ([]*Table, error) {
	var state struct {
		Values struct {
			Root terraformModule `json:"root_module"`
		}
	}
	var plan struct {
		Values struct {
			Root terraformModule `json:"root_module"`
		} `json:"planned_values"`
	}
	if err := errors.Join(json.Unmarshal(text, &state), json.Unmarshal(text, &plan)); err != nil {
		return nil, fmt.Errorf("it is not the output of terraform show -json: %w", err)
	}
	tables, err := state.Values.Root.tables()
	if err == nil && len(tables) == 0 {
		tables, err = plan.Values.Root.tables()
	}
	if err == nil && len(tables) == 0 {
		err = errors.New("there is no resource of the type " + terraformType)
	}
	return tables, err
}

func (m *terraformModule) tables() ([]*Table, error) {
	var tables []*Table
	for _, resource := range m.Resources {
		if resource.Type != terraformType {
			continue
		}
		table, err := resource.Values.table()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", resource.Address, err)
		}
		tables = append(tables, table)
	}
	for _, child := range m.ChildModules {
		below, err := child.tables()
		if err != nil {
			return nil, err
		}
		tables = append(tables, below...)
	}
	return tables, nil
}

func (d *terraformTable) table() (*Table, error) {
	t := &Table{Name: d.Name, Hash: d.HashKey, Range: d.RangeKey, Kinds: map[string]string{}}
	for _, attribute := range d.Attribute {
		t.Kinds[attribute.Name] = attribute.Type
	}
	for _, i := range d.Global {
		t.Indexes = append(t.Indexes, i.index(false))
	}
	for _, i := range d.Local {
		t.Indexes = append(t.Indexes, i.index(true))
	}
	for _, ttl := range d.TTL {
		if ttl.Enabled {
			t.TTL = ttl.AttributeName
		}
	}
	return t, t.check()
}

func (i *terraformIndex) index(local bool) Index {
	made := Index{Name: i.Name, Local: local, Projection: i.ProjectionType,
		Include: i.NonKeyAttributes}
	for _, key := range i.KeySchema {
		if key.KeyType == "HASH" {
			made.Hash = append(made.Hash, key.AttributeName)
		} else {
			made.Range = append(made.Range, key.AttributeName)
		}
	}
	if len(i.KeySchema) == 0 {
		if i.HashKey != "" {
			made.Hash = []string{i.HashKey}
		}
		if i.RangeKey != "" {
			made.Range = []string{i.RangeKey}
		}
	}
	return made
}

// hclResolver replaces references to the variables and locals of the same file.
type hclResolver struct{ values map[string]hclValue }

// addValues adds the defaults of variables, and the locals.
func (r *hclResolver) addValues(file *hclBlock) {
	for _, block := range file.blocks {
		switch {
		case block.kind == "variable" && len(block.labels) == 1:
			if value, has := block.attributes["default"]; has {
				r.values["var."+block.labels[0]] = value
			}
		case block.kind == "locals":
			for name, value := range block.attributes {
				r.values["local."+name] = value
			}
		}
	}
}

var hclTemplate = regexp.MustCompile(`\$\{\s*([\pL\pN_.-]+)\s*\}`)

// text returns the text of a value with its references replaced, or false if one is not known.
func (r *hclResolver) text(value hclValue, depth int) (string, bool) {
	if !value.isText || depth > 10 {
		return "", false
	}
	known := true
	text := hclTemplate.ReplaceAllStringFunc(value.text, func(template string) string {
		name := hclTemplate.FindStringSubmatch(template)[1]
		referred, has := r.values[name]
		text, ok := r.text(referred, depth+1)
		known = known && has && ok
		return text
	})
	return text, known && !strings.Contains(text, "${") && !strings.Contains(text, "%{")
}

// hclBlocks are the blocks of a table that describe its models, and hclAttributes the attributes of
// the table and of these blocks.
var (
	hclBlocks = []string{"attribute", "global_secondary_index", "local_secondary_index", "ttl",
		"key_schema"}
	hclAttributes = []string{"name", "type", "hash_key", "range_key", "projection_type",
		"non_key_attributes", "attribute_name", "key_type", "enabled"}
)

const hclFix = `; give -terraform the output of "terraform show -json" instead`

// members returns the content of a block as JSON of Terraform has it.
func (r *hclResolver) members(block *hclBlock) (map[string]any, error) {
	members := map[string]any{}
	for name, value := range block.attributes {
		if !slices.Contains(hclAttributes, name) {
			continue
		}
		member, known := r.member(value)
		switch {
		case known:
			members[name] = member
		case block.kind != "resource" || name != "name":
			return nil, fmt.Errorf("line %d: the value of %s is not known here%s", value.line, name,
				hclFix)
		}
	}
	lists := map[string][]any{}
	for _, inner := range block.blocks {
		if inner.kind == "dynamic" && len(inner.labels) == 1 &&
			slices.Contains(hclBlocks, inner.labels[0]) {
			return nil, fmt.Errorf("line %d: the block dynamic %q cannot be read%s", inner.line,
				inner.labels[0], hclFix)
		}
		if !slices.Contains(hclBlocks, inner.kind) {
			continue
		}
		member, err := r.members(inner)
		if err != nil {
			return nil, err
		}
		lists[inner.kind] = append(lists[inner.kind], member)
	}
	for kind, list := range lists {
		members[kind] = list
	}
	return members, nil
}

// member returns a value for JSON, or false if it is not known.
func (r *hclResolver) member(value hclValue) (member any, known bool) {
	if value.isList {
		list := []any{}
		for _, element := range value.list {
			text, known := r.text(element, 0)
			if !known {
				return nil, false
			}
			list = append(list, text)
		}
		return list, true
	}
	text, known := r.text(value, 0)
	if text == "true" || text == "false" {
		return text == "true", known
	}
	return text, known
}

// table returns the table of a resource. If its name is not known, the label of the resource stands
// for it.
func (r *hclResolver) table(block *hclBlock) (*Table, error) {
	address := block.labels[0] + "." + block.labels[1]
	values, err := r.members(block)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", address, err)
	}
	name, known := r.text(block.attributes["name"], 0)
	if !known {
		name = block.labels[1]
	}
	values["name"] = name
	text, err := json.Marshal(values)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", address, err)
	}
	described := &terraformTable{}
	if err := json.Unmarshal(text, described); err != nil {
		return nil, fmt.Errorf("%s: %w", address, err)
	}
	table, err := described.table()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", address, err)
	}
	if !known {
		table.Notes = append(table.Notes, fmt.Sprintf("The name of the table is that of the resource "+
			"%s: correct it, as %s is not known here.", address, block.attributes["name"].source))
	}
	return table, nil
}
