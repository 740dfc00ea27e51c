package stage

import "context"

// Environment returns the variables that another process needs, in addition to this one's
// environment, to use the same engine. The SDK and dynamapper.Connect read them. An engine in this
// process opens a port for it.
func (s *Stage) Environment(ctx context.Context) ([]string, error) {
	endpoint := s.Engine.Endpoint()
	if endpoint == "" {
		return nil, nil
	}
	cfg, err := s.Engine.Config(ctx)
	if err != nil {
		return nil, err
	}
	keys, err := cfg.Credentials.Retrieve(ctx)
	if err != nil {
		return nil, err
	}
	return []string{
		"AWS_ENDPOINT_URL_DYNAMODB=" + endpoint,
		"AWS_REGION=" + cfg.Region,
		"AWS_PROFILE=", // its credentials would take precedence over these
		"AWS_ACCESS_KEY_ID=" + keys.AccessKeyID,
		"AWS_SECRET_ACCESS_KEY=" + keys.SecretAccessKey,
		"AWS_SESSION_TOKEN=" + keys.SessionToken,
	}, nil
}
