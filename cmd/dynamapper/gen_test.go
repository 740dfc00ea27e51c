package main

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper/engine"
)

const (
	samples  = "internal/gen/samples/"
	testdata = "internal/gen/testdata/"
)

// runCommand runs the program and returns what it printed.
func runCommand(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	code = run(t.Context(), args, &out, &errs)
	return code, out.String(), errs.String()
}

func readText(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	return string(text)
}

func TestGenFromFiles(t *testing.T) {
	t.Parallel()
	for flag, c := range map[string][2]string{
		"-create-table":   {"thread.create.json", "thread.items.json"},
		"-terraform":      {"sessions.tf", "sessions.items.jsonl"},
		"-cloudformation": {"leaderboards.yaml", "leaderboards.items.jsonl"},
	} {
		code, stdout, stderr := runCommand(t, "gen", flag, testdata+c[0], "-sample", testdata+c[1],
			"-package", "samples")
		require.Equal(t, success, code, stderr)
		name, _, _ := bytes.Cut([]byte(c[0]), []byte("."))
		assert.Equal(t, readText(t, samples+string(name)+"_test.go"), stdout)
	}
}

func TestGenWritesAFile(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "forum.go")
	args := []string{"gen", "-create-table", testdata + "forum.create.json", "-o", file}
	code, stdout, stderr := runCommand(t, args...)
	require.Equal(t, success, code, stderr)
	assert.Empty(t, stdout)
	assert.Equal(t, "dynamapper: wrote "+file+"\n", stderr)
	assert.Contains(t, readText(t, file), "package models\n")

	code, _, _ = runCommand(t, args...) // the same text
	assert.Equal(t, success, code)
	require.NoError(t, os.WriteFile(file, []byte("package edited\n"), 0o644))
	code, _, stderr = runCommand(t, args...)
	assert.Equal(t, failure, code)
	assert.Equal(t, "dynamapper: gen: "+file+" exists; give -force to replace it, or another name\n",
		stderr)
	assert.Equal(t, "package edited\n", readText(t, file))
	code, _, _ = runCommand(t, append(args, "-force")...)
	assert.Equal(t, success, code)
	assert.Contains(t, readText(t, file), "package models\n")
}

func TestGenFromALiveTable(t *testing.T) {
	server := httptest.NewServer(engine.New(engine.WithSeed(0)))
	defer server.Close()
	for name, value := range map[string]string{
		"AWS_ENDPOINT_URL_DYNAMODB": server.URL, "AWS_REGION": "", "AWS_DEFAULT_REGION": "",
		"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": "", "AWS_PROFILE": "",
		"AWS_EC2_METADATA_DISABLED": "true", "AWS_CONFIG_FILE": os.DevNull,
		"AWS_SHARED_CREDENTIALS_FILE": os.DevNull,
	} {
		t.Setenv(name, value)
	}
	client, err := connect(t.Context())
	require.NoError(t, err)
	_, err = client.CreateTable(t.Context(), &dynamodb.CreateTableInput{
		TableName: aws.String("players"), BillingMode: types.BillingModePayPerRequest,
		AttributeDefinitions: []types.AttributeDefinition{{AttributeName: aws.String("login"),
			AttributeType: types.ScalarAttributeTypeS}},
		KeySchema: []types.KeySchemaElement{{AttributeName: aws.String("login"),
			KeyType: types.KeyTypeHash}},
		VectorIndexes: []types.VectorIndex{{IndexName: aws.String("by-style"),
			VectorAttribute: &types.VectorAttributeDefinition{AttributeName: aws.String("style")},
			Dimensions:      aws.Int64(2), DistanceFunction: types.VectorDistanceFunctionEuclidean,
			Projection: &types.Projection{ProjectionType: types.ProjectionTypeKeysOnly}}}})
	require.NoError(t, err)
	for _, balance := range []string{"1", "0.5"} {
		_, err = client.PutItem(t.Context(), &dynamodb.PutItemInput{
			TableName: aws.String("players"), Item: map[string]types.AttributeValue{
				"login":   &types.AttributeValueMemberS{Value: "waldo" + balance},
				"balance": &types.AttributeValueMemberN{Value: balance}}})
		require.NoError(t, err)
	}
	for _, c := range []struct{ sample, want string }{
		{"200", "Balance float64   `dynamo:\"balance\"`"},
		{"1", "`dynamo:\"style\" vector:\"by-style,euclidean,dimensions=2,keys_only\"`"},
		{"1", "fields fit the one item of the"},
		{"0", "There was no sample of its items"},
	} {
		code, stdout, stderr := runCommand(t, "gen", "-table", "players", "-sample", c.sample)
		require.Equal(t, success, code, stderr)
		assert.Contains(t, stdout, c.want)
	}
	code, _, stderr := runCommand(t, "gen", "-table", "missing")
	assert.Equal(t, failure, code)
	assert.Contains(t, stderr, `dynamapper: gen: table "missing": `)
	assert.Contains(t, stderr, "ResourceNotFoundException")
}

func TestGenAsksNoMetadataServiceForAnEndpointOnThisMachine(t *testing.T) {
	server := httptest.NewServer(engine.New(engine.WithSeed(0)))
	defer server.Close()
	asked := false
	metadata := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked = true
		w.WriteHeader(http.StatusForbidden)
	}))
	defer metadata.Close()
	for name, value := range map[string]string{
		"AWS_ENDPOINT_URL_DYNAMODB": server.URL, "AWS_REGION": "", "AWS_DEFAULT_REGION": "",
		"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": "", "AWS_PROFILE": "",
		"AWS_EC2_METADATA_DISABLED": "", "AWS_EC2_METADATA_SERVICE_ENDPOINT": metadata.URL,
		"AWS_CONFIG_FILE": os.DevNull, "AWS_SHARED_CREDENTIALS_FILE": os.DevNull,
	} {
		t.Setenv(name, value)
	}
	client, err := connect(t.Context())
	require.NoError(t, err)
	_, err = client.ListTables(t.Context(), nil)
	require.NoError(t, err)
	assert.False(t, asked)
}

func TestGenMisuse(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		args []string
		want string
	}{
		{nil, "gen: there is no table; give -table for a live one, or -create-table, -terraform or " +
			"-cloudformation"},
		{[]string{"-create-table", "a", "-terraform", "b"},
			"gen: -create-table, -terraform and -cloudformation exclude each other"},
		{[]string{"-table", "a", "-sample", "-1"},
			"gen: -sample is negative; give the number of items to read"},
		{[]string{"-create-table", "a", "-sample", "5"}, "gen: -sample 5 reads from a live table, " +
			"and the table is described by a file; give a file with items"},
		{[]string{"-table", "a", "-package", "my-models"},
			`gen: "my-models" cannot be the name of a package`},
		{[]string{"players"}, `gen: "players" is not a flag; run dynamapper gen -h`},
		{[]string{"-tabel", "a"}, "gen: flag provided but not defined: -tabel"},
	} {
		code, stdout, stderr := runCommand(t, append([]string{"gen"}, c.args...)...)
		assert.Equal(t, misuse, code)
		assert.Empty(t, stdout)
		assert.Equal(t, "dynamapper: "+c.want+"\n", stderr)
	}
}

func TestGenRefuses(t *testing.T) {
	t.Parallel()
	empty := filepath.Join(t.TempDir(), "empty.jsonl")
	require.NoError(t, os.WriteFile(empty, []byte(`{"a":1}`), 0o644))
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"-terraform", testdata + "sessions.tf", "-table", "sessions"},
			testdata + `sessions.tf: there is no table "sessions", but test-sessions`},
		{[]string{"-create-table", testdata + "forum.create.json", "-sample", empty},
			empty + `: JSON value 1: attribute "a": an attribute value is an object such as ` +
				`{"S":"text"} or {"N":"1"}`},
	} {
		code, _, stderr := runCommand(t, append([]string{"gen"}, c.args...)...)
		assert.Equal(t, failure, code)
		assert.Equal(t, "dynamapper: gen: "+c.want+"\n", stderr)
	}
}

func TestGenHelp(t *testing.T) {
	t.Parallel()
	code, stdout, stderr := runCommand(t, "gen", "-h")
	assert.Equal(t, success, code)
	assert.Empty(t, stderr)
	assert.Contains(t, stdout, "Usage: dynamapper gen -table name")
}

func TestVersion(t *testing.T) {
	t.Parallel()
	code, stdout, _ := runCommand(t, "version")
	assert.Equal(t, success, code)
	assert.Regexp(t, `^dynamapper \S+\n$`, stdout)
	code, _, stderr := runCommand(t, "version", "now")
	assert.Equal(t, misuse, code)
	assert.Equal(t, "dynamapper: version: \"now\" is not a flag; the command has none\n", stderr)
}
