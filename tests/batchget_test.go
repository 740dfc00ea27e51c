package tests

import (
	"context"
	"fmt"
	"net/http"
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/dynamotest"
	"github.com/dynamapper/dynamapper/tests/internal/fixtures"
)

// crowd returns n new players: p000, p001 and so on.
func crowd(n int) []*player {
	players := make([]*player, n)
	for i := range players {
		players[i] = &player{Login: fmt.Sprintf("p%03d", i), Name: "Waldo", Balance: i}
	}
	return players
}

func keysOf(players []*player) []dynamapper.PrimaryKey {
	keys := make([]dynamapper.PrimaryKey, len(players))
	for i, p := range players {
		keys[i] = dynamapper.Key(p.Login)
	}
	return keys
}

func logins(players []*player) []string {
	names := []string{}
	for _, p := range players {
		names = append(names, p.Login)
	}
	return names
}

// The items come in the order of the keys. A repeated key counts at its first position. Every
// response leaves half of the keys unprocessed.
func TestABatchGetOfHalfResponses(t *testing.T) {
	t.Parallel()
	fixtures.SteadyEngine(t)
	players, good, line, sent := fixtures.FaultyTable[player](t)
	leave(line, leavesHalf)
	stored := crowd(230)
	require.NoError(t, good.BatchSave(t.Context(), stored))
	var keys []dynamapper.PrimaryKey
	var want []string
	for i := len(stored) - 1; i >= 0; i-- {
		keys = append(keys, dynamapper.Key(stored[i].Login), dynamapper.Key("missing"),
			dynamapper.Key(stored[len(stored)-1].Login))
		want = append(want, stored[i].Login)
	}
	got, err := players.BatchGet(t.Context(), keys, dynamapper.Consistent(),
		dynamapper.Select("balance"))
	require.NoError(t, err)
	require.Equal(t, want, logins(got))
	items := 0
	for _, one := range sent.Operations() {
		require.Equal(t, "BatchGetItem", one.Name)
		require.Equal(t, players.Name(), one.Table)
		require.Positive(t, one.ReadUnits)
		items += one.Items
	}
	require.Equal(t, 230, items, "each was read once")
	for i, p := range got {
		require.Equal(t, 229-i, p.Balance)
		require.NotContains(t, players.Snapshot(p), "name",
			"the repeated request has the same selection")
	}
}

// Two spellings of one number are one key, and its item is returned once.
func TestABatchGetOfNumbers(t *testing.T) {
	t.Parallel()
	fixtures.SteadyEngine(t)
	table, sent := fixtures.WatchedTable[logEntry](t)
	fixtures.PutRaw(
		t,
		table.Name(),
		fixtures.Attributes{"id": fixtures.Number("1E2"), "text": fixtures.Text("hundred")},
		fixtures.Attributes{"id": fixtures.Number("7"), "text": fixtures.Text("seven")},
	)
	got, err := table.BatchGet(
		t.Context(),
		dynamapper.Keys[any](
			fixtures.Number("1.00E2"),
			uint8(7),
			100.0,
			100,
			fixtures.Number("7.0"),
			-1,
			8,
		),
		dynamapper.Consistent(),
	)
	require.NoError(t, err)
	require.Len(t, got, 2)
	require.Equal(t, []string{"hundred", "seven"}, []string{got[0].Text, got[1].Text})
	require.Equal(t, []string{"BatchGetItem"}, sent.Take())
}

// Without keys no request is sent. The error names an invalid key by its position, and an
// unreadable item by its key.
func TestABatchGetThatIsWrong(t *testing.T) {
	t.Parallel()
	players, sent := fixtures.WatchedTable[player](t)
	got, err := players.BatchGet(t.Context(), nil)
	require.NoError(t, err)
	require.Empty(t, got)
	_, err = players.BatchGet(t.Context(), dynamapper.Keys("waldo", ""))
	require.ErrorContains(t, err, `key 1: the hash key "login" is empty`)
	require.Empty(t, sent.Take())
	broken := storedPlayer("wally")
	broken["balance"] = fixtures.Text("x")
	fixtures.PutRaw(t, players.Name(), storedPlayer("waldo"), broken)
	_, err = players.BatchGet(t.Context(), dynamapper.Keys("waldo", "wally"),
		dynamapper.Consistent())
	var wrong *dynamapper.FieldError
	require.ErrorAs(t, err, &wrong)
	require.Equal(t, dynamapper.Key("wally"), wrong.Key)
}

// A key that the service never processes is requested as often as MaxRetries allows.
func TestABatchGetWithoutEnd(t *testing.T) {
	t.Parallel()
	fixtures.SteadyEngine(t)
	players, _, line, sent := fixtures.FaultyTable[player](t, dynamapper.WithMaxRetries(3))
	leave(line, leavesWhatHas("stuck"))
	_, err := players.BatchGet(t.Context(), dynamapper.Keys("waldo", "stuck"))
	require.ErrorIs(t, err, dynamapper.ErrMaxRetriesExceeded)
	var exceeded *dynamapper.MaxRetriesExceededError
	require.ErrorAs(t, err, &exceeded)
	require.Equal(t, 3, exceeded.Tries)
	require.Len(t, sent.Take(), 3)
}

// The end of the context ends the wait for a key that the service never processes.
func TestACancelledBatchGet(t *testing.T) {
	t.Parallel()
	fixtures.SteadyEngine(t)
	ctx, cancel := context.WithCancel(t.Context())
	players, _, line, _ := fixtures.FaultyTable[player](t)
	line.Each("BatchGetItem", func(n int) dynamotest.Fault {
		if n == 3 {
			cancel()
		}
		return leaving("UnprocessedKeys", leavesWhatHas("stuck"))
	})
	_, err := players.BatchGet(ctx, dynamapper.Keys("waldo", "stuck"))
	require.ErrorIs(t, err, context.Canceled)
}

// Exactly four requests are in flight at a time.
func TestABatchGetAsksSeveralTimesAtOnce(t *testing.T) {
	t.Parallel()
	fixtures.SteadyEngine(t)
	players, _, line, _ := fixtures.FaultyTable[player](t)
	crowded := newCrowdedLine(4)
	line.Each("BatchGetItem", fixtures.Always(crowded.fault))
	_, err := players.BatchGet(until(t), keysOf(crowd(1000)))
	require.NoError(t, err)
	require.Equal(t, 4, crowded.most)
	require.Equal(t, 10, crowded.came)
}

const accessDenied = `{"__type":"com.amazon.coral.service#AccessDeniedException","message":"no"}`

// stubTable returns a table whose requests the given client answers, without a connection outside
// the synctest bubble.
func stubTable[T dynamapper.IsModel](t *testing.T, line aws.HTTPClient) *dynamapper.Table[T] {
	t.Helper()
	mapper, err := dynamapper.Connect(t.Context(), dynamapper.WithConfig(aws.Config{
		Region:      "eu-west-1",
		Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""), HTTPClient: line,
	}))
	require.NoError(t, err)
	table, err := dynamapper.TableOf[T](mapper)
	require.NoError(t, err)
	return table
}

// The first error cancels the other requests and is returned. The bubble ensures that no goroutine
// is left.
func TestTheFirstErrorEndsABatchGet(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		line := newCrowdedLine(4)
		line.do = func(request *http.Request, came int) (*http.Response, error) {
			if came == 2 {
				return fixtures.RawResponse(http.StatusBadRequest, accessDenied), nil
			}
			<-request.Context().Done()
			return nil, request.Context().Err()
		}
		_, err := stubTable[player](t, line).BatchGet(t.Context(), keysOf(crowd(1000)))
		var api smithy.APIError
		require.ErrorAs(t, err, &api)
		require.Equal(t, "AccessDeniedException", api.ErrorCode())
		require.NotErrorIs(t, err, context.Canceled)
		require.Equal(t, 4, line.came, "no further request was sent")
		require.Zero(t, line.now)
	})
}

// explosive is a model whose hook panics.
type explosive struct {
	dynamapper.Model `dynamo:"explosives"`
	ID               string `dynamo:"id,hash"`
}

func (*explosive) MigrateItem(fixtures.Attributes) error { panic("boom") }

// A caller can recover the panic of a hook, as with Get.
func TestAPanicInABatchGet(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		line := newCrowdedLine(1)
		line.do = func(*http.Request, int) (*http.Response, error) {
			return fixtures.RawResponse(http.StatusOK,
				`{"Responses":{"explosives":[{"id":{"S":"1"}}]},"UnprocessedKeys":{}}`), nil
		}
		require.PanicsWithValue(t, "boom", func() {
			_, _ = stubTable[explosive](t, line).BatchGet(t.Context(), dynamapper.Keys("1"))
		})
	})
}
