package tests

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/dynamotest"
	"github.com/dynamapper/dynamapper/tests/internal/fixtures"
)

// twice sends a request two times, like an HTTP client or a proxy that has lost the first response,
// unseen by the mapper.
func twice() dynamotest.Fault {
	return sentAgain(func(body []byte) []byte { return body })
}

// sentAgain sends a request, and once more with the body that again returns.
func sentAgain(again func(body []byte) []byte) dynamotest.Fault {
	return func(request *http.Request, send func() (*http.Response, error)) (*http.Response, error) {
		body, err := io.ReadAll(request.Body)
		if err != nil {
			return nil, err
		}
		request.Body = io.NopCloser(bytes.NewReader(body))
		first, err := send()
		if err != nil {
			return nil, err
		}
		_, _ = io.Copy(io.Discard, first.Body)
		_ = first.Body.Close()
		body = again(body)
		request.Body, request.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
		request.Header.Set("Content-Length", "")
		return send()
	}
}

// If a refusal contains the token of the write, the write was applied, whoever sent the request
// again. Nothing is applied twice, and the mapper reports no conflict with its own write.
func TestARepeatedWriteKnowsItsToken(t *testing.T) {
	t.Parallel()
	faulty, good, line, sent := fixtures.FaultyTable[tokenWallet](t)
	ctx := t.Context()
	take := func(w *tokenWallet) error { w.Balance -= 150; return nil }
	loaded := func(opts ...dynamapper.SaveOption) func(*testing.T, string) (*tokenWallet, error) {
		return func(t *testing.T, id string) (*tokenWallet, error) {
			item := fixtures.Load(t, faulty, id)
			_ = take(item)
			return item, faulty.Save(ctx, item, opts...)
		}
	}
	added := func(opts ...dynamapper.SaveOption) func(*testing.T, string) (*tokenWallet, error) {
		return func(t *testing.T, id string) (*tokenWallet, error) {
			fixtures.DeleteRaw(t, good.Name(), fixtures.Attributes{"id": fixtures.Text(id)})
			item := tokenWallets.make(id, 50)
			return item, faulty.Save(ctx, item, opts...)
		}
	}
	rich := dynamapper.Attr("balance", dynamapper.GE(150))
	for name, write := range map[string]func(t *testing.T, id string) (*tokenWallet, error){
		"new, F": added(dynamapper.FailOnConflict()),
		"new, FI": added(dynamapper.FailOnConflict(),
			dynamapper.If(dynamapper.Attr("balance", dynamapper.NotExists()))),
		"new, F, Idempotent": added(dynamapper.FailOnConflict(), dynamapper.Idempotent()),
		"F":                  loaded(dynamapper.FailOnConflict()),
		"FI":                 loaded(dynamapper.FailOnConflict(), dynamapper.If(rich)),
		"FC":                 loaded(dynamapper.FailOnConflict(), dynamapper.ChangedOnly()),
		"I":                  loaded(dynamapper.If(rich)),
		"CI":                 loaded(dynamapper.ChangedOnly(), dynamapper.If(rich)),
		"F, Idempotent":      loaded(dynamapper.FailOnConflict(), dynamapper.Idempotent()),
		"CI, Idempotent": loaded(dynamapper.ChangedOnly(), dynamapper.If(rich),
			dynamapper.Idempotent()),
		"Modify": func(_ *testing.T, id string) (*tokenWallet, error) {
			return faulty.Modify(ctx, dynamapper.Key(id), take)
		},
		"ModifyOrNew, loaded": func(_ *testing.T, id string) (*tokenWallet, error) {
			return faulty.ModifyOrNew(ctx, dynamapper.Key(id), take)
		},
		"ModifyOrNew, new": func(t *testing.T, id string) (*tokenWallet, error) {
			fixtures.DeleteRaw(t, good.Name(), fixtures.Attributes{"id": fixtures.Text(id)})
			return faulty.ModifyOrNew(ctx, dynamapper.Key(id),
				func(w *tokenWallet) error { w.Balance += 50; return nil })
		},
		"Update, If": func(_ *testing.T, id string) (*tokenWallet, error) {
			return faulty.Update(dynamapper.Key(id)).Add("balance", -150).If(rich).Run(ctx)
		},
		"Update, If, Idempotent": func(_ *testing.T, id string) (*tokenWallet, error) {
			return faulty.Update(dynamapper.Key(id)).Add("balance", -150).If(rich).Idempotent().
				Run(ctx)
		},
	} {
		t.Run(name, func(t *testing.T) {
			require.NoError(t, good.Save(ctx, tokenWallets.make(name, 200)))
			line.Clear()
			for _, operation := range []string{"PutItem", "UpdateItem", "TransactWriteItems"} {
				line.On(operation, 1, twice())
			}
			sent.Take()
			item, err := write(t, name)
			require.NoError(t, err)
			require.Len(t, line.Pending(), 2, "one of them was repeated")
			require.Equal(t, 50, tokenWallets.stored(t, good, name))
			require.Equal(t, 50, item.Balance)
			if name == "FC" || name == "CI" {
				return // the response to the repetition does not contain the item as it was before
			}
			requireAsStored(t, faulty, item, name)
			item.Balance = 40
			require.NoError(t, faulty.Save(ctx, item, dynamapper.FailOnConflict()),
				"the snapshot is the written item")
		})
	}
}

// A transaction is also recognized by the tokens of its items, here by a service that has forgotten
// the token of the request.
func TestARepeatedTransactionKnowsItsTokens(t *testing.T) {
	t.Parallel()
	line := dynamotest.NewFaults()
	m := line.Mapper(t)
	wallets, entries := fixtures.TableIn[tokenWallet](t, m), fixtures.TableIn[logEntry](t, m)
	require.NoError(t, wallets.Save(t.Context(), tokenWallets.make("1", 200)))
	line.Clear()
	line.On("TransactWriteItems", 1, withAnotherToken())
	calls := 0
	require.NoError(t,
		m.RunTransaction(t.Context(), func(ctx context.Context, tx *dynamapper.Tx) error {
			calls++
			w, err := wallets.In(tx).Get(ctx, dynamapper.Key("1"))
			if err != nil {
				return err
			}
			w.Balance -= 150
			wallets.In(tx).Save(w)
			entries.In(tx).Save(&logEntry{Text: "paid"})
			return nil
		}))
	require.Equal(t, 1, calls)
	require.Equal(t, 50, tokenWallets.stored(t, wallets, "1"))
	all, err := entries.Scan().Consistent().Collect(t.Context())
	require.NoError(t, err)
	require.Len(t, all, 1)

	line.Clear()
	line.On("TransactWriteItems", 1, withAnotherToken())
	_, err = wallets.Modify(t.Context(), dynamapper.Key("1"),
		func(w *tokenWallet) error { w.Balance -= 50; return nil }, dynamapper.Idempotent())
	require.NoError(t, err)
	require.Equal(t, 0, tokenWallets.stored(t, wallets, "1"))
	require.Empty(t, line.Pending())
}

// withAnotherToken is twice with another token in the repetition, as if the service had forgotten
// the first one.
func withAnotherToken() dynamotest.Fault {
	return sentAgain(func(body []byte) []byte {
		return bytes.Replace(body, []byte(`"ClientRequestToken":"`),
			[]byte(`"ClientRequestToken":"2`), 1)
	})
}

type tokenEntry struct {
	dynamapper.Model `dynamo:"tokenentries"`
	ID               int64  `dynamo:"id,hash,autoincrement"`
	Text             string `dynamo:"text"`
	Version          string `dynamo:"version,version"`
}

// A repeated insertion with a new id takes no further id. With a string version the mapper
// recognizes its own item. Without one the outcome is unknown, and the error names the id.
func TestARepeatedInsertionTakesOneID(t *testing.T) {
	t.Parallel()
	t.Run("a string version", func(t *testing.T) {
		t.Parallel()
		faulty, good, line, _ := fixtures.FaultyTable[tokenEntry](t)
		line.Each("PutItem", fixtures.Always(twice()))
		entry := &tokenEntry{Text: "one"}
		require.NoError(t, faulty.Save(t.Context(), entry))
		require.EqualValues(t, 1, entry.ID)
		require.NoError(t,
			faulty.BatchSave(t.Context(), []*tokenEntry{{Text: "two"}, {Text: "three"}}))
		require.Equal(t, 2, line.Sent("UpdateItem"))
		all, err := good.Scan().Consistent().Collect(t.Context())
		require.NoError(t, err)
		require.Len(t, all, 3)
	})
	t.Run("no version", func(t *testing.T) {
		t.Parallel()
		faulty, good, line, _ := fixtures.FaultyTable[logEntry](t)
		line.Each("PutItem", fixtures.Always(twice()))
		entry := &logEntry{Text: "one"}
		doubt := fixtures.RequireDoubt(t, faulty.Save(t.Context(), entry))
		require.Equal(t, good.Name(), doubt.Table)
		require.EqualValues(t, 1, doubt.Key.Hash())
		require.Equal(t, logEntry{Text: "one"}, *entry)
		require.Equal(t, 1, line.Sent("UpdateItem"))
		err := faulty.BatchSave(t.Context(), []*logEntry{{Text: "two"}})
		require.Equal(t, dynamapper.Key(int64(2)), fixtures.RequireDoubt(t, err).Key)
		requireUnwritten(t, err, 0)
		all, err := good.Scan().Consistent().Collect(t.Context())
		require.NoError(t, err)
		require.Len(t, all, 2)
	})
	t.Run("an id by hand", func(t *testing.T) {
		t.Parallel()
		faulty, good, _, _ := fixtures.FaultyTable[logEntry](t)
		fixtures.PutRaw(
			t,
			good.Name(),
			fixtures.Attributes{"id": fixtures.Number("1"), "text": fixtures.Text("by hand")},
		)
		entry := &logEntry{Text: "two"}
		require.NoError(t, faulty.Save(t.Context(), entry))
		require.EqualValues(t, 2, entry.ID)
	})
}
