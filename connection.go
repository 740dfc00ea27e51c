package dynamapper

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"reflect"
	"regexp"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/credentials/ec2rolecreds"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

// Client is what a Mapper needs of a DynamoDB client: the operations of *dynamodb.Client that it calls, and no more. It
// may grow with the mapper, so a fake should embed it and define what its test needs.
type Client interface {
	GetItem(context.Context, *dynamodb.GetItemInput, ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error)
	PutItem(context.Context, *dynamodb.PutItemInput, ...func(*dynamodb.Options)) (*dynamodb.PutItemOutput, error)
	UpdateItem(context.Context, *dynamodb.UpdateItemInput, ...func(*dynamodb.Options)) (*dynamodb.UpdateItemOutput, error)
	DeleteItem(context.Context, *dynamodb.DeleteItemInput, ...func(*dynamodb.Options)) (*dynamodb.DeleteItemOutput, error)
	Query(context.Context, *dynamodb.QueryInput, ...func(*dynamodb.Options)) (*dynamodb.QueryOutput, error)
	Scan(context.Context, *dynamodb.ScanInput, ...func(*dynamodb.Options)) (*dynamodb.ScanOutput, error)
	BatchGetItem(context.Context, *dynamodb.BatchGetItemInput, ...func(*dynamodb.Options)) (*dynamodb.BatchGetItemOutput, error)
	BatchWriteItem(context.Context, *dynamodb.BatchWriteItemInput, ...func(*dynamodb.Options)) (*dynamodb.BatchWriteItemOutput, error)
	TransactWriteItems(context.Context, *dynamodb.TransactWriteItemsInput, ...func(*dynamodb.Options)) (*dynamodb.TransactWriteItemsOutput, error)
	CreateTable(context.Context, *dynamodb.CreateTableInput, ...func(*dynamodb.Options)) (*dynamodb.CreateTableOutput, error)
	DescribeTable(context.Context, *dynamodb.DescribeTableInput, ...func(*dynamodb.Options)) (*dynamodb.DescribeTableOutput, error)
	DeleteTable(context.Context, *dynamodb.DeleteTableInput, ...func(*dynamodb.Options)) (*dynamodb.DeleteTableOutput, error)
	UpdateTimeToLive(context.Context, *dynamodb.UpdateTimeToLiveInput, ...func(*dynamodb.Options)) (*dynamodb.UpdateTimeToLiveOutput, error)
	DescribeTimeToLive(context.Context, *dynamodb.DescribeTimeToLiveInput, ...func(*dynamodb.Options)) (*dynamodb.DescribeTimeToLiveOutput, error)
}

var _ Client = (*dynamodb.Client)(nil)

// connectionSettings is what the options say of the connection.
type connectionSettings struct {
	region                       string
	accessKeyID, secretAccessKey string
	endpoint                     string
	cfg                          *aws.Config
	given                        string // the first of these options by name, for New, which takes none of them
}

// connectionOption makes an option about the connection.
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

// WithRegion sets the AWS region, instead of AWS_REGION and the profile. Connect refuses a name that has not the form of
// a region with an *InvalidRegionError; beside an endpoint, or an endpoint resolver of the configuration, any name will do,
// and keeps the tables of a local engine apart.
func WithRegion(region string) Option {
	return connectionOption("WithRegion", func(c *connectionSettings) error {
		if region == "" {
			return errors.New("the region is empty; leave the option out to take it from AWS_REGION or the profile")
		}
		c.region = region
		return nil
	})
}

// WithCredentials sets an access key, instead of what the environment, the profile or the role of the machine give.
// For temporary credentials, which have a session token too, take WithConfig.
func WithCredentials(accessKeyID, secretAccessKey string) Option {
	return connectionOption("WithCredentials", func(c *connectionSettings) error {
		const mend = "give both, or leave the option out to take them from the environment, the profile or the role of the machine"
		switch {
		case accessKeyID == "" && secretAccessKey == "":
			return errors.New("the access key ID and the secret access key are empty; " + mend)
		case accessKeyID == "":
			return errors.New("the access key ID is empty; " + mend)
		case secretAccessKey == "":
			return errors.New("the secret access key is empty; " + mend)
		}
		c.accessKeyID, c.secretAccessKey = accessKeyID, secretAccessKey
		return nil
	})
}

// WithEndpoint sends all requests to a URL, such as "http://localhost:8000" for an engine on this machine, instead of the
// region's endpoint or AWS_ENDPOINT_URL_DYNAMODB. See Connect for the credentials that a local engine needs.
func WithEndpoint(url string) Option {
	return connectionOption("WithEndpoint", func(c *connectionSettings) error {
		c.endpoint = url
		return checkEndpoint(url)
	})
}

// WithConfig takes the configuration of the SDK as it is, instead of loading it: its retries, time-outs, HTTP client,
// credentials and middleware. The options of the connection beside it override single settings. The retries of the SDK
// count for every request of the mapper.
func WithConfig(cfg aws.Config) Option {
	return connectionOption("WithConfig", func(c *connectionSettings) error {
		loaded := cfg.Copy()
		c.cfg = &loaded
		return nil
	})
}

// Connect makes a Mapper with a client of its own. It is configured as the AWS tools are: by the environment, the
// profile, or the IAM role of the machine, and by AWS_ENDPOINT_URL_DYNAMODB; the options go before all of these. No
// request to DynamoDB is sent, so missing credentials are found out at the first operation.
//
// An endpoint on a loopback address, such as that of dynamapper serve or DynamoDB Local, gets the credentials "local",
// "local" where neither the options, the environment nor the profile name any: such an engine wants some and does not
// check them, and asking the metadata service of a machine that is in no cloud would only take time. WithConfig goes
// before: the credentials in it are used as they are.
//
// Errors: a configuration that cannot be read, no region, a region without the form of one and without an endpoint (an
// *InvalidRegionError, errors.Is: ErrInvalidRegion), an option that makes no sense.
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
		return nil, newToldError(err, "dynamapper: Connect: the AWS configuration cannot be read; check AWS_PROFILE and the files of ~/.aws: %v", err)
	}
	client := dynamodb.NewFromConfig(cfg, s.connection.configure)
	if err := checkConnection(client.Options()); err != nil {
		return nil, err
	}
	return s.mapper(client), nil
}

// load gives the configuration of the SDK. What the options say goes into the loading, because the SDK may need it
// there: a role is assumed in a region, for one.
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

// configure sets what only the client's own options can say.
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

// lacksCredentials says that nothing but the metadata service, the SDK's last resort, is left to give credentials. One
// in a configuration of the user's may be meant: a tunnel to DynamoDB from a machine with a role.
func (c *connectionSettings) lacksCredentials(provider aws.CredentialsProvider) bool {
	return provider == nil || c.cfg == nil && aws.IsCredentialsProvider(provider, (*ec2rolecreds.Provider)(nil))
}

// checkConnection finds what would otherwise fail at the first request.
func checkConnection(o dynamodb.Options) error {
	const noRegion = `dynamapper: Connect: no region is configured; give WithRegion("eu-west-1"), set AWS_REGION, or write a region into the profile`
	switch {
	case o.Region == "" && (o.BaseEndpoint != nil || hasResolver(o)):
		return errors.New(noRegion + "; beside an endpoint any name will do")
	case o.Region == "":
		return errors.New(noRegion)
	case o.BaseEndpoint != nil:
		if err := checkEndpoint(*o.BaseEndpoint); err != nil {
			return newToldError(err, "dynamapper: Connect: AWS_ENDPOINT_URL_DYNAMODB, AWS_ENDPOINT_URL or the configuration: %v", err)
		}
	case !hasResolver(o) && !isRegion(o.Region):
		return &InvalidRegionError{Op: "Connect", Region: o.Region}
	}
	return nil
}

// hasResolver reports whether a configuration finds the endpoint by code of its own, which may take any
// name for a region: programs for a local engine have "localhost".
func hasResolver(o dynamodb.Options) bool {
	//lint:ignore SA1019 where a configuration has one, the SDK asks it
	given := o.EndpointResolver != nil
	return given || reflect.TypeOf(o.EndpointResolverV2) != reflect.TypeOf(dynamodb.NewDefaultEndpointResolverV2())
}

func checkEndpoint(endpoint string) error {
	parsed, err := url.Parse(endpoint)
	if err != nil || parsed.Scheme != "http" && parsed.Scheme != "https" || parsed.Hostname() == "" {
		return fmt.Errorf("the endpoint %q is not an http or https URL with a host; give one such as %q", cut(redact(endpoint)), "http://localhost:8000")
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

// isRegion holds a name against the patterns by which the SDK knows the regions of each partition, also of regions that
// are newer than the SDK.
// https://github.com/aws/aws-sdk-go-v2/blob/main/internal/endpoints/awsrulesfn/partitions.json
func isRegion(name string) bool {
	name = strings.NewReplacer("-fips-", "-", "fips-", "", "-fips", "").Replace(name) // as the SDK does, which then takes a FIPS endpoint
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
