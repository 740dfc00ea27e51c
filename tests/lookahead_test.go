package tests

import (
	"bytes"
	"context"
	"errors"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/dynamotest"
	"github.com/dynamapper/dynamapper/tests/internal/fixtures"
)

// leaf is an item of pages. Its attribute has the name of a member of responses.
type leaf struct {
	dynamapper.Model `dynamo:"leaves"`
	Book             string         `dynamo:"book,hash"`
	Number           int            `dynamo:"number,range"`
	Last             map[string]any `dynamo:"LastEvaluatedKey,document"`
}

// leafHooks holds the functions that MigrateItem calls, by the hash key.
var leafHooks sync.Map

func (*leaf) MigrateItem(raw fixtures.Attributes) error {
	hook, ok := leafHooks.Load(raw["book"].(*types.AttributeValueMemberS).Value)
	if !ok {
		return nil
	}
	number, err := strconv.Atoi(raw["number"].(*types.AttributeValueMemberN).Value)
	if err != nil {
		return err
	}
	return hook.(func(int) error)(number)
}

// hookLeaves calls a function for each item of a book that is decoded.
func hookLeaves(t *testing.T, book string, hook func(number int) error) {
	t.Helper()
	leafHooks.Store(book, hook)
	t.Cleanup(func() { leafHooks.Delete(book) })
}

const (
	leafCount   = 7
	leavesAPage = 2 // so that there are four pages
)

// bound puts a book into a table behind a faulty connection. The connection counts from here.
func bound(
	t *testing.T,
) (book string, faulty *dynamapper.Table[leaf], line *dynamotest.Faults, sent *fixtures.Requests) {
	t.Helper()
	fixtures.SteadyEngine(t)
	faulty, good, line, sent := fixtures.FaultyTable[leaf](t)
	book = t.Name()
	for number := range leafCount {
		require.NoError(t, good.Save(t.Context(), &leaf{Book: book, Number: number,
			Last: map[string]any{"book": "x", "number": 1}}))
	}
	return book, faulty, line, sent
}

// numbersOf returns the numbers of leaves.
func numbersOf(read []*leaf) []int {
	numbers := []int{}
	for _, one := range read {
		numbers = append(numbers, one.Number)
	}
	return numbers
}

// requestID is the part of an error's text that differs in each request.
var requestID = regexp.MustCompile("RequestID: [0-9A-Z]*")

var allNumbers = []int{0, 1, 2, 3, 4, 5, 6}

// While Collect decodes a page, the next request is on its way, and never more than one. All sends
// no request before it needs the page. The hooks run in the goroutine of the caller, in order.
func TestCollectRequestsAhead(t *testing.T) {
	t.Parallel()
	for _, ahead := range []bool{true, false} {
		t.Run("ahead="+strconv.FormatBool(ahead), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				book, table, line, sent := bound(t)
				query := table.Query(book).PageSize(leavesAPage)
				_, err := query.Collect(t.Context()) // the pipeline learns
				require.NoError(t, err)
				line.Clear()
				sent.Take()
				var decoded []int
				hookLeaves(t, book, func(number int) error {
					decoded = append(decoded, number)
					synctest.Wait()
					want := 1 + number/leavesAPage
					if ahead {
						want = min(want+1, 4)
					}
					require.Equal(t, want, line.Sent("Query"))
					return nil
				})
				var read []*leaf
				if ahead {
					read, err = query.Collect(t.Context())
					require.NoError(t, err)
				} else {
					for item, err := range query.All(t.Context()) {
						require.NoError(t, err)
						read = append(read, item)
					}
				}
				require.Equal(t, allNumbers, numbersOf(read))
				require.Equal(t, allNumbers, decoded)
				for i, operation := range sent.Operations() {
					require.NoError(t, operation.Err)
					require.Equal(t, []int{2, 2, 2, 1}[i], operation.Items)
				}
				require.Len(t, sent.Operations(), 4)
			})
		})
	}
}

// A limit may be reached before the next page, so nothing is requested ahead.
func TestCollectWithALimit(t *testing.T) {
	t.Parallel()
	book, table, _, sent := bound(t)
	read, err := table.Query(book).PageSize(leavesAPage).Limit(4).Collect(t.Context())
	require.NoError(t, err)
	require.Equal(t, []int{0, 1, 2, 3}, numbersOf(read))
	require.Len(t, sent.Operations(), 2)
}

// An error ends Collect, and cancels the request that is ahead. The observers see it.
func TestCollectEndsBeforeItsLookahead(t *testing.T) {
	t.Parallel()
	broken := errors.New("the leaf is torn")
	synctest.Test(t, func(t *testing.T) {
		book, table, _, sent := bound(t)
		query := table.Query(book).PageSize(leavesAPage)
		for _, scan := range []bool{false, true} {
			for number := range leafCount {
				hookLeaves(t, book, func(at int) error {
					if at == number {
						return broken
					}
					return nil
				})
				sent.Take()
				var read []*leaf
				var err error
				if scan {
					read, err = table.Scan().PageSize(leavesAPage).Collect(t.Context())
				} else {
					read, err = query.Collect(t.Context())
				}
				require.ErrorIs(t, err, broken)
				require.Nil(t, read)
				operations := sent.Operations()
				used := 1 + number/leavesAPage
				require.Len(t, operations, min(4, used+1))
				for i, operation := range operations {
					if i < used {
						require.NoError(t, operation.Err)
					} else {
						require.ErrorIs(t, operation.Err, context.Canceled)
					}
				}
			}
		}
	})
}

// A hook that panics or ends its goroutine does that to the goroutine of the caller, and no other
// goroutine is left.
func TestCollectIsUnwound(t *testing.T) {
	t.Parallel()
	for number := range leafCount {
		t.Run(strconv.Itoa(number), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				book, table, _, _ := bound(t)
				query := table.Query(book).PageSize(leavesAPage)
				hookLeaves(t, book, func(at int) error {
					if at == number {
						panic("torn")
					}
					return nil
				})
				require.PanicsWithValue(t, "torn", func() { _, _ = query.Collect(t.Context()) })
				hookLeaves(t, book, func(at int) error {
					if at == number {
						runtime.Goexit()
					}
					return nil
				})
				require.True(t, exits(func() { _, _ = query.Collect(t.Context()) }))
			})
		})
	}
}

// A client that panics, or ends its goroutine, in the request that is ahead does the same in the
// goroutine of the caller.
func TestALookaheadIsUnwound(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		book, table, line, _ := bound(t)
		query := table.Query(book).PageSize(leavesAPage)
		for n := 1; n <= 4; n++ {
			line.Clear()
			line.On("Query", n, dynamotest.After(dynamotest.Drop(), func() { panic("torn") }))
			require.PanicsWithValue(t, "torn", func() { _, _ = query.Collect(t.Context()) })
			line.Clear()
			line.On("Query", n, dynamotest.After(dynamotest.Drop(), runtime.Goexit))
			require.True(t, exits(func() { _, _ = query.Collect(t.Context()) }))
		}
	})
}

// If the context ends while a page is decoded, that page is read to its end, and the next one is
// not. Without observers, nothing follows the tries of a request.
func TestAContextThatEndsBesideALookahead(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		book, table, _, _ := bound(t)
		mapper, err := dynamapper.New(fixtures.RawClient(t))
		require.NoError(t, err)
		table, err = dynamapper.TableOf[leaf](mapper, dynamapper.WithTableName(table.Name()))
		require.NoError(t, err)
		query := table.Query(book).PageSize(leavesAPage)
		for number := range leafCount {
			ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
			last := 0
			hookLeaves(t, book, func(at int) error {
				if at == number {
					cancel()
					synctest.Wait()
				}
				last = at
				return nil
			})
			read, err := query.Collect(ctx)
			if number == leafCount-1 {
				require.NoError(t, err)
				require.Len(t, read, leafCount)
				continue
			}
			require.ErrorIs(t, err, context.Canceled)
			require.Nil(t, read)
			require.Equal(t, number/leavesAPage*leavesAPage+1, last)
		}
	})
}

// Whatever happens to the responses, Collect ends as All does, with the same number of tries for
// each page. After an unreadable page, one more request may have been sent.
func TestFaultsOfALookahead(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]dynamotest.Fault{
		"Lose": dynamotest.Lose(), "Drop": dynamotest.Drop(), "Cut": dynamotest.Cut(),
		"Corrupt": dynamotest.Corrupt(), "Fail": dynamotest.Fail(),
		"malformed": delivered("", func(text []byte) []byte {
			return bytes.Replace(text, []byte(`"Items":[{`), []byte(`"Items":[!`), 1)
		}, nil),
		"refused": dynamotest.Refuse(400, "ProvisionedThroughputExceededException"),
		"denied":  dynamotest.Refuse(400, "AccessDeniedException"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				book, table, line, sent := bound(t)
				query := table.Query(book).PageSize(leavesAPage)
				for mask := range 1 << 6 { // the requests with the fault
					inject := func(n int) dynamotest.Fault {
						if n <= 6 && mask>>(n-1)&1 == 1 {
							return fault
						}
						return nil
					}
					line.Clear()
					line.Each("Query", inject)
					var all []*leaf
					var wrong error
					for item, err := range query.All(t.Context()) {
						if wrong = err; err == nil {
							all = append(all, item)
						}
					}
					want := attemptsOf(sent)
					line.Clear()
					line.Each("Query", inject)
					read, err := query.Collect(t.Context())
					if wrong == nil {
						require.NoError(t, err)
						require.Equal(t, numbersOf(all), numbersOf(read))
					} else {
						require.EqualError(t, errors.New(requestID.ReplaceAllString(err.Error(), "")),
							requestID.ReplaceAllString(wrong.Error(), ""))
					}
					got := attemptsOf(sent)
					require.Equal(t, want, got[:len(want)])
					require.LessOrEqual(t, len(got), len(want)+1)
				}
			})
		})
	}
}

// The key that is requested ahead is a guess. If the SDK reads another key, as where a response has
// the member twice, Collect continues there, as All does.
func TestALookaheadIsAGuess(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		book, table, line, sent := bound(t)
		query := table.Query(book).PageSize(leavesAPage)
		twice := func(n int) dynamotest.Fault {
			if n > 1 {
				return nil
			}
			return delivered("", func(text []byte) []byte {
				return append(bytes.TrimSuffix(text, []byte("}")),
					`,"LastEvaluatedKey" : {"book":{"S":"`+book+`"},"number":{"N":"4"}}}`...)
			}, nil)
		}
		line.Clear()
		line.Each("Query", twice)
		var all []*leaf
		for item, err := range query.All(t.Context()) {
			require.NoError(t, err)
			all = append(all, item)
		}
		require.Equal(t, []int{0, 1, 5, 6}, numbersOf(all))
		sent.Take()
		line.Clear()
		line.Each("Query", twice)
		read, err := query.Collect(t.Context())
		require.NoError(t, err)
		require.Equal(t, numbersOf(all), numbersOf(read))
		require.ErrorIs(t, sent.Operations()[1].Err, context.Canceled)
	})
}

// attemptsOf returns how often each request was sent since the last call.
func attemptsOf(sent *fixtures.Requests) []int {
	attempts := []int{}
	for _, operation := range sent.Operations() {
		attempts = append(attempts, operation.Attempts)
	}
	sent.Take()
	return slices.Clip(attempts)
}
