package gen

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// cloudFormationTypes are the resources that describe a table.
var cloudFormationTypes = []string{"AWS::DynamoDB::Table", "AWS::DynamoDB::GlobalTable",
	simpleTableType}

const simpleTableType = "AWS::Serverless::SimpleTable"

// ParseCloudFormation parses the tables of a template of CloudFormation, in YAML or JSON.
func ParseCloudFormation(text []byte) ([]*Table, error) {
	var template struct {
		Parameters map[string]struct {
			Default yaml.Node `yaml:"Default"`
		} `yaml:"Parameters"`
		Resources yaml.Node `yaml:"Resources"`
	}
	if err := yaml.Unmarshal(text, &template); err != nil {
		return nil, fmt.Errorf("it is not a template: %w", err)
	}
	r := &templateResolver{parameters: map[string]string{}}
	for name, parameter := range template.Parameters {
		if parameter.Default.Kind == yaml.ScalarNode {
			r.parameters[name] = parameter.Default.Value
		}
	}
	var tables []*Table
	for i := 0; i+1 < len(template.Resources.Content); i += 2 {
		id, resource := template.Resources.Content[i].Value, template.Resources.Content[i+1]
		var head struct {
			Type       string    `yaml:"Type"`
			Properties yaml.Node `yaml:"Properties"`
		}
		if resource.Decode(&head) != nil || !slices.Contains(cloudFormationTypes, head.Type) {
			continue
		}
		table, err := r.table(id, head.Type, &head.Properties)
		if err != nil {
			return nil, fmt.Errorf("resource %s: %w", id, err)
		}
		tables = append(tables, table)
	}
	if len(tables) == 0 {
		return nil, errors.New("there is no resource of the type AWS::DynamoDB::Table")
	}
	return tables, nil
}

// templateResolver replaces references to parameters by their defaults.
type templateResolver struct {
	parameters map[string]string
	nodes      int // that were read; an alias may contain itself
}

// maxNodes and maxDepth limit what is read of a template. A template has at most 1 MB.
const (
	maxNodes = 1_000_000
	maxDepth = 100
)

// unresolved stands for a value that only CloudFormation knows. As JSON it is null.
type unresolved struct{}

func (unresolved) MarshalJSON() ([]byte, error) { return []byte("null"), nil }

// table returns the table of a resource. If its name is not known, the id of the resource stands
// for it.
func (r *templateResolver) table(id, kind string, properties *yaml.Node) (*Table, error) {
	resolved, _ := r.value(properties, 0).(map[string]any)
	if r.nodes > maxNodes {
		return nil, errors.New("it is too large, or an alias in it contains itself")
	}
	name, known := resolved["TableName"].(string)
	if !known {
		name = id
	}
	if resolved == nil {
		resolved = map[string]any{}
	}
	resolved["TableName"] = name
	if kind == simpleTableType {
		addSimpleKey(resolved)
	}
	text, err := json.Marshal(resolved)
	if err != nil {
		return nil, err
	}
	described := &description{}
	if err := json.Unmarshal(text, described); err != nil {
		return nil, err
	}
	table, err := described.table()
	if err == nil && !known {
		table.Notes = append(table.Notes, fmt.Sprintf("The name of the table is that of the resource "+
			"%s: correct it, as the template does not have it.", id))
	}
	return table, err
}

// addSimpleKey adds the keys of a table of AWS SAM, whose hash key is id unless it is given.
func addSimpleKey(properties map[string]any) {
	name, kind := "id", "S"
	if key, ok := properties["PrimaryKey"].(map[string]any); ok {
		name, _ = key["Name"].(string)
		given, _ := key["Type"].(string)
		kind = map[string]string{"Number": "N", "Binary": "B"}[given]
		if kind == "" {
			kind = "S"
		}
	}
	properties["AttributeDefinitions"] = []any{
		map[string]any{"AttributeName": name, "AttributeType": kind}}
	properties["KeySchema"] = []any{map[string]any{"AttributeName": name, "KeyType": "HASH"}}
}

// value returns the value of a node for JSON.
func (r *templateResolver) value(node *yaml.Node, depth int) any {
	if r.nodes++; r.nodes > maxNodes || depth > maxDepth {
		r.nodes = maxNodes + 1
		return unresolved{}
	}
	if node.Kind == yaml.AliasNode {
		node = node.Alias
	}
	if name, ok := strings.CutPrefix(node.Tag, "!"); ok && !strings.HasPrefix(name, "!") {
		return r.call(name, node)
	}
	switch node.Kind {
	case yaml.ScalarNode:
		var scalar any
		if node.Decode(&scalar) != nil {
			return node.Value
		}
		return scalar
	case yaml.SequenceNode:
		list := []any{}
		for _, element := range node.Content {
			list = append(list, r.value(element, depth+1))
		}
		return list
	case yaml.MappingNode:
		return r.members(node, depth)
	}
	return nil
}

// members returns the members of a mapping, or the value of a function in its long form.
func (r *templateResolver) members(node *yaml.Node, depth int) any {
	members := map[string]any{}
	for i := 0; i+1 < len(node.Content); i += 2 {
		name, value := node.Content[i].Value, node.Content[i+1]
		function, isFunction := strings.CutPrefix(name, "Fn::")
		if isFunction || name == "Ref" {
			return r.call(function, value)
		}
		members[name] = r.value(value, depth+1)
	}
	return members
}

var subParameter = regexp.MustCompile(`\$\{([^!}][^}]*)\}`)

// call returns the value of a function, or unresolved.
func (r *templateResolver) call(function string, argument *yaml.Node) any {
	if argument.Kind != yaml.ScalarNode {
		return unresolved{}
	}
	known := true
	lookup := func(name string) string {
		value, has := r.parameters[strings.TrimSpace(name)]
		known = known && has
		return value
	}
	text := argument.Value
	switch function {
	case "Ref":
		text = lookup(text)
	case "Sub":
		text = subParameter.ReplaceAllStringFunc(text, func(reference string) string {
			return lookup(reference[2 : len(reference)-1])
		})
	default:
		known = false
	}
	if !known {
		return unresolved{}
	}
	return text
}
