package dynamotest

import (
	"strconv"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"
)

// withoutAWS gives a test an environment without AWS settings.
func withoutAWS(t *testing.T) {
	t.Helper()
	for _, variable := range []string{
		"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE",
		"AWS_DEFAULT_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_WEB_IDENTITY_TOKEN_FILE",
		"AWS_CONTAINER_CREDENTIALS_FULL_URI", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
		endpointVariable, seedVariable,
	} {
		t.Setenv(variable, "")
	}
	t.Setenv("AWS_CONFIG_FILE", t.TempDir()+"/none")
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", t.TempDir()+"/none")
}

// accessKeyID returns the key that a configuration signs with.
func accessKeyID(t *testing.T, cfg aws.Config) string {
	t.Helper()
	credentials, err := cfg.Credentials.Retrieve(t.Context())
	require.NoError(t, err)
	return credentials.AccessKeyID
}

func TestEndpointOfTheEnvironment(t *testing.T) {
	withoutAWS(t)
	t.Setenv(endpointVariable, "http://engine.test:8000")

	server, err := Start(t.Context())
	require.NoError(t, err)
	require.Nil(t, server.Engine(), "nothing is started")
	require.Equal(t, "http://engine.test:8000", server.Endpoint())
	require.Equal(t, "http://engine.test:8000", *server.Config().BaseEndpoint)
	require.Equal(t, "us-east-1", server.Config().Region)
	require.Regexp(t, "^[A-Za-z0-9]+$", accessKeyID(t, server.Config()))

	require.NoError(t, server.Close())
	require.NoError(t, server.Close())
}

func TestEndpointWithCredentials(t *testing.T) {
	withoutAWS(t)
	t.Setenv(endpointVariable, "https://engine.test")
	t.Setenv("AWS_ACCESS_KEY_ID", "AKIDOFTHEENVIRONMENT")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "secret")
	t.Setenv("AWS_REGION", "eu-central-1")

	server, err := Start(t.Context())
	require.NoError(t, err)
	require.Equal(t, "eu-central-1", server.Config().Region)
	require.Equal(t, "AKIDOFTHEENVIRONMENT", accessKeyID(t, server.Config()))
}

func TestEndpointIsNoURL(t *testing.T) {
	for _, endpoint := range []string{
		"localhost:8000", "8000", "ftp://localhost", "http://", "http://%",
	} {
		t.Setenv(endpointVariable, endpoint)
		_, err := Start(t.Context())
		require.ErrorContains(t, err,
			"AWS_ENDPOINT_URL_DYNAMODB is \""+endpoint+"\", which is not a URL")
	}
}

func TestConfigIsACopy(t *testing.T) {
	t.Parallel()
	server, err := StartEngine()
	require.NoError(t, err)
	changed := server.Config()
	changed.Region = "elsewhere"
	require.NotEqual(t, "elsewhere", server.Config().Region)
}

func TestRegionOfTheEngine(t *testing.T) {
	for set, want := range map[string]string{"": "us-east-1", "eu-west-3": "eu-west-3"} {
		t.Setenv("AWS_REGION", set)
		server, err := StartEngine()
		require.NoError(t, err)
		require.Equal(t, want, server.Config().Region)
	}
}

func TestSeedOfTheEnvironment(t *testing.T) {
	for text, want := range map[string]uint64{
		"": 0, "0": 0, "7": 7, "18446744073709551615": 1<<64 - 1,
	} {
		t.Setenv(seedVariable, text)
		seed, err := environmentSeed()
		require.NoError(t, err)
		require.Equal(t, want, seed)
	}
	for _, text := range []string{"x", "-1", "1.5", "18446744073709551616", " 7"} {
		t.Setenv(seedVariable, text)
		_, err := StartEngine()
		require.EqualError(t, err, "dynamotest: DYNAMOTEST_SEED is \""+text+"\"; "+
			"set it to a number from 0 to 18446744073709551615, or unset it")
	}
}

// With a seed, the engines of tests leave parts of batches unprocessed, as DynamoDB may.
func TestSeedOfTheEnvironmentReachesTheEngine(t *testing.T) {
	for text, free := range map[string]bool{"": false, "7": true} {
		t.Setenv(seedVariable, text)
		server, err := StartEngine()
		require.NoError(t, err)
		createTable(t, server.Config(), "players", false)
		left := 0
		for range 8 {
			left += unprocessedOf25(t, server.Config(), "players")
		}
		require.Equal(t, free, left > 0)
	}
}

// unprocessedOf25 writes 25 items and returns how many of them were left unprocessed.
func unprocessedOf25(t *testing.T, cfg aws.Config, table string) int {
	t.Helper()
	requests := make([]types.WriteRequest, 25)
	for i := range requests {
		requests[i].PutRequest = &types.PutRequest{Item: map[string]types.AttributeValue{
			"id": &types.AttributeValueMemberS{Value: strconv.Itoa(i)},
		}}
	}
	out, err := dynamodb.NewFromConfig(cfg).BatchWriteItem(t.Context(),
		&dynamodb.BatchWriteItemInput{
			RequestItems: map[string][]types.WriteRequest{table: requests},
		})
	require.NoError(t, err)
	return len(out.UnprocessedItems[table])
}
