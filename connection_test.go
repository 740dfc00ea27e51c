package dynamapper

import (
	"context"
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/credentials/ec2rolecreds"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// isolate hides this machine's AWS settings from the test and returns the path of its shared
// configuration file.
func isolate(t *testing.T) (configFile string) {
	t.Helper()
	for _, variable := range os.Environ() {
		if name, value, _ := strings.Cut(variable, "="); strings.HasPrefix(name, "AWS_") {
			t.Setenv(name, value) // restores it when the test ends
			require.NoError(t, os.Unsetenv(name))
		}
	}
	folder := t.TempDir()
	configFile = filepath.Join(folder, "config")
	for _, name := range []string{configFile, filepath.Join(folder, "credentials")} {
		require.NoError(t, os.WriteFile(name, nil, 0o600))
	}
	t.Setenv("AWS_CONFIG_FILE", configFile)
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", filepath.Join(folder, "credentials"))
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
	return configFile
}

// connect returns the options of the client that Connect makes.
func connect(t *testing.T, opts ...Option) dynamodb.Options {
	t.Helper()
	m, err := Connect(t.Context(), opts...)
	require.NoError(t, err)
	return m.client.(*dynamodb.Client).Options()
}

func accessKey(t *testing.T, o dynamodb.Options) string {
	t.Helper()
	got, err := o.Credentials.Retrieve(t.Context())
	require.NoError(t, err)
	return got.AccessKeyID
}

func TestConnectRegion(t *testing.T) {
	configFile := isolate(t)
	t.Run("given none", func(t *testing.T) {
		_, err := Connect(t.Context())
		require.EqualError(t, err,
			`dynamapper: Connect: no region is configured; give WithRegion("eu-west-1"), set AWS_REGION, `+
				"or write a region into the profile")
	})
	t.Run("given none beside an endpoint", func(t *testing.T) {
		_, err := Connect(t.Context(), WithEndpoint("http://localhost:8000"))
		require.ErrorContains(t, err, "no region is configured")
		require.ErrorContains(t, err, "any name will do")
	})
	t.Run("given in the profile", func(t *testing.T) {
		require.NoError(t,
			os.WriteFile(configFile, []byte("[default]\nregion = sa-east-1\n"), 0o600))
		require.Equal(t, "sa-east-1", connect(t).Region)
	})
	t.Run("given in the environment", func(t *testing.T) {
		t.Setenv("AWS_REGION", "eu-central-1")
		require.Equal(t, "eu-central-1", connect(t).Region)
	})
	t.Run("given as an option", func(t *testing.T) {
		t.Setenv("AWS_REGION", "eu-central-1")
		require.Equal(t, "us-east-1", connect(t, WithRegion("us-east-1")).Region)
	})
	t.Run("given in a configuration", func(t *testing.T) {
		cfg := aws.Config{Region: "ap-south-1"}
		require.Equal(t, "ap-south-1", connect(t, WithConfig(cfg)).Region)
		require.Equal(t, "us-east-1", connect(t, WithRegion("us-east-1"), WithConfig(cfg)).Region)
	})
}

func TestConnectInvalidRegion(t *testing.T) {
	isolate(t)
	t.Run("given as an option", func(t *testing.T) {
		_, err := Connect(t.Context(), WithRegion("moon-1"))
		requireInvalidRegion(t, err, "moon-1")
	})
	t.Run("given in the environment", func(t *testing.T) {
		t.Setenv("AWS_REGION", "eu-west")
		_, err := Connect(t.Context())
		requireInvalidRegion(t, err, "eu-west")
	})
	t.Run("given in a configuration", func(t *testing.T) {
		_, err := Connect(t.Context(), WithConfig(aws.Config{Region: "local"}))
		requireInvalidRegion(t, err, "local")
	})
	t.Run("given beside an endpoint", func(t *testing.T) {
		connect(t, WithRegion("local"), WithEndpoint("http://10.0.0.1:8000"))
		connect(t,
			WithConfig(
				aws.Config{Region: "local", BaseEndpoint: aws.String("http://10.0.0.1:8000")}))
	})
	for _, variable := range []string{"AWS_ENDPOINT_URL_DYNAMODB", "AWS_ENDPOINT_URL"} {
		t.Run("given beside "+variable, func(t *testing.T) {
			t.Setenv(variable, "http://10.0.0.1:8000")
			o := connect(t, WithRegion("local"))
			require.Equal(t, "http://10.0.0.1:8000", *o.BaseEndpoint)
		})
	}
}

func requireInvalidRegion(t *testing.T, err error, region string) {
	t.Helper()
	require.ErrorIs(t, err, ErrInvalidRegion)
	var invalid *InvalidRegionError
	require.ErrorAs(t, err, &invalid)
	require.Equal(t, region, invalid.Region)
}

func TestIsRegion(t *testing.T) {
	t.Parallel()
	for _, region := range []string{
		"us-east-1", "eu-west-3", "ap-southeast-7", "sa-east-1", "ca-west-1", "me-central-1",
		"af-south-1", "il-central-1", "mx-central-1",
		"cn-north-1", "us-gov-west-1", "us-iso-east-1", "us-isob-east-1", "eu-isoe-west-1",
		"us-isof-south-1", "eusc-de-east-1",
		"eu-nowhere-99", // a region that the SDK may not know yet
	} {
		assert.True(t, isRegion(region), region)
	}
	for _, region := range []string{
		"", "local", "moon-1", "us-east", "us-east-", "us-east-1a", "eu-west-1 ", " eu-west-1",
		"eu-west-1\n", "EU-WEST-1", "us-east-1.example.com", "xx-east-1",
		"eusc-fr-east-1", "aws-global",
	} {
		assert.False(t, isRegion(region), region)
	}
}

func TestConnectPseudoRegion(t *testing.T) {
	isolate(t)
	connect(t, WithRegion("fips-us-gov-west-1"))
	connect(t, WithRegion("us-east-1-fips"))
	_, err := Connect(t.Context(), WithRegion("fips-moon-1"))
	requireInvalidRegion(t, err, "fips-moon-1")
}

func TestConnectCredentials(t *testing.T) {
	isolate(t)
	t.Run("given nowhere", func(t *testing.T) {
		_, err := Connect(t.Context(), WithRegion("eu-west-1"))
		require.NoError(t, err, "the credentials are not needed until a request is sent")
	})
	t.Run("given in the environment", func(t *testing.T) {
		t.Setenv("AWS_ACCESS_KEY_ID", "ENVIRONMENT")
		t.Setenv("AWS_SECRET_ACCESS_KEY", "secret")
		require.Equal(t, "ENVIRONMENT", accessKey(t, connect(t, WithRegion("eu-west-1"))))
		require.Equal(t, "OPTION",
			accessKey(t, connect(t, WithRegion("eu-west-1"), WithCredentials("OPTION", "secret"))))
	})
	t.Run("given in a configuration", func(t *testing.T) {
		cfg := aws.Config{Region: "eu-west-1",
			Credentials: credentials.NewStaticCredentialsProvider("CONFIG", "secret", "")}
		require.Equal(t, "CONFIG", accessKey(t, connect(t, WithConfig(cfg))))
		require.Equal(t, "OPTION",
			accessKey(t, connect(t, WithConfig(cfg), WithCredentials("OPTION", "secret"))))
	})
}

func TestConnectLoopbackCredentials(t *testing.T) {
	isolate(t)
	region := WithRegion("eu-west-1")
	for _, endpoint := range []string{
		"http://localhost:8000", "http://LOCALHOST", "http://127.0.0.1:8000", "https://127.1.2.3",
		"http://[::1]:8000", "http://[::ffff:127.0.0.1]:8000",
	} {
		t.Run("given none and "+endpoint, func(t *testing.T) {
			require.Equal(t, "local", accessKey(t, connect(t, region, WithEndpoint(endpoint))))
		})
	}
	t.Run("given none and an endpoint elsewhere", func(t *testing.T) {
		for _, endpoint := range []string{"http://10.0.0.1:8000", "http://localhost.example.com",
			"http://128.0.0.1"} {
			_, err := connect(t, region, WithEndpoint(endpoint)).Credentials.Retrieve(t.Context())
			require.Error(t, err, endpoint)
		}
	})
	t.Run("given none and an endpoint in the environment", func(t *testing.T) {
		t.Setenv("AWS_ENDPOINT_URL_DYNAMODB", "http://localhost:8000")
		require.Equal(t, "local", accessKey(t, connect(t, region)))
	})
	local := WithEndpoint("http://localhost:8000")
	t.Run("given in the environment", func(t *testing.T) {
		t.Setenv("AWS_ACCESS_KEY_ID", "ENVIRONMENT")
		t.Setenv("AWS_SECRET_ACCESS_KEY", "secret")
		require.Equal(t, "ENVIRONMENT", accessKey(t, connect(t, region, local)))
	})
	t.Run("given as an option", func(t *testing.T) {
		require.Equal(t, "OPTION",
			accessKey(t, connect(t, region, local, WithCredentials("OPTION", "secret"))))
	})
	t.Run("given a configuration", func(t *testing.T) {
		require.Equal(t, "local",
			accessKey(t, connect(t, local, WithConfig(aws.Config{Region: "eu-west-1"}))),
			"without credentials")
		cfg := aws.Config{Region: "eu-west-1",
			Credentials: aws.NewCredentialsCache(ec2rolecreds.New())}
		_, err := connect(t, local, WithConfig(cfg)).Credentials.Retrieve(t.Context())
		require.Error(t, err, "the configuration's credentials are used")
	})
}

func TestConnectEndpoint(t *testing.T) {
	isolate(t)
	for _, endpoint := range []string{"", "localhost:8000", "localhost", "ftp://localhost",
		"http://", "http://:8000", "://", "http://local host"} {
		_, err := Connect(t.Context(), WithRegion("eu-west-1"), WithEndpoint(endpoint))
		require.ErrorContains(t, err, "dynamapper: WithEndpoint: the endpoint ", endpoint)
		require.ErrorContains(t, err, "http://localhost:8000", endpoint)
	}
	t.Run("given in the environment", func(t *testing.T) {
		t.Setenv("AWS_ENDPOINT_URL_DYNAMODB", "localhost:8000")
		_, err := Connect(t.Context(), WithRegion("eu-west-1"))
		require.ErrorContains(t, err,
			`AWS_ENDPOINT_URL_DYNAMODB, AWS_ENDPOINT_URL or the configuration: the endpoint "localhost:8000" is not`)
		o := connect(t, WithRegion("eu-west-1"), WithEndpoint("https://db.example.com"))
		require.Equal(t, "https://db.example.com", *o.BaseEndpoint, "the option takes precedence")
	})
	t.Run("given a resolver, which takes any region", func(t *testing.T) {
		//lint:ignore SA1019 old programs have one
		local := aws.EndpointResolverWithOptionsFunc(
			//lint:ignore SA1019 likewise
			func(string, string, ...any) (aws.Endpoint, error) {
				//lint:ignore SA1019 likewise
				return aws.Endpoint{URL: "http://localhost:8000"}, nil
			})
		for name, cfg := range map[string]aws.Config{
			"of the SDK's first form": {Region: "localhost", EndpointResolverWithOptions: local},
			"of its second": {Region: "localhost",
				ServiceOptions: []func(string, any){func(_ string, options any) {
					options.(*dynamodb.Options).EndpointResolverV2 = elsewhere{}
				}}},
		} {
			require.Equal(t, "localhost", connect(t, WithConfig(cfg)).Region, name)
			cfg.Region = ""
			_, err := Connect(t.Context(), WithConfig(cfg))
			require.ErrorContains(t, err, "beside an endpoint any name will do", name)
		}
		_, err := Connect(t.Context(), WithConfig(aws.Config{Region: "localhost"}))
		require.ErrorIs(t, err, ErrInvalidRegion)
	})
	t.Run("given a resolver in the configuration", func(t *testing.T) {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/x-amz-json-1.0")
			_, _ = w.Write([]byte("{}"))
		}))
		t.Cleanup(server.Close)
		//lint:ignore SA1019 old programs have one
		elsewhere := aws.EndpointResolverWithOptionsFunc(
			//lint:ignore SA1019 likewise
			func(string, string, ...any) (aws.Endpoint, error) {
				//lint:ignore SA1019 likewise
				return aws.Endpoint{URL: "http://127.0.0.1:1"}, nil
			})
		//lint:ignore SA1019 likewise
		cfg := aws.Config{Region: "eu-west-1", EndpointResolverWithOptions: elsewhere,
			RetryMaxAttempts: 1}
		m, err := Connect(t.Context(), WithEndpoint(server.URL), WithConfig(cfg))
		require.NoError(t, err)
		_, err = getItem(t.Context(), m)
		require.NoError(t, err)
	})
}

// elsewhere resolves no endpoint.
type elsewhere struct{ dynamodb.EndpointResolverV2 }

func TestConnectionOptionsRefused(t *testing.T) {
	isolate(t)
	for want, opt := range map[string]Option{
		"WithRegion: the region is empty": WithRegion(""),
		"WithCredentials: the access key ID is empty": WithCredentials(
			"", "secret"),
		"WithCredentials: the secret access key is empty": WithCredentials(
			"key", ""),
		"WithCredentials: the access key ID and the secret access key are empty": WithCredentials(
			"", ""),
		"Connect: an option is nil": nil,
	} {
		_, err := Connect(t.Context(), opt)
		require.ErrorContains(t, err, "dynamapper: "+want)
	}
}

func TestNewRefusesConnectionOptions(t *testing.T) {
	t.Parallel()
	for name, opt := range map[string]Option{
		"WithRegion":      WithRegion("eu-west-1"),
		"WithCredentials": WithCredentials("key", "secret"),
		"WithEndpoint":    WithEndpoint("http://localhost:8000"),
		"WithConfig":      WithConfig(aws.Config{}),
	} {
		_, err := New(&dynamodb.Client{}, WithTablePrefix("x-"), opt, WithRegion("us-east-1"))
		require.ErrorContains(t, err, "New: "+name+" has no effect")
	}
}

func TestConnectNilContext(t *testing.T) {
	t.Parallel()
	var none context.Context
	_, err := Connect(none, WithRegion("eu-west-1"))
	require.EqualError(t, err, "dynamapper: Connect: the context is nil; give context.Background()")
}

func TestConnectUnreadableConfiguration(t *testing.T) {
	isolate(t)
	t.Setenv("AWS_PROFILE", "nobody")
	_, err := Connect(t.Context(), WithRegion("eu-west-1"))
	require.ErrorContains(t, err,
		"dynamapper: Connect: the AWS configuration cannot be read; check AWS_PROFILE")
	var missing config.SharedConfigProfileNotExistError
	require.ErrorAs(t, err, &missing)
}

func TestConnectSendsNothing(t *testing.T) {
	isolate(t)
	t.Setenv("AWS_EC2_METADATA_DISABLED", "false")
	t.Setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://127.0.0.1:1")
	sent := false
	server := httptest.NewServer(
		http.HandlerFunc(func(http.ResponseWriter, *http.Request) { sent = true }))
	t.Cleanup(server.Close)
	start := time.Now()
	connect(t, WithRegion("eu-west-1"), WithEndpoint(server.URL))
	require.False(t, sent)
	require.Less(t, time.Since(start), time.Second)
}

func TestWithConfigTakesACopy(t *testing.T) {
	t.Parallel()
	cfg := aws.Config{Region: "eu-west-1", RetryMaxAttempts: 7}
	opt := WithConfig(cfg)
	o := connect(t, opt, WithRegion("us-east-1"))
	require.Equal(t, 7, o.RetryMaxAttempts)
	require.Equal(t, "eu-west-1", connect(t, opt).Region, "using an option does not change it")
}

// With AWS_CA_BUNDLE, the SDK needs an HTTP client that it can configure, which must still have a
// timeout.
func TestConnectWithABundleOfCertificates(t *testing.T) {
	isolate(t)
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/x-amz-json-1.0")
		_, _ = w.Write([]byte("{}"))
	}))
	t.Cleanup(server.Close)
	bundle := filepath.Join(t.TempDir(), "bundle.pem")
	certificate := pem.EncodeToMemory(
		&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	require.NoError(t, os.WriteFile(bundle, certificate, 0o600))
	t.Setenv("AWS_CA_BUNDLE", bundle)
	t.Setenv("AWS_REGION", "eu-west-1")
	t.Setenv("AWS_ACCESS_KEY_ID", "key")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "secret")

	cfg, err := config.LoadDefaultConfig(t.Context(),
		config.WithHTTPClient(awshttp.NewBuildableClient().WithTimeout(time.Minute)))
	require.NoError(t, err)
	m, err := Connect(t.Context(), WithConfig(cfg), WithEndpoint(server.URL))
	require.NoError(t, err)
	_, err = getItem(t.Context(), m)
	require.NoError(t, err)

	_, err = config.LoadDefaultConfig(t.Context(),
		config.WithHTTPClient(&http.Client{Timeout: time.Minute}))
	require.Error(t, err, "a plain one")
}
