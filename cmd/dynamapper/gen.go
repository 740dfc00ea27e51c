package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"go/token"
	"io"
	"net/netip"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/credentials/ec2rolecreds"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/dynamapper/dynamapper/cmd/dynamapper/internal/gen"
)

// genFlags are the flags of the command.
type genFlags struct {
	table, createTable, terraform, cloudFormation string
	sample, packageName, output                   string
	force                                         bool
}

const genUsage = `Usage: dynamapper gen -table name [flags]
       dynamapper gen -create-table file [-sample items.jsonl] [flags]
       dynamapper gen -terraform file [-table name] [-sample items.jsonl] [flags]
       dynamapper gen -cloudformation file [-table name] [-sample items.jsonl] [flags]

Gen writes Go models for tables that exist. A live table is described with DescribeTable and
DescribeTimeToLive, and its sample is read with Scan; AWS_REGION, AWS_PROFILE and
AWS_ENDPOINT_URL_DYNAMODB choose where. Read the models before you use them: a sample shows the
types of the items in it, and nothing of the others.

`

// defaultSample is the number of items of a live table that gen reads.
const defaultSample = 200

// parseGenFlags parses the command line. It returns flag.ErrHelp if the command line asks for help.
func parseGenFlags(args []string, stdout io.Writer) (*genFlags, error) {
	f := &genFlags{}
	set := flag.NewFlagSet("gen", flag.ContinueOnError)
	set.SetOutput(io.Discard)
	set.StringVar(&f.table, "table", "", "`name` of a live table, or of the only table to take "+
		"from a file")
	set.StringVar(&f.createTable, "create-table", "",
		"JSON `file` with the input of create-table, or the output of describe-table")
	set.StringVar(&f.terraform, "terraform", "",
		"`file` of Terraform, or with the output of \"terraform show -json\"")
	set.StringVar(&f.cloudFormation, "cloudformation", "",
		"template `file` of CloudFormation, in YAML or JSON")
	set.StringVar(&f.sample, "sample", "", "how many `items` to read of a live table (default "+
		strconv.Itoa(defaultSample)+"), or a file with items\nin DynamoDB's JSON, one a line or "+
		"as an export, a scan or batch-write-item has them")
	set.StringVar(&f.packageName, "package", "models", "`name` of the package")
	set.StringVar(&f.output, "o", "", "`file` to write (default standard output)")
	set.BoolVar(&f.force, "force", false, "replace the file if it exists")
	err := set.Parse(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		fmt.Fprint(stdout, genUsage+"The flags are:\n\n")
		set.SetOutput(stdout)
		set.PrintDefaults()
		return nil, err
	case err != nil:
		return nil, &misuseError{"gen: " + err.Error()}
	case set.NArg() > 0:
		return nil, &misuseError{fmt.Sprintf("gen: %q is not a flag; run dynamapper gen -h",
			set.Arg(0))}
	}
	return f, f.check()
}

// check returns an error if flags are missing or exclude each other.
func (f *genFlags) check() error {
	files := slices.DeleteFunc([]string{f.createTable, f.terraform, f.cloudFormation},
		func(file string) bool { return file == "" })
	count, isCount := f.sampleCount()
	switch {
	case len(files) > 1:
		return &misuseError{"gen: -create-table, -terraform and -cloudformation exclude each other"}
	case len(files) == 0 && f.table == "":
		return &misuseError{"gen: there is no table; give -table for a live one, or -create-table, " +
			"-terraform or -cloudformation"}
	case isCount && count < 0:
		return &misuseError{"gen: -sample is negative; give the number of items to read"}
	case isCount && f.sample != "" && len(files) > 0:
		return &misuseError{fmt.Sprintf("gen: -sample %s reads from a live table, and the table is "+
			"described by a file; give a file with items", f.sample)}
	case !token.IsIdentifier(f.packageName):
		return &misuseError{fmt.Sprintf("gen: %q cannot be the name of a package", f.packageName)}
	}
	return nil
}

// sampleCount returns the number of items to read from a live table, or false if the sample is a
// file.
func (f *genFlags) sampleCount() (count int, ok bool) {
	if f.sample == "" {
		return defaultSample, true
	}
	count, err := strconv.Atoi(f.sample)
	return count, err == nil
}

// generate writes the models of the tables that the flags name.
func generate(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	f, err := parseGenFlags(args, stdout)
	if err != nil {
		return err
	}
	source, err := f.generate(ctx)
	if err != nil {
		return fmt.Errorf("gen: %w", err)
	}
	if f.output == "" {
		_, err = stdout.Write(source)
		return err
	}
	if err := f.write(source); err != nil {
		return fmt.Errorf("gen: %w", err)
	}
	fmt.Fprintf(stderr, "dynamapper: wrote %s\n", f.output)
	return nil
}

func (f *genFlags) generate(ctx context.Context) ([]byte, error) {
	tables, err := f.readTables(ctx)
	if err != nil {
		return nil, err
	}
	if _, isCount := f.sampleCount(); !isCount {
		if err := f.addSample(tables); err != nil {
			return nil, fmt.Errorf("%s: %w", f.sample, err)
		}
	}
	return gen.Generate(f.packageName, tables)
}

// readTables reads the descriptions of the tables, and the sample of a live one.
func (f *genFlags) readTables(ctx context.Context) ([]*gen.Table, error) {
	for _, form := range []struct {
		file  string
		parse func([]byte) ([]*gen.Table, error)
	}{
		{f.createTable, gen.ParseCreateTable}, {f.terraform, gen.ParseTerraform},
		{f.cloudFormation, gen.ParseCloudFormation},
	} {
		if form.file == "" {
			continue
		}
		text, err := os.ReadFile(form.file)
		if err != nil {
			return nil, err
		}
		tables, err := form.parse(text)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", form.file, err)
		}
		return f.choose(form.file, tables)
	}
	client, err := connect(ctx)
	if err != nil {
		return nil, err
	}
	count, isCount := f.sampleCount()
	if !isCount {
		count = 0
	}
	table, err := gen.ReadLive(ctx, client, f.table, count)
	return []*gen.Table{table}, err
}

// choose returns the table that -table names, or all.
func (f *genFlags) choose(file string, tables []*gen.Table) ([]*gen.Table, error) {
	if f.table == "" {
		return tables, nil
	}
	var named []string
	for _, table := range tables {
		if table.Name == f.table {
			return []*gen.Table{table}, nil
		}
		named = append(named, table.Name)
	}
	return nil, fmt.Errorf("%s: there is no table %q, but %s", file, f.table,
		strings.Join(named, ", "))
}

func (f *genFlags) addSample(tables []*gen.Table) error {
	file, err := os.Open(f.sample)
	if err != nil {
		return err
	}
	defer file.Close()
	sample, err := gen.ReadSample(file)
	if err != nil {
		return err
	}
	return sample.AddTo(tables)
}

// write writes the file. It does not replace one that somebody may have edited.
func (f *genFlags) write(source []byte) error {
	existing, err := os.ReadFile(f.output)
	if err == nil && !f.force && !bytes.Equal(existing, source) {
		return fmt.Errorf("%s exists; give -force to replace it, or another name", f.output)
	}
	return os.WriteFile(f.output, source, 0o644)
}

// connect returns a client that is configured as the AWS tools are. An endpoint on this machine
// needs no credentials: the metadata service, the SDK's last resort, is not asked for them.
func connect(ctx context.Context) (*dynamodb.Client, error) {
	cfg, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		return nil, err
	}
	endpoint := os.Getenv("AWS_ENDPOINT_URL_DYNAMODB")
	if isOnThisMachine(endpoint) {
		if aws.IsCredentialsProvider(cfg.Credentials, (*ec2rolecreds.Provider)(nil)) {
			cfg.Credentials = aws.NewCredentialsCache(
				credentials.NewStaticCredentialsProvider("local", "local", ""))
		}
	}
	if cfg.Region == "" {
		if endpoint == "" {
			return nil, errors.New("there is no region; set AWS_REGION")
		}
		cfg.Region = "local"
	}
	return dynamodb.NewFromConfig(cfg), nil
}

func isOnThisMachine(endpoint string) bool {
	parsed, err := url.Parse(endpoint)
	if err != nil {
		return false
	}
	address, err := netip.ParseAddr(parsed.Hostname())
	return parsed.Hostname() == "localhost" || err == nil && address.IsLoopback()
}
