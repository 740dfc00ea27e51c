package dynamotest

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/stretchr/testify/require"
)

// withoutAWS is an environment that says nothing of AWS.
func withoutAWS(t *testing.T) {
	t.Helper()
	for _, variable := range []string{
		"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE", "AWS_DEFAULT_PROFILE",
		"AWS_REGION", "AWS_DEFAULT_REGION", "AWS_WEB_IDENTITY_TOKEN_FILE",
		"AWS_CONTAINER_CREDENTIALS_FULL_URI", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
	} {
		t.Setenv(variable, "")
	}
	t.Setenv("AWS_CONFIG_FILE", t.TempDir()+"/none")
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", t.TempDir()+"/none")
}

// accessKeyID is what a configuration signs with.
func accessKeyID(t *testing.T, cfg aws.Config) string {
	t.Helper()
	credentials, err := cfg.Credentials.Retrieve(t.Context())
	require.NoError(t, err)
	return credentials.AccessKeyID
}

func TestEndpointOfTheEnvironment(t *testing.T) {
	withoutEngines(t)
	withoutAWS(t)
	t.Setenv(endpointVariable, "http://engine.test:8000")

	server, err := Start(t.Context())
	require.NoError(t, err)
	require.Nil(t, server.engine, "nothing is started")
	require.Equal(t, "http://engine.test:8000", server.Endpoint())
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
	for _, endpoint := range []string{"localhost:8000", "8000", "ftp://localhost", "http://", "http://%"} {
		t.Setenv(endpointVariable, endpoint)
		_, err := Start(t.Context())
		require.ErrorContains(t, err, "AWS_ENDPOINT_URL_DYNAMODB is \""+endpoint+"\", which is no URL")
	}
}

func TestConfigIsACopy(t *testing.T) {
	server := &Server{config: localConfig(8000)}
	changed := server.Config()
	changed.Region = "elsewhere"
	require.NotEqual(t, "elsewhere", server.Config().Region)
}

func TestLocalRegion(t *testing.T) {
	t.Setenv("AWS_REGION", "")
	require.Equal(t, "us-east-1", localConfig(8000).Region)
	t.Setenv("AWS_REGION", "eu-west-3")
	require.Equal(t, "eu-west-3", localConfig(8000).Region)
}
