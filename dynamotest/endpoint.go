package dynamotest

import (
	"cmp"
	"context"
	"fmt"
	"net/url"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
)

const (
	defaultRegion = "us-east-1"

	// DynamoDB Local keeps a database for each access key and accepts only letters and digits. This
	// is the key that dynamapper.Connect uses for a loopback endpoint, so that a program under test
	// sees the tables of its test.
	dummyAccessKeyID     = "local"
	dummySecretAccessKey = "local"
)

// useEndpoint returns a server at an endpoint that the environment names.
func useEndpoint(ctx context.Context, endpoint string) (*Server, error) {
	parsed, err := url.Parse(endpoint)
	isHTTP := err == nil && (parsed.Scheme == "http" || parsed.Scheme == "https")
	if !isHTTP || parsed.Host == "" {
		return nil, fmt.Errorf("dynamotest: %s is %q, which is not a URL; "+
			"set it to one such as http://localhost:8000, or unset it", endpointVariable, endpoint)
	}
	cfg, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		return nil, fmt.Errorf(
			"dynamotest: the environment's configuration for the endpoint %s: %w", endpoint, err)
	}
	known, err := hasCredentials()
	if err != nil {
		return nil, fmt.Errorf(
			"dynamotest: the environment's credentials for the endpoint %s: %w", endpoint, err)
	}
	if !known {
		cfg.Credentials = dummyCredentials()
	}
	cfg.Region = cmp.Or(cfg.Region, defaultRegion)
	cfg.BaseEndpoint = aws.String(endpoint)
	return &Server{config: cfg}, nil
}

// hasCredentials reports whether the environment names credentials. If there are none, asking the
// SDK would take seconds, because it waits for a metadata service.
func hasCredentials() (bool, error) {
	env, err := config.NewEnvConfig()
	if err != nil {
		return false, err
	}
	return env.Credentials.HasKeys() ||
		env.SharedConfigProfile != "" ||
		env.WebIdentityTokenFilePath != "" ||
		env.ContainerCredentialsEndpoint != "" ||
		env.ContainerCredentialsRelativePath != "", nil
}

func dummyCredentials() aws.CredentialsProvider {
	return credentials.NewStaticCredentialsProvider(dummyAccessKeyID, dummySecretAccessKey, "")
}
