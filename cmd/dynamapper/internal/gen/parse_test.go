package gen_test

import (
	"bytes"
	"compress/gzip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper/cmd/dynamapper/internal/gen"
)

// Forms of Terraform that people write, and what gen reads in them.
func TestParseTerraform(t *testing.T) {
	t.Parallel()
	tables, err := gen.ParseTerraform([]byte(`
terraform { required_version = ">= 1.0" }
variable "name" { type = string }
variable "range" { default = null }
variable "hash" {
  description = "a { in a text, \" and ${"a template"}"
  default     = "pk"
}
resource aws_dynamodb_table first {
  name = "${var.name}-first" // not known
  hash_key = var.hash
  range_key = var.range
  attribute { name = var.hash
    type = "S" }
  point_in_time_recovery { enabled = false }
  dynamic "replica" {
    for_each = toset(["a"])
    content { region_name = replica.value }
  }
  lifecycle { ignore_changes = [read_capacity,
    write_capacity] }
}
resource "aws_dynamodb_table" "second" {
  name      = "second"
  hash_key  = "id"
  range_key = "at"
  attribute {
    name = "id"
    type = "S"
  }
  attribute {
    name = "at"
    type = "N"
  }
  local_secondary_index {
    name            = "local"
    range_key       = "at"
    projection_type = "KEYS_ONLY"
  }
  global_secondary_index {
    name            = "schema"
    projection_type = "ALL"
    key_schema {
      attribute_name = "at"
      key_type       = "HASH"
    }
    key_schema {
      attribute_name = "id"
      key_type       = "RANGE"
    }
  }
  ttl {
    attribute_name = "ttl"
    enabled        = false
  }
}
resource "aws_dynamodb_global_secondary_index" "apart" {
  table_name = aws_dynamodb_table.second.name
  index_name = "apart"
  projection {
    projection_type    = "INCLUDE"
    non_key_attributes = ["b", "a"]
  }
  key_schema {
    attribute_name = "mail"
    attribute_type = "S"
    key_type       = "HASH"
  }
}
`))
	require.NoError(t, err)
	require.Len(t, tables, 2)
	assert.Equal(t, &gen.Table{Name: "first", Hash: "pk", Kinds: map[string]string{"pk": "S"},
		Notes: []string{"The name of the table is that of the resource aws_dynamodb_table.first: " +
			"correct it, because the file does not tell the name."}}, tables[0])
	assert.Equal(t, &gen.Table{Name: "second", Hash: "id", Range: "at",
		Kinds: map[string]string{"id": "S", "at": "N", "mail": "S"},
		Indexes: []gen.Index{
			{Name: "apart", Hash: []string{"mail"}, Projection: "INCLUDE",
				Include: []string{"a", "b"}},
			{Name: "local", Local: true, Hash: []string{"id"}, Range: []string{"at"}, Projection: "KEYS_ONLY"},
			{Name: "schema", Hash: []string{"at"}, Range: []string{"id"}, Projection: "ALL"},
		}}, tables[1])
}

func TestParseTerraformRefuses(t *testing.T) {
	t.Parallel()
	const table = `resource "aws_dynamodb_table" "t" {
  name = "t"
  `
	const fix = `; give -terraform the output of "terraform show -json" instead`
	for text, want := range map[string]string{
		``: `there is no resource of the type aws_dynamodb_table`,
		table + `hash_key = var.key
}`: `aws_dynamodb_table.t: line 3: the value of hash_key is not known here` + fix,
		table + `hash_key = lower("ID")
}`: `aws_dynamodb_table.t: line 3: the value of hash_key is not known here` + fix,
		table + `hash_key = "id"
  dynamic "attribute" { for_each = var.all }
}`: `aws_dynamodb_table.t: line 4: the block dynamic "attribute" cannot be read` + fix,
		table + `hash_key = "id"
  attribute = [{ name = "id", type = "S" }]
}`: `aws_dynamodb_table.t: line 4: attribute is no block` + fix,
		table + `hash_key = "id"
}`: `aws_dynamodb_table.t: table "t": the key "id" has no attribute definition; add one with ` +
			`the type S, N or B`,
		table + `hash_key = "id"
  attribute {
    name = "id"
    type = "string"
  }
}`: `aws_dynamodb_table.t: table "t": the attribute definition of "id" has the type "string"; ` +
			`give S, N or B`,
		`locals {
  a = "` + strings.Repeat("${local.a}", 100) + `"
}
` + table + `hash_key = local.a
}`: `aws_dynamodb_table.t: line 6: the value of hash_key is not known here` + fix,
		`locals {
  a = "` + strings.Repeat("a", 100) + `"
  b = "` + strings.Repeat("${local.a}", 100) + `"
  c = "` + strings.Repeat("${local.b}", 100) + `"
  d = "` + strings.Repeat("${local.c}", 100) + `"
  e = "` + strings.Repeat("${local.d}", 100) + `"
  f = "` + strings.Repeat("${local.e}", 100) + `"
}
` + table + `hash_key = local.f
}`: `aws_dynamodb_table.t: line 11: the value of hash_key is not known here` + fix,
		table + `}`:      `aws_dynamodb_table.t: table "t": there is no hash key`,
		table:            `line 1: the block resource has no closing brace`,
		`a = `:           `line 1: an expression is not complete`,
		"a = (\n":        `line 1: an expression is not complete`,
		"a = )\n":        `line 1: an expression is not complete`,
		`a = "b`:         `line 1: a string has no closing quote`,
		"\na = <<EOT\nb": `line 2: the text <<EOT has no end`,
		`a b c`:          `line 1: neither = nor { follows a`,
		`= b`:            `line 1: "=" stands where a name is expected`,
		`{}`:             `there is no resource of the type aws_dynamodb_table`,
		`{"values"`:      `it is not the output of terraform show -json: unexpected end of JSON input`,
		`resource "aws_dynamodb_global_secondary_index" "i" {
  table_name = "t"
}`: `aws_dynamodb_global_secondary_index.i: there is no table "t" beside the index`,
	} {
		_, err := gen.ParseTerraform([]byte(text))
		assert.EqualError(t, err, want, text)
	}
}

func TestParseCloudFormation(t *testing.T) {
	t.Parallel()
	tables, err := gen.ParseCloudFormation([]byte(`
Parameters:
  Key: { Type: String, Default: id }
  Stage: { Type: String }
Resources:
  Named:
    Type: AWS::DynamoDB::GlobalTable
    Properties:
      TableName: { "Fn::Sub": "${Stage}-named" }
      AttributeDefinitions: [{ AttributeName: !Ref Key, AttributeType: S }]
      KeySchema: [{ AttributeName: { Ref: Key }, KeyType: HASH }]
      BillingMode: !If [Cheap, PAY_PER_REQUEST, PROVISIONED]
      TimeToLiveSpecification: { AttributeName: ttl, Enabled: true }
  Simple:
    Type: AWS::Serverless::SimpleTable
    Properties: { TableName: simple, PrimaryKey: { Name: number, Type: Number } }
  Simplest:
    Type: AWS::Serverless::SimpleTable
`))
	require.NoError(t, err)
	require.Len(t, tables, 3)
	note := func(id string) []string {
		return []string{"The name of the table is that of the resource " + id +
			": correct it, as the template does not have it."}
	}
	assert.Equal(t, []*gen.Table{
		{Name: "Named", Hash: "id", TTL: "ttl", Kinds: map[string]string{"id": "S"},
			Notes: note("Named")},
		{Name: "simple", Hash: "number", Kinds: map[string]string{"number": "N"}},
		{Name: "Simplest", Hash: "id", Kinds: map[string]string{"id": "S"}, Notes: note("Simplest")},
	}, tables)
}

func TestParseCloudFormationRefuses(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                          "there is no resource of the type AWS::DynamoDB::Table",
		"Resources: {A: {Type: X}}": "there is no resource of the type AWS::DynamoDB::Table",
		"Resources: {T: {Type: AWS::DynamoDB::Table}}": `resource T: table "T": there is no hash key`,
		"Resources: {T: {Type: AWS::DynamoDB::Table, Properties: {KeySchema: " +
			"[{AttributeName: !ImportValue key, KeyType: HASH}]}}}": `resource T: table "T": there is ` +
			`no hash key`,
		"Resources: {T: {Type: AWS::DynamoDB::Table, Properties: {KeySchema: " +
			"[{AttributeName: id, KeyType: hash}]}}}": `resource T: table "T": the key "id" has the ` +
			`type "hash"; give HASH or RANGE`,
	} {
		_, err := gen.ParseCloudFormation([]byte(text))
		assert.EqualError(t, err, want, text)
	}
	_, err := gen.ParseCloudFormation([]byte("Resources: {T: {Type: AWS::DynamoDB::Table, " +
		"Properties: &p {KeySchema: [*p]}}}"))
	assert.ErrorContains(t, err, "contains itself")
	_, err = gen.ParseCloudFormation([]byte("a: [b"))
	assert.ErrorContains(t, err, "it is not a template: ")
}

func TestParseCreateTable(t *testing.T) {
	t.Parallel()
	const table = `{"TableName":"t","KeySchema":[{"AttributeName":"id","KeyType":"HASH"}],` +
		`"AttributeDefinitions":[{"AttributeName":"id","AttributeType":"B"}],"ItemCount":3}`
	for _, text := range []string{table, `{"Table":` + table + `}`,
		`{"TableDescription":` + table + `}`} {
		tables, err := gen.ParseCreateTable([]byte(text))
		require.NoError(t, err)
		assert.Equal(t, []*gen.Table{
			{Name: "t", Hash: "id", Kinds: map[string]string{"id": "B"}}}, tables)
	}
	_, err := gen.ParseCreateTable([]byte(`{}`))
	assert.EqualError(t, err, "there is no name of a table; it is not the description of one")
}

// vectorTable is a table with a vector index, whose filter has no value in a sample.
const vectorTable = `{"TableName":"p","AttributeDefinitions":[` +
	`{"AttributeName":"name","AttributeType":"S"},{"AttributeName":"stars","AttributeType":"N"}],` +
	`"KeySchema":[{"AttributeName":"name","KeyType":"HASH"}],"VectorIndexes":[{"IndexName":"v",` +
	`"VectorAttribute":{"AttributeName":"taste"},"Dimensions":3,"DistanceFunction":"COSINE",` +
	`"SearchSchema":[{"AttributeName":"stars","SearchSchemaElementType":"INLINE_FILTER"}],` +
	`"Projection":{"ProjectionType":"ALL"}}]}`

func TestParseCreateTableRefuses(t *testing.T) {
	t.Parallel()
	_, err := gen.ParseCreateTable([]byte(vectorTable))
	require.NoError(t, err)
	for _, c := range []struct{ old, new, want string }{
		{`"stars","AttributeType":"N"`, `"stars","AttributeType":"X"`,
			`table "p": the attribute definition of "stars" has the type "X"; give S, N or B`},
		{`"stars","AttributeType":"N"`, `"stars"`,
			`table "p": the attribute definition of "stars" has the type ""; give S, N or B`},
		{`"name","AttributeType":"S"`, `"name","AttributeType":"SS"`,
			`table "p": the attribute definition of "name" has the type "SS"; give S, N or B`},
		{`{"AttributeName":"name","AttributeType":"S"},`, ``,
			`table "p": the key "name" has no attribute definition; add one with the type S, N or B`},
		{`"INLINE_FILTER"`, `"FILTER"`, `table "p": index "v": the element "stars" of the search schema has ` +
			`the type "FILTER"; give HASH or INLINE_FILTER`},
		{`"Dimensions":3`, `"Dimensions":0`,
			`table "p": vector index "v" has no name, no attribute or no dimensions`},
		{`"taste"`, `""`, `table "p": vector index "v" has no name, no attribute or no dimensions`},
	} {
		text := strings.Replace(vectorTable, c.old, c.new, 1)
		require.NotEqual(t, vectorTable, text)
		_, err := gen.ParseCreateTable([]byte(text))
		assert.EqualError(t, err, c.want)
	}
}

func TestReadSample(t *testing.T) {
	t.Parallel()
	const item = `{"id":{"S":"a"}}`
	var zipped bytes.Buffer
	zip := gzip.NewWriter(&zipped)
	_, err := zip.Write([]byte(`{"Item":` + item + `}`))
	require.NoError(t, err)
	require.NoError(t, zip.Close())
	for _, text := range []string{item, `{"Item":` + item + `}`,
		`{"Items":[` + item + `],"Count":1,"ScannedCount":1}`, `{"Count":1,"Items":[` + item + `]}`,
		`{"t":[{"PutRequest":{"Item":` + item + `}},{"DeleteRequest":{"Key":` + item + `}}]}`,
		zipped.String()} {
		sample, err := gen.ReadSample(strings.NewReader(text))
		require.NoError(t, err, text)
		table := &gen.Table{Name: "t"}
		require.NoError(t, sample.AddTo([]*gen.Table{table}))
		assert.Len(t, table.Items, 1, text)
	}
	for text, want := range map[string]string{
		`[]`:                             "JSON value 1: it is not a JSON object; write one item a line",
		item + "\n" + `{"id":{"N":"x"}}`: `JSON value 2: attribute "id": "x" is not a number`,
		`{"id":{"SS":"x"}}`: `JSON value 1: attribute "id": an attribute value is an object such as ` +
			`{"S":"text"} or {"N":"1"}`,
		`{`: "JSON value 1: unexpected EOF",
	} {
		_, err := gen.ReadSample(strings.NewReader(text))
		assert.EqualError(t, err, want)
	}
	sample, err := gen.ReadSample(strings.NewReader(item))
	require.NoError(t, err)
	assert.EqualError(t, sample.AddTo([]*gen.Table{{Name: "a"}, {Name: "b"}}), "the items of the "+
		"sample name no table, and there are 2 tables; choose one with -table")
}

func TestASampleOfAnotherTable(t *testing.T) {
	t.Parallel()
	sample, err := gen.ReadSample(strings.NewReader(`{"id":{"N":"1"}}`))
	require.NoError(t, err)
	table := &gen.Table{Name: "t", Hash: "id", Kinds: map[string]string{"id": "S"}}
	require.NoError(t, sample.AddTo([]*gen.Table{table}))
	_, err = gen.Generate("models", []*gen.Table{table})
	assert.EqualError(t, err,
		`table "t": item 1 of the sample has no S in its key "id", so it is not of this table`)
}

// No text makes gen panic, and what it accepts gives valid Go.
func FuzzParse(f *testing.F) {
	files, err := filepath.Glob("testdata/*")
	require.NoError(f, err)
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(f, err)
		f.Add(text, []byte(`{"id":{"S":"{\"a\":[1,null]}"}}`))
	}
	for _, kind := range []string{"N", "X", ""} {
		f.Add([]byte(strings.Replace(vectorTable, `"N"`, `"`+kind+`"`, 1)), []byte(`{}`))
	}
	f.Fuzz(func(t *testing.T, text, items []byte) {
		sample, sampleErr := gen.ReadSample(bytes.NewReader(items))
		for _, parse := range []func([]byte) ([]*gen.Table, error){
			gen.ParseCreateTable, gen.ParseTerraform, gen.ParseCloudFormation} {
			tables, err := parse(text)
			if err != nil {
				continue
			}
			if sampleErr == nil {
				_ = sample.AddTo(tables)
			}
			if _, err := gen.Generate("models", tables); err != nil {
				require.NotContains(t, err.Error(), "mistake of gen")
			}
		}
	})
}
