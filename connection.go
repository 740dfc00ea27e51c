package dynamapper

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"regexp"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/credentials/ec2rolecreds"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/dynamapper/dynamapper/internal/pipeline"
	"github.com/dynamapper/dynamapper/internal/shown"
)

// Client lists the operations of *dynamodb.Client that a Mapper calls. Later versions of this
// package may add operations, so a fake should embed Client and define only what its test needs.
type Client interface {
	GetItem(
		context.Context, *dynamodb.GetItemInput, ...func(*dynamodb.Options),
	) (*dynamodb.GetItemOutput, error)
	PutItem(
		context.Context, *dynamodb.PutItemInput, ...func(*dynamodb.Options),
	) (*dynamodb.PutItemOutput, error)
	UpdateItem(
		context.Context, *dynamodb.UpdateItemInput, ...func(*dynamodb.Options),
	) (*dynamodb.UpdateItemOutput, error)
	DeleteItem(
		context.Context, *dynamodb.DeleteItemInput, ...func(*dynamodb.Options),
	) (*dynamodb.DeleteItemOutput, error)
	Query(
		context.Context, *dynamodb.QueryInput, ...func(*dynamodb.Options),
	) (*dynamodb.QueryOutput, error)
	Scan(
		context.Context, *dynamodb.ScanInput, ...func(*dynamodb.Options),
	) (*dynamodb.ScanOutput, error)
	BatchGetItem(
		context.Context, *dynamodb.BatchGetItemInput, ...func(*dynamodb.Options),
	) (*dynamodb.BatchGetItemOutput, error)
	BatchWriteItem(
		context.Context, *dynamodb.BatchWriteItemInput, ...func(*dynamodb.Options),
	) (*dynamodb.BatchWriteItemOutput, error)
	TransactWriteItems(
		context.Context, *dynamodb.TransactWriteItemsInput, ...func(*dynamodb.Options),
	) (*dynamodb.TransactWriteItemsOutput, error)
	CreateTable(
		context.Context, *dynamodb.CreateTableInput, ...func(*dynamodb.Options),
	) (*dynamodb.CreateTableOutput, error)
	DescribeTable(
		context.Context, *dynamodb.DescribeTableInput, ...func(*dynamodb.Options),
	) (*dynamodb.DescribeTableOutput, error)
	DeleteTable(
		context.Context, *dynamodb.DeleteTableInput, ...func(*dynamodb.Options),
	) (*dynamodb.DeleteTableOutput, error)
	UpdateTimeToLive(
		context.Context, *dynamodb.UpdateTimeToLiveInput, ...func(*dynamodb.Options),
	) (*dynamodb.UpdateTimeToLiveOutput, error)
	DescribeTimeToLive(
		context.Context, *dynamodb.DescribeTimeToLiveInput, ...func(*dynamodb.Options),
	) (*dynamodb.DescribeTimeToLiveOutput, error)
}

var _ Client = (*dynamodb.Client)(nil)

// connectionSettings collects the options of the connection.
type connectionSettings struct {
	region                       string
	accessKeyID, secretAccessKey string
	endpoint                     string
	cfg                          *aws.Config
	// The name of the first of these options; New refuses all of them.
	given string
}

func connectionOption(name string, set func(*connectionSettings) error) Option {
	return mapperOption(func(s *settings) error {
		if s.connection.given == "" {
			s.connection.given = name
		}
		if err := set(&s.connection); err != nil {
			return newCallError(name, "", err)
		}
		return nil
	})
}

// WithRegion sets the AWS region. It overrides AWS_REGION and the profile. Connect returns an
// *InvalidRegionError if the name does not have the form of a region. With an endpoint, or an
// endpoint resolver in the configuration, any name is accepted; it keeps the tables of a local
// engine apart.
func WithRegion(region string) Option {
	return connectionOption("WithRegion", func(c *connectionSettings) error {
		if region == "" {
			return errors.New(
				"the region is empty; leave the option out to take it from AWS_REGION or the " +
					"profile")
		}
		c.region = region
		return nil
	})
}

// WithCredentials sets an access key. It overrides the environment, the profile and the role of the
// machine. For temporary credentials, which include a session token, use WithConfig.
func WithCredentials(accessKeyID, secretAccessKey string) Option {
	return connectionOption("WithCredentials", func(c *connectionSettings) error {
		const fix = "pass both, or leave the option out to take them from the environment, the " +
			"profile or the role of the machine"
		switch {
		case accessKeyID == "" && secretAccessKey == "":
			return errors.New("the access key ID and the secret access key are empty; " + fix)
		case accessKeyID == "":
			return errors.New("the access key ID is empty; " + fix)
		case secretAccessKey == "":
			return errors.New("the secret access key is empty; " + fix)
		}
		c.accessKeyID, c.secretAccessKey = accessKeyID, secretAccessKey
		return nil
	})
}

// WithEndpoint sends all requests to a URL, such as "http://localhost:8000" for an engine on this
// machine. It overrides the region's endpoint and AWS_ENDPOINT_URL_DYNAMODB. Connect describes
// which credentials a local engine needs.
func WithEndpoint(url string) Option {
	return connectionOption("WithEndpoint", func(c *connectionSettings) error {
		c.endpoint = url
		return checkEndpoint(url)
	})
}

// WithConfig uses the given configuration of the SDK instead of loading one: its retries, timeouts,
// HTTP client, credentials and middleware. Other options of the connection override single settings
// in it. The retries of the SDK apply to each request of the mapper.
func WithConfig(cfg aws.Config) Option {
	return connectionOption("WithConfig", func(c *connectionSettings) error {
		loaded := cfg.Copy()
		c.cfg = &loaded
		return nil
	})
}

// Connect returns a Mapper with a client of its own. It is configured as the AWS tools are: by the
// environment, including AWS_ENDPOINT_URL_DYNAMODB, by the profile and by the IAM role of the
// machine. The options override all of these. Connect sends no request to DynamoDB, so the first
// operation finds missing credentials.
//
// If the endpoint is a loopback address, such as that of dynamapper serve or DynamoDB Local, and
// neither the options, the environment nor the profile name credentials, Connect uses the
// credentials "local", "local". Such an engine requires credentials and does not check them, and
// asking the metadata service of a machine outside a cloud takes time. Credentials in a
// configuration given by WithConfig are used as they are.
//
// Connect returns an error if the configuration cannot be read, if no region is configured, or if
// an option is invalid. If there is no endpoint and the region does not have the form of one, it
// returns an *InvalidRegionError (errors.Is: ErrInvalidRegion).
func Connect(ctx context.Context, opts ...Option) (*Mapper, error) {
	if ctx == nil {
		return nil, errors.New("dynamapper: Connect: the context is nil; give context.Background()")
	}
	s, err := makeSettings("Connect", opts)
	if err != nil {
		return nil, err
	}
	cfg, err := s.connection.load(ctx)
	if err != nil {
		return nil, shown.Errorf(err,
			"dynamapper: Connect: the AWS configuration cannot be read; check AWS_PROFILE and "+
				"the files of ~/.aws: %v", err)
	}
	client := dynamodb.NewFromConfig(cfg, s.connection.configure)
	if err := checkConnection(client.Options()); err != nil {
		return nil, err
	}
	return s.mapper(client), nil
}

// load returns the configuration of the SDK. The options take part in the loading because the SDK
// may need them there, for example the region to assume a role in.
func (c *connectionSettings) load(ctx context.Context) (aws.Config, error) {
	if c.cfg == nil {
		var options []func(*config.LoadOptions) error
		if c.region != "" {
			options = append(options, config.WithRegion(c.region))
		}
		if c.accessKeyID != "" {
			options = append(options, config.WithCredentialsProvider(c.credentials()))
		}
		return config.LoadDefaultConfig(ctx, options...)
	}
	cfg := c.cfg.Copy()
	if c.region != "" {
		cfg.Region = c.region
	}
	if c.accessKeyID != "" {
		cfg.Credentials = c.credentials()
	}
	return cfg, nil
}

func (c *connectionSettings) credentials() aws.CredentialsProvider {
	return credentials.NewStaticCredentialsProvider(c.accessKeyID, c.secretAccessKey, "")
}

// configure sets what only the options of the client can set.
func (c *connectionSettings) configure(o *dynamodb.Options) {
	if c.endpoint != "" {
		o.BaseEndpoint = &c.endpoint
		//lint:ignore SA1019 where a configuration still has one, it would win over BaseEndpoint
		o.EndpointResolver = nil
	}
	if o.BaseEndpoint != nil && isLoopback(*o.BaseEndpoint) && c.lacksCredentials(o.Credentials) {
		o.Credentials = credentials.NewStaticCredentialsProvider("local", "local", "")
	}
}

// lacksCredentials reports whether only the metadata service, the SDK's last resort, is left to
// provide credentials. If the user's configuration names the metadata service, it may be meant: the
// endpoint may be a tunnel to DynamoDB from a machine with a role.
func (c *connectionSettings) lacksCredentials(provider aws.CredentialsProvider) bool {
	return provider == nil ||
		c.cfg == nil && aws.IsCredentialsProvider(provider, (*ec2rolecreds.Provider)(nil))
}

// checkConnection returns an error for settings with which the first request would fail.
func checkConnection(o dynamodb.Options) error {
	const noRegion = `dynamapper: Connect: no region is configured; ` +
		`give WithRegion("eu-west-1"), set AWS_REGION, or write a region into the profile`
	switch {
	case o.Region == "" && (o.BaseEndpoint != nil || pipeline.HasResolver(&o)):
		return errors.New(noRegion + "; beside an endpoint any name will do")
	case o.Region == "":
		return errors.New(noRegion)
	case o.BaseEndpoint != nil:
		if err := checkEndpoint(*o.BaseEndpoint); err != nil {
			return shown.Errorf(err,
				"dynamapper: Connect: AWS_ENDPOINT_URL_DYNAMODB, AWS_ENDPOINT_URL or the "+
					"configuration: %v", err)
		}
	case !pipeline.HasResolver(&o) && !isRegion(o.Region):
		return &InvalidRegionError{Op: "Connect", Region: o.Region}
	}
	return nil
}

func checkEndpoint(endpoint string) error {
	parsed, err := url.Parse(endpoint)
	if err != nil || parsed.Scheme != "http" && parsed.Scheme != "https" ||
		parsed.Hostname() == "" {
		return fmt.Errorf(
			"the endpoint %q is not an http or https URL with a host; give a URL such as %q",
			shown.Name(redact(endpoint)), "http://localhost:8000")
	}
	return nil
}

func isLoopback(endpoint string) bool {
	parsed, err := url.Parse(endpoint)
	if err != nil {
		return false
	}
	host := parsed.Hostname()
	address, err := netip.ParseAddr(host)
	return err == nil && address.Unmap().IsLoopback() || strings.EqualFold(host, "localhost")
}

// isRegion reports whether a name matches one of the patterns by which the SDK knows the regions of
// each partition. They also match regions that are newer than the SDK.
// https://github.com/aws/aws-sdk-go-v2/blob/main/internal/endpoints/awsrulesfn/partitions.json
func isRegion(name string) bool {
	// The SDK removes the same parts, and then uses a FIPS endpoint.
	name = strings.NewReplacer("-fips-", "-", "fips-", "", "-fips", "").Replace(name)
	for _, pattern := range []string{
		`^(us|eu|ap|sa|ca|me|af|il|mx)\-\w+\-\d+$`, // aws
		`^cn\-\w+\-\d+$`,         // aws-cn
		`^eusc\-(de)\-\w+\-\d+$`, // aws-eusc
		`^us\-iso\-\w+\-\d+$`,    // aws-iso
		`^us\-isob\-\w+\-\d+$`,   // aws-iso-b
		`^eu\-isoe\-\w+\-\d+$`,   // aws-iso-e
		`^us\-isof\-\w+\-\d+$`,   // aws-iso-f
		`^us\-gov\-\w+\-\d+$`,    // aws-us-gov
	} {
		if matches, _ := regexp.MatchString(pattern, name); matches {
			return true
		}
	}
	return false
}
