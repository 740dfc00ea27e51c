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
		AttributeType string `json:"attribute_type"`
		KeyType       string `json:"key_type"`
	} `json:"key_schema"`

	// Those of an index that is a resource of its own.
	TableName  string `json:"table_name"`
	IndexName  string `json:"index_name"`
	Projection []struct {
		ProjectionType   string   `json:"projection_type"`
		NonKeyAttributes []string `json:"non_key_attributes"`
	} `json:"projection"`
}

type terraformTimeToLive struct {
	AttributeName string `json:"attribute_name"`
	Enabled       bool   `json:"enabled"`
}

// The resources that describe tables, and indexes apart from their tables.
const (
	terraformType      = "aws_dynamodb_table"
	terraformIndexType = "aws_dynamodb_global_secondary_index"
)

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
	for _, block := range file.resources(terraformType) {
		table, err := r.table(block)
		if err != nil {
			return nil, err
		}
		tables = append(tables, table)
		// An index of its own refers to the name or the id of the table.
		for _, name := range []string{".name", ".id"} {
			r.values[terraformType+"."+block.labels[1]+name] = hclValue{text: table.Name, isText: true}
		}
	}
	for _, block := range file.resources(terraformIndexType) {
		index := &terraformIndex{}
		if err := r.decode(block, index); err != nil {
			return nil, err
		}
		if err := index.addTo(tables); err != nil {
			return nil, fmt.Errorf("%s.%s: %w", block.labels[0], block.labels[1], err)
		}
	}
	return tables, checkFound(tables)
}

// checkFound checks all tables with their indexes.
func checkFound(tables []*Table) error {
	if len(tables) == 0 {
		return errors.New("there is no resource of the type " + terraformType)
	}
	for _, table := range tables {
		if err := table.check(); err != nil {
			return err
		}
	}
	return nil
}

// resources returns the resources of a type.
func (b *hclBlock) resources(kind string) []*hclBlock {
	var found []*hclBlock
	for _, block := range b.blocks {
		if block.kind == "resource" && len(block.labels) == 2 && block.labels[0] == kind {
			found = append(found, block)
		}
	}
	return found
}

// addTo adds an index that is a resource of its own to its table.
func (i *terraformIndex) addTo(tables []*Table) error {
	at := slices.IndexFunc(tables, func(t *Table) bool { return t.Name == i.TableName })
	if at < 0 {
		return fmt.Errorf("there is no table %q beside the index", i.TableName)
	}
	table := tables[at]
	for _, key := range i.KeySchema {
		table.Kinds[key.AttributeName] = key.AttributeType
	}
	i.Name = i.IndexName
	for _, projection := range i.Projection {
		i.ProjectionType, i.NonKeyAttributes = projection.ProjectionType, projection.NonKeyAttributes
	}
	table.Indexes = append(table.Indexes, i.index(false))
	return nil
}

type terraformModule struct {
	Resources    []terraformResource
	ChildModules []terraformModule `json:"child_modules"`
}

type terraformResource struct {
	Address, Type string
	Values        json.RawMessage
}

type terraformValues struct {
	Root terraformModule `json:"root_module"`
}

func parseTerraformJSON(text []byte) ([]*Table, error) {
	var shown struct {
		Values  terraformValues // of a state
		Planned terraformValues `json:"planned_values"`
	}
	if err := json.Unmarshal(text, &shown); err != nil {
		return nil, fmt.Errorf("it is not the output of terraform show -json: %w", err)
	}
	resources := shown.Values.Root.all()
	if len(resources) == 0 {
		resources = shown.Planned.Root.all()
	}
	var tables []*Table
	var indexes []*terraformIndex
	for _, resource := range resources {
		table, index := &terraformTable{}, &terraformIndex{}
		switch resource.Type {
		case terraformType:
			if err := json.Unmarshal(resource.Values, table); err != nil {
				return nil, fmt.Errorf("%s: %w", resource.Address, err)
			}
			made, err := table.table()
			if err != nil {
				return nil, fmt.Errorf("%s: %w", resource.Address, err)
			}
			tables = append(tables, made)
		case terraformIndexType:
			if err := json.Unmarshal(resource.Values, index); err != nil {
				return nil, fmt.Errorf("%s: %w", resource.Address, err)
			}
			indexes = append(indexes, index)
		}
	}
	for _, index := range indexes {
		if err := index.addTo(tables); err != nil {
			return nil, fmt.Errorf("%s %s: %w", terraformIndexType, index.IndexName, err)
		}
	}
	return tables, checkFound(tables)
}

// all returns the resources of a module and of those in it.
func (m *terraformModule) all() []terraformResource {
	resources := m.Resources
	for _, child := range m.ChildModules {
		resources = append(resources, child.all()...)
	}
	return resources
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
		i.HashKey = d.HashKey // which the file does not repeat
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

// maxHCLText limits the length of a text. Values that refer to others several times each make long
// ones. The names of tables, indexes and attributes are shorter.
const maxHCLText = 1 << 16

// text returns the text of a value with its references replaced, or false if one is not known.
func (r *hclResolver) text(value hclValue, depth int) (string, bool) {
	if !value.isText || depth > 10 {
		return "", false
	}
	known := true
	text := hclTemplate.ReplaceAllStringFunc(value.text, func(template string) string {
		if !known { // a value that refers to itself many times would take exponential time
			return ""
		}
		name := hclTemplate.FindStringSubmatch(template)[1]
		referred, has := r.values[name]
		text, ok := r.text(referred, depth+1)
		known = known && has && ok
		return text
	})
	known = known && len(text) <= maxHCLText
	return text, known && !strings.Contains(text, "${") && !strings.Contains(text, "%{")
}

// isNull reports whether a value is null, or refers to null.
func (r *hclResolver) isNull(value hclValue, depth int) bool {
	name, ok := strings.CutPrefix(strings.TrimSuffix(value.text, "}"), "${")
	referred, has := r.values[name]
	return value.isNull || ok && has && depth < 10 && r.isNull(referred, depth+1)
}

// hclBlocks are the blocks of a table that describe its models, and hclAttributes the attributes of
// the table and of these blocks.
var (
	hclBlocks = []string{"attribute", "global_secondary_index", "local_secondary_index", "ttl",
		"key_schema", "projection"}
	hclAttributes = []string{"name", "type", "hash_key", "range_key", "projection_type",
		"non_key_attributes", "attribute_name", "attribute_type", "key_type",
		"table_name", "index_name", "enabled"}
)

const hclFix = `; give -terraform the output of "terraform show -json" instead`

// members returns the content of a block as JSON of Terraform has it.
func (r *hclResolver) members(block *hclBlock) (map[string]any, error) {
	members := map[string]any{}
	for name, value := range block.attributes {
		if slices.Contains(hclBlocks, name) {
			return nil, fmt.Errorf("line %d: %s is no block%s", value.line, name, hclFix)
		}
		if !slices.Contains(hclAttributes, name) {
			continue
		}
		member, known := r.member(value)
		switch {
		case known && member == nil: // null
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
	if r.isNull(value, 0) {
		return nil, true
	}
	text, known := r.text(value, 0)
	if text == "true" || text == "false" {
		return text == "true", known
	}
	return text, known
}

// decode decodes a block into a struct for the JSON of Terraform.
func (r *hclResolver) decode(block *hclBlock, to any) error {
	members, err := r.members(block)
	if err == nil {
		var text []byte
		if text, err = json.Marshal(members); err == nil {
			err = json.Unmarshal(text, to)
		}
	}
	if err != nil {
		return fmt.Errorf("%s.%s: %w", block.labels[0], block.labels[1], err)
	}
	return nil
}

// table returns the table of a resource. If its name is not known, the label of the resource stands
// for it.
func (r *hclResolver) table(block *hclBlock) (*Table, error) {
	described := &terraformTable{}
	if err := r.decode(block, described); err != nil {
		return nil, err
	}
	isKnown := described.Name != ""
	if !isKnown {
		described.Name = block.labels[1]
	}
	address := block.labels[0] + "." + block.labels[1]
	table, err := described.table()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", address, err)
	}
	if !isKnown {
		table.Notes = append(table.Notes, fmt.Sprintf("The name of the table is that of the resource "+
			"%s: correct it, because the file does not tell the name.", address))
	}
	return table, nil
}
