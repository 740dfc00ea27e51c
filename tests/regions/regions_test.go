// Package regions_test tests tables of several regions and of other accounts.
package regions_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/dynamotest"
	"github.com/dynamapper/dynamapper/tests/internal/fixtures"
)

type player struct {
	dynamapper.Model `dynamo:"players"`

	Login   string `dynamo:"login,hash"`
	Coins   int    `dynamo:"coins"`
	Version string `dynamo:"version,version"`
}

func playersOf(
	t *testing.T, m *dynamapper.Mapper, opts ...dynamapper.TableOption,
) *dynamapper.Table[player] {
	t.Helper()
	players, err := dynamapper.TableOf[player](m, opts...)
	require.NoError(t, err)
	return players
}

// A write in another region was running on the item, so nothing was applied: the write is sent
// again.
func TestWritesAreSentAgainAfterAReplicatedConflict(t *testing.T) {
	t.Parallel()
	conflict := dynamotest.Refuse(http.StatusBadRequest, "ReplicatedWriteConflictException")
	key := dynamapper.Key("waldo")
	for name, test := range map[string]struct {
		request string
		write   func(context.Context, *dynamapper.Mapper, *dynamapper.Table[player]) error
	}{
		"Save": {"PutItem", func(
			ctx context.Context, _ *dynamapper.Mapper, players *dynamapper.Table[player],
		) error {
			return players.Save(ctx, &player{Login: "waldo"})
		}},
		"Delete": {"DeleteItem", func(
			ctx context.Context, _ *dynamapper.Mapper, players *dynamapper.Table[player],
		) error {
			return players.DeleteKey(ctx, key)
		}},
		"Update": {"UpdateItem", func(
			ctx context.Context, _ *dynamapper.Mapper, players *dynamapper.Table[player],
		) error {
			item, err := players.Update(key).Add("coins", 1).Run(ctx)
			if err == nil && item.Coins != 6 {
				err = fmt.Errorf("added %d times", item.Coins-5)
			}
			return err
		}},
		"Modify": {"UpdateItem", func(
			ctx context.Context, _ *dynamapper.Mapper, players *dynamapper.Table[player],
		) error {
			calls := 0
			item, err := players.Modify(ctx, key, func(p *player) error {
				calls++
				p.Coins++
				return nil
			})
			if err == nil && (calls != 1 || item.Coins != 6) {
				err = fmt.Errorf("%d calls", calls)
			}
			return err
		}},
		"BatchSave": {"BatchWriteItem", func(
			ctx context.Context, _ *dynamapper.Mapper, players *dynamapper.Table[player],
		) error {
			return players.BatchSave(ctx, []*player{{Login: "a"}, {Login: "b"}})
		}},
		"Transaction": {"TransactWriteItems", func(
			ctx context.Context, m *dynamapper.Mapper, players *dynamapper.Table[player],
		) error {
			return m.RunTransaction(ctx, func(ctx context.Context, tx *dynamapper.Tx) error {
				return players.In(tx).Save(&player{Login: "b"})
			})
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fixtures.SteadyEngine(t)
			good := playersOf(t, dynamotest.Mapper(t))
			require.NoError(t, good.CreateTable(t.Context()))
			require.NoError(t, good.Save(t.Context(), &player{Login: "waldo", Coins: 5}))
			line := dynamotest.NewFaults()
			for n := range 3 {
				line.On(test.request, n+1, conflict)
			}
			mapper := line.Mapper(t)
			require.NoError(t, test.write(t.Context(), mapper, playersOf(t, mapper)))
			require.Equal(t, 4, line.Sent(test.request))
		})
	}
}

// refuse returns a fault with an error response.
func refuse(code, message string) dynamotest.Fault {
	body := fmt.Sprintf(`{"__type":"com.amazonaws.dynamodb.v20120810#%s","message":%q}`, code,
		message)
	return func(*http.Request, func() (*http.Response, error)) (*http.Response, error) {
		return &http.Response{StatusCode: http.StatusBadRequest, ProtoMajor: 1, ProtoMinor: 1,
			ContentLength: int64(len(body)),
			Header:        http.Header{"Content-Type": {"application/x-amz-json-1.0"}},
			Body:          io.NopCloser(bytes.NewReader([]byte(body)))}, nil
	}
}

func TestATableThatTakesNoTransactions(t *testing.T) {
	t.Parallel()
	good := playersOf(t, dynamotest.Mapper(t))
	require.NoError(t, good.CreateTable(t.Context()))
	require.NoError(t, good.Save(t.Context(), &player{Login: "waldo", Coins: 5}))
	line := dynamotest.NewFaults()
	line.Each("TransactWriteItems", func(int) dynamotest.Fault {
		return refuse("ValidationException", "Transactions are not supported on tables with "+
			"multi-Region strong consistency")
	})
	mapper := line.Mapper(t)
	players := playersOf(t, mapper)
	stage := func(ctx context.Context, tx *dynamapper.Tx) error {
		return players.In(tx).Save(&player{Login: "b"})
	}
	for _, err := range []error{
		mapper.RunTransaction(t.Context(), stage),
		players.Save(t.Context(), &player{Login: "b"}, dynamapper.Idempotent()),
	} {
		require.ErrorContains(t, err, "the table is a global one with strong consistency in several "+
			"regions, which takes no transactions; leave out RunTransaction and Idempotent, and use "+
			"Modify of a model with a string version")
		require.NotErrorIs(t, err, dynamapper.ErrUnknownOutcome)
	}
	require.Equal(t, 2, line.Sent("TransactWriteItems"))

	// Modify needs no transaction: its version proves a save whose response was lost.
	line.On("UpdateItem", 1, dynamotest.Lose())
	waldo, err := players.Modify(t.Context(), dynamapper.Key("waldo"), func(p *player) error {
		p.Coins++
		return nil
	})
	require.NoError(t, err)
	require.Equal(t, 6, waldo.Coins)
	stored, err := good.Get(t.Context(), dynamapper.Key("waldo"), dynamapper.Consistent())
	require.NoError(t, err)
	require.Equal(t, 6, stored.Coins)
}

// strong describes the table as one with strong consistency in several regions.
type strong struct{ *dynamodb.Client }

func (s strong) DescribeTable(
	ctx context.Context, in *dynamodb.DescribeTableInput, opts ...func(*dynamodb.Options),
) (*dynamodb.DescribeTableOutput, error) {
	out, err := s.Client.DescribeTable(ctx, in, opts...)
	if err == nil {
		out.Table.MultiRegionConsistency = types.MultiRegionConsistencyStrong
	}
	return out, err
}

type session struct {
	dynamapper.Model `dynamo:"sessions"`

	ID      string `dynamo:"id,hash"`
	Expires int64  `dynamo:"expires,ttl"`
}

func TestVerifyOfATableThatHasNoTTL(t *testing.T) {
	t.Parallel()
	client := dynamodb.NewFromConfig(dynamotest.Run(t).Config())
	mapper, err := dynamapper.New(strong{client})
	require.NoError(t, err)
	sessions, err := dynamapper.TableOf[session](mapper)
	require.NoError(t, err)
	require.NoError(t, sessions.CreateTable(t.Context()))
	for _, err := range []error{sessions.Verify(t.Context()), sessions.EnsureTable(t.Context())} {
		require.ErrorIs(t, err, dynamapper.ErrSchema)
		require.ErrorContains(t, err, "it is a global table with strong consistency in several "+
			`regions, which has no TTL, and the model says the attribute "expires"`)
	}
	players := playersOf(t, mapper)
	require.NoError(t, players.CreateTable(t.Context()))
	require.NoError(t, players.Verify(t.Context()))
	table, err := players.Describe(t.Context())
	require.NoError(t, err)
	require.Equal(t, types.MultiRegionConsistencyStrong, table.MultiRegionConsistency)
	require.Equal(t, "arn:aws:dynamodb:us-east-1:000000000000:table/players", *table.TableArn)
	require.Equal(t, strong{client}, mapper.Client())
}

func TestDescribeAndClientOfNothing(t *testing.T) {
	t.Parallel()
	require.Nil(t, (*dynamapper.Mapper)(nil).Client())
	require.Nil(t, new(dynamapper.Mapper).Client())
	_, err := (*dynamapper.Table[player])(nil).Describe(t.Context())
	require.ErrorContains(t, err, "dynamapper: Describe: the table is nil or empty")
	players := playersOf(t, dynamotest.Mapper(t))
	var none context.Context
	_, err = players.Describe(none)
	require.ErrorContains(t, err, "the context is nil")
	_, err = players.Describe(t.Context())
	var missing *types.ResourceNotFoundException
	require.ErrorAs(t, err, &missing)
	require.ErrorContains(t, err, `dynamapper: Describe: table "players": the table does not exist`)
}

func TestMoreGlobalIndexesThanTheQuota(t *testing.T) {
	t.Parallel()
	line := dynamotest.NewFaults()
	line.On("CreateTable", 1, refuse("ValidationException", "One or more parameter values were "+
		"invalid: GlobalSecondaryIndex count exceeds the per-table limit of 20"))
	err := playersOf(t, line.Mapper(t)).CreateTable(t.Context())
	require.ErrorContains(t, err, "the model has more global indexes than the quota, which is 20 for "+
		"a table unless it was raised; have it raised, or leave an index out")
}

const arn = "arn:aws:dynamodb:us-east-1:000000000000:table/players"

// Every call takes the table of an ARN; the requests carry the ARN, without the mapper's prefix.
func TestATableGivenByItsARN(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	own := playersOf(t, dynamotest.Mapper(t))
	require.NoError(t, own.CreateTable(ctx))
	noted := &fixtures.Requests{}
	mapper := dynamotest.Mapper(t, dynamapper.WithTablePrefix("staging-"),
		dynamapper.WithObserver(noted.Observe))
	players := playersOf(t, mapper, dynamapper.WithTableName(arn))
	require.Equal(t, arn, players.Name())

	waldo := &player{Login: "waldo", Coins: 5}
	require.NoError(t, players.Save(ctx, waldo, dynamapper.FailOnConflict()))
	waldo.Coins++
	require.NoError(t, players.Save(ctx, waldo, dynamapper.FailOnConflict()))
	require.NoError(t, players.BatchSave(ctx, []*player{{Login: "a"}, {Login: "b"}}))
	_, err := players.Update(dynamapper.Key("a")).Add("coins", 1).Run(ctx)
	require.NoError(t, err)
	_, err = players.Modify(ctx, dynamapper.Key("b"), func(p *player) error {
		p.Coins = 9
		return nil
	}, dynamapper.Idempotent())
	require.NoError(t, err)
	found, err := players.BatchGet(ctx, dynamapper.Keys("waldo", "a", "b", "c"),
		dynamapper.Consistent())
	require.NoError(t, err)
	require.Len(t, found, 3)
	n, err := players.Scan().Consistent().Count(ctx)
	require.NoError(t, err)
	require.Equal(t, 3, n)
	items, err := players.Query("waldo").Consistent().Collect(ctx)
	require.NoError(t, err)
	require.Equal(t, 6, items[0].Coins)
	require.NoError(t, players.Verify(ctx))
	require.NoError(t, players.EnsureTable(ctx))
	for range 3 { // the first request could teach a pipeline the host
		_, err = players.Migrate(ctx)
		require.NoError(t, err)
	}
	require.NoError(t, players.DeleteKey(ctx, dynamapper.Key("a")))
	for _, o := range noted.Operations() {
		require.Equal(t, arn, o.Table, o.Name)
		require.False(t, o.OwnPipeline, "the account may have an endpoint of its own")
	}
	item, err := own.Get(ctx, dynamapper.Key("b"), dynamapper.Consistent())
	require.NoError(t, err)
	require.Equal(t, 9, item.Coins)
}

// Unprocessed keys and items are sent again, under the name of the request.
func TestUnprocessedItemsOfAnARN(t *testing.T) {
	t.Parallel()
	own := playersOf(t, dynamotest.Mapper(t))
	require.NoError(t, own.CreateTable(t.Context()))
	players := playersOf(t, dynamotest.Mapper(t), dynamapper.WithTableName(arn))
	server := dynamotest.Run(t)
	server.Engine().LeaveUnprocessed(arn, 2)
	require.NoError(t, players.BatchSave(t.Context(), []*player{{Login: "a"}, {Login: "b"}}))
	server.Engine().LeaveUnprocessed(arn, 2)
	found, err := players.BatchGet(t.Context(), dynamapper.Keys("a", "b"), dynamapper.Consistent())
	require.NoError(t, err)
	require.Len(t, found, 2)
}

// A client of the SDK's types, whose responses call the tables as the requests do.
type fake struct{ dynamapper.Client }

func (f fake) BatchGetItem(
	ctx context.Context, in *dynamodb.BatchGetItemInput, _ ...func(*dynamodb.Options),
) (*dynamodb.BatchGetItemOutput, error) {
	return f.Client.BatchGetItem(ctx, in)
}

func TestAnARNWithAClientThatIgnoresOptions(t *testing.T) {
	t.Parallel()
	own := playersOf(t, dynamotest.Mapper(t))
	require.NoError(t, own.CreateTable(t.Context()))
	require.NoError(t, own.Save(t.Context(), &player{Login: "a"}))
	mapper, err := dynamapper.New(fake{dynamodb.NewFromConfig(dynamotest.Run(t).Config())})
	require.NoError(t, err)
	players := playersOf(t, mapper, dynamapper.WithTableName(arn))
	found, err := players.BatchGet(t.Context(), dynamapper.Keys("a"), dynamapper.Consistent())
	require.NoError(t, err)
	require.Len(t, found, 1)
}

// A name and an ARN may be one table or two. If they were taken for one, an item of another account
// would be read in place of the own one; if they were taken for two, the service would refuse two
// writes of one item.
func TestNoTransactionOfANameAndItsARN(t *testing.T) {
	t.Parallel()
	line := dynamotest.NewFaults()
	mapper := line.Mapper(t)
	own, players := playersOf(t, mapper), playersOf(t, mapper, dynamapper.WithTableName(arn))
	require.NoError(t, own.CreateTable(t.Context()))
	require.NoError(t, own.Save(t.Context(), &player{Login: "a", Coins: 1}))
	const refused = "and the mapper cannot know whether both are one table; give both by the name, " +
		"or both by the ARN"
	for _, tables := range [][]*dynamapper.Table[player]{{own, players}, {players, own}} {
		first, second := tables[0].Fetch(dynamapper.Key("a")), tables[1].Fetch(dynamapper.Key("a"))
		require.ErrorContains(t, mapper.TransactGet(t.Context(), first, second), refused)
		require.Nil(t, first.Item)
		var got, staged error
		err := mapper.RunTransaction(t.Context(), func(ctx context.Context, tx *dynamapper.Tx) error {
			if _, err := tables[0].In(tx).Get(ctx, dynamapper.Key("a")); err != nil {
				return err
			}
			_, got = tables[1].In(tx).Get(ctx, dynamapper.Key("a"))
			staged = tables[1].In(tx).Save(&player{Login: "b"})
			return nil
		})
		for _, err := range []error{err, got, staged} {
			require.ErrorContains(t, err, refused)
		}
	}
	require.Zero(t, line.Sent("TransactGetItems")+line.Sent("TransactWriteItems"))
	require.NoError(t, mapper.RunTransaction(t.Context(),
		func(ctx context.Context, tx *dynamapper.Tx) error {
			_ = players.In(tx).Save(&player{Login: "b"})
			return players.In(tx).DeleteKey(dynamapper.Key("a"))
		}))
}

func TestWrongARNs(t *testing.T) {
	t.Parallel()
	mapper := dynamotest.Mapper(t)
	for given, problem := range map[string]string{
		"arn:aws:dynamodb:us-east-1:1234:table/players":              "is not the ARN of a table",
		"arn:aws:dynamodb:us-east-1:111122223333:players":            "is not the ARN of a table",
		"arn:aws:dynamodb:us-east-1:111122223333:table/p":            "is not the ARN of a table",
		"arn:aws:dynamodb:us-east-1:111122223333:table/x-y/index/by": "is not the ARN of a table",
		"arn:aws:s3:us-east-1:111122223333:table/players":            "is not the ARN of a table",
		"arn:aws:dynamodb:eu-west-1:111122223333:table/players": `names a table in the region ` +
			`"eu-west-1", and the client sends its requests to "us-east-1"; make a mapper of that ` +
			`region for the table`,
	} {
		_, err := dynamapper.TableOf[player](mapper, dynamapper.WithTableName(given))
		require.ErrorIs(t, err, dynamapper.ErrSchema)
		require.ErrorContains(t, err, problem)
	}
	for _, region := range []string{"aws-cn:dynamodb:cn-north-1", "aws-us-gov:dynamodb:us-gov-west-1"} {
		cfg := dynamotest.Run(t).Config()
		cfg.Region = region[len(region)-len("cn-north-1"):]
		if region != "aws-cn:dynamodb:cn-north-1" {
			cfg.Region = "us-gov-west-1"
		}
		mapper, err := dynamapper.New(dynamodb.NewFromConfig(cfg))
		require.NoError(t, err)
		name := "arn:" + region + ":111122223333:table/players"
		require.Equal(t, name, playersOf(t, mapper, dynamapper.WithTableName(name)).Name())
	}
}

func TestATableOfAnotherAccountIsNotCreated(t *testing.T) {
	t.Parallel()
	line := dynamotest.NewFaults()
	players := playersOf(t, line.Mapper(t), dynamapper.WithTableName(arn))
	for _, err := range []error{
		players.CreateTable(t.Context()), players.EnsureTable(t.Context()),
	} {
		require.ErrorContains(t, err, "the table is given by its ARN, and a table is created in its "+
			"own account")
	}
	require.Zero(t, line.Sent("CreateTable"))
	require.Equal(t, 1, line.Sent("DescribeTable"))
}

// The SDK sends a request for a table of another account to the endpoint of that account.
func TestTheEndpointOfTheAccount(t *testing.T) {
	t.Parallel()
	var hosts []string
	cfg := aws.Config{Region: "eu-west-1", Credentials: aws.CredentialsProviderFunc(
		func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "A", SecretAccessKey: "B",
				AccountID: "999999999999"}, nil
		}),
		HTTPClient: door(func(request *http.Request) { hosts = append(hosts, request.URL.Host) })}
	mapper, err := dynamapper.New(dynamodb.NewFromConfig(cfg,
		func(o *dynamodb.Options) { o.AccountIDEndpointMode = aws.AccountIDEndpointModePreferred }))
	require.NoError(t, err)
	own := playersOf(t, mapper)
	for range 4 { // until the mapper's pipeline would send them
		_, err = own.Get(t.Context(), dynamapper.Key("a"))
		require.ErrorIs(t, err, dynamapper.ErrNotFound)
	}
	foreign := playersOf(t, mapper,
		dynamapper.WithTableName("arn:aws:dynamodb:eu-west-1:111122223333:table/players"))
	_, err = foreign.Get(t.Context(), dynamapper.Key("a"))
	require.ErrorIs(t, err, dynamapper.ErrNotFound)
	_, err = own.Get(t.Context(), dynamapper.Key("a"))
	require.ErrorIs(t, err, dynamapper.ErrNotFound)
	const own999, of111 = "999999999999.ddb.eu-west-1.amazonaws.com",
		"111122223333.ddb.eu-west-1.amazonaws.com"
	require.Equal(t, []string{own999, own999, own999, own999, of111, own999}, hosts)
}

// door is an HTTP client that finds nothing.
type door func(*http.Request)

func (d door) Do(request *http.Request) (*http.Response, error) {
	d(request)
	return &http.Response{StatusCode: http.StatusOK, ProtoMajor: 1, ProtoMinor: 1,
		Header: http.Header{"Content-Type": {"application/x-amz-json-1.0"}},
		Body:   io.NopCloser(bytes.NewReader([]byte("{}"))), Request: request}, nil
}
