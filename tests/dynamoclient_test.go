package tests

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/tests/internal/fixtures"
)

// ticket has an id that the table assigns.
type ticket struct {
	dynamapper.Model `dynamo:"tickets"`
	ID               int    `dynamo:"id,hash,autoincrement"`
	Title            string `dynamo:"title"`
}

// A client that ignores middleware supports every call, also with observers and a logger.
func TestAClientThatTakesNoMiddleware(t *testing.T) {
	t.Parallel()
	ctx, noted := t.Context(), &fixtures.Requests{}
	mapper, err := dynamapper.New(plain{fixtures.RawClient(t)},
		dynamapper.WithObserver(noted.Observe),
		dynamapper.WithLogger(
			slog.New(
				slog.NewTextHandler(io.Discard, &slog.HandlerOptions{Level: slog.LevelDebug}))))
	require.NoError(t, err)
	vaults, err := dynamapper.TableOf[vault](mapper,
		dynamapper.WithTableName(fixtures.TableOf[vault](t).Name()+"-plain"))
	require.NoError(t, err)
	tickets, err := dynamapper.TableOf[ticket](mapper,
		dynamapper.WithTableName(vaults.Name()+"-tickets"))
	require.NoError(t, err)
	bank := &vault{ID: "bank", Gold: 100}
	for _, call := range []func() error{
		func() error { return vaults.CreateTable(ctx, dynamapper.WaitActive()) },
		func() error { return tickets.EnsureTable(ctx) },
		func() error { return vaults.Verify(ctx) },
		func() error { return vaults.Save(ctx, bank, dynamapper.FailOnConflict()) },
		func() error {
			bank.Gold = 99
			return vaults.Save(ctx, bank, dynamapper.FailOnConflict())
		},
		func() error {
			_, err := vaults.Update(dynamapper.Key("bank")).Add("gold", 1).Run(ctx)
			return err
		},
		func() error {
			_, err := vaults.Modify(ctx, dynamapper.Key("bank"), func(v *vault) error {
				v.Gold++
				return nil
			})
			return err
		},
		func() error { return vaults.BatchSave(ctx, []*vault{{ID: "chest"}, {ID: "purse"}}) },
		func() error { return vaults.Save(ctx, &vault{ID: "box"}, dynamapper.Idempotent()) },
		func() error {
			return mapper.RunTransaction(ctx, func(ctx context.Context, tx *dynamapper.Tx) error {
				v, err := vaults.In(tx).Get(ctx, dynamapper.Key("bank"))
				if err != nil {
					return err
				}
				v.Gold--
				vaults.In(tx).Save(v)
				return nil
			})
		},
		func() error { return tickets.Save(ctx, &ticket{Title: "first"}) },
		func() error { return vaults.DeleteKey(ctx, dynamapper.Key("chest")) },
		func() error { return vaults.BatchDelete(ctx, dynamapper.Keys("purse", "box")) },
		func() error { return tickets.DeleteTable(ctx) },
	} {
		require.NoError(t, call())
	}
	require.Equal(t, 100, fixtures.Load(t, vaults, "bank").Gold)
	require.NoError(t, vaults.DeleteTable(ctx))
	for _, operation := range noted.Operations() {
		require.Equal(t, 1, operation.Attempts, "what the client hides")
	}
}

// failing is a client that hides its tries and ends every write with an error.
type failing struct {
	plain
	err error
}

func (c failing) PutItem(
	context.Context, *dynamodb.PutItemInput, ...sdkOptions,
) (*dynamodb.PutItemOutput, error) {
	return nil, c.err
}

func (c failing) UpdateItem(
	context.Context, *dynamodb.UpdateItemInput, ...sdkOptions,
) (*dynamodb.UpdateItemOutput, error) {
	return nil, c.err
}

func (c failing) BatchWriteItem(
	context.Context, *dynamodb.BatchWriteItemInput, ...sdkOptions,
) (*dynamodb.BatchWriteItemOutput, error) {
	return nil, c.err
}

func (c failing) TransactWriteItems(
	context.Context, *dynamodb.TransactWriteItemsInput, ...sdkOptions,
) (*dynamodb.TransactWriteItemsOutput, error) {
	return nil, c.err
}

// If a client hides its tries, only a refusal, of the service or of the client itself, proves that
// nothing was applied. AWS's DAX client reports a broken connection with the code
// InternalServerError and attributes the fault to the caller.
func TestTheErrorOfAClientThatHidesItsTries(t *testing.T) {
	t.Parallel()
	api := func(code string, fault smithy.ErrorFault) error {
		return &smithy.GenericAPIError{Code: code, Message: "?", Fault: fault}
	}
	for name, c := range map[string]struct {
		err   error
		doubt bool
	}{
		"a connection that broke, of DAX": {api("InternalServerError", smithy.FaultClient), true},
		"a time-out, of DAX":              {api("ResponseTimeout", smithy.FaultClient), true},
		"an unknown code":                 {api("Unknown", smithy.FaultUnknown), true},
		"a failure of the service":        {&types.InternalServerError{}, true},
		"the end of the response":         {io.EOF, true},
		"a deadline":                      {context.DeadlineExceeded, true},
		"a deadline between two tries": {
			&smithy.OperationError{OperationName: "PutItem", Err: context.DeadlineExceeded}, true},
		"a response that is not read": {&smithy.DeserializationError{Err: errors.New("?")}, true},
		"any text":                    {errors.New("the connection is gone"), true},
		"invalid, of DAX":             {api("ValidationException", smithy.FaultServer), false},
		"throttled, of DAX":           {api("ThrottlingException", smithy.FaultServer), false},
		"no table":                    {&types.ResourceNotFoundException{}, false},
		"no route to DAX": {&smithy.OperationError{ServiceID: "dax", OperationName: "PutItem",
			Err: errors.New("no routes found")}, false},
		"invalid, of the client": {smithy.InvalidParamsError{Context: "PutItemInput"}, false},
	} {
		mapper, err := dynamapper.New(failing{plain{fixtures.RawClient(t)}, c.err},
			dynamapper.WithMaxRetries(2))
		require.NoError(t, err)
		vaults, err := dynamapper.TableOf[vault](mapper)
		require.NoError(t, err)
		for call, err := range map[string]error{
			"Save":       vaults.Save(t.Context(), &vault{ID: "bank"}),
			"Idempotent": vaults.Save(t.Context(), &vault{ID: "bank"}, dynamapper.Idempotent()),
			"BatchSave":  vaults.BatchSave(t.Context(), []*vault{{ID: "bank"}, {ID: "chest"}}),
			"Update": func() error {
				_, err := vaults.Update(dynamapper.Key("bank")).Add("gold", 1).Run(t.Context())
				return err
			}(),
		} {
			require.Error(t, err, name+call)
			require.Equal(t, c.doubt, errors.Is(err, dynamapper.ErrUnknownOutcome), "%s: %s: %v",
				name, call, err)
			require.NotContains(t, err.Error(), "credentials", name+call)
		}
	}
}
