package stage

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// Environment is what another process needs beside this one's environment to play on the same engine: what the SDK and
// dynamapper.Connect read of it. Of an engine that was started nobody else knows.
func (s *Stage) Environment(ctx context.Context) ([]string, error) {
	cfg, err := s.Engine.Config(ctx)
	if err != nil || cfg.BaseEndpoint == nil {
		return nil, err
	}
	keys, err := cfg.Credentials.Retrieve(ctx)
	if err != nil {
		return nil, err
	}
	return []string{
		"AWS_ENDPOINT_URL_DYNAMODB=" + aws.ToString(cfg.BaseEndpoint),
		"AWS_REGION=" + cfg.Region,
		"AWS_PROFILE=", // its credentials would go before these
		"AWS_ACCESS_KEY_ID=" + keys.AccessKeyID,
		"AWS_SECRET_ACCESS_KEY=" + keys.SecretAccessKey,
		"AWS_SESSION_TOKEN=" + keys.SessionToken,
	}, nil
}
