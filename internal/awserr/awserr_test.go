package awserr

import (
	"errors"
	"fmt"
	"go/ast"
	"go/build"
	"go/parser"
	"go/token"
	"io/fs"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/require"
)

// sdkErrors makes an error of each type that the SDK has for the service's error responses.
func sdkErrors(t *testing.T) map[string]smithy.APIError {
	t.Helper()
	made := map[string]smithy.APIError{}
	for name, entry := range dynamodb.TypeRegistry.Entries {
		api, ok := entry.New().(smithy.APIError)
		require.True(t, ok, name)
		_, code, _ := strings.Cut(name, "#")
		require.Equal(t, code, api.ErrorCode())
		made[code] = api
	}
	return made
}

// The SDK's registry has every error type of its package types.
func TestTheRegistryHasAllErrorTypes(t *testing.T) {
	t.Parallel()
	registered := sdkErrors(t)
	const types = "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	sdk, err := build.Import(types, ".", build.FindOnly)
	require.NoError(t, err)
	isSource := func(file fs.FileInfo) bool { return !strings.HasSuffix(file.Name(), "_test.go") }
	//lint:ignore SA1019 a directory of files is what is to be read
	packages, err := parser.ParseDir(token.NewFileSet(), sdk.Dir, isSource, 0)
	require.NoError(t, err)
	found := 0
	for _, file := range packages["types"].Files {
		for _, declaration := range file.Decls {
			method, ok := declaration.(*ast.FuncDecl)
			if !ok || method.Recv == nil || method.Name.Name != "ErrorFault" {
				continue
			}
			found++
			receiver := method.Recv.List[0].Type.(*ast.StarExpr).X.(*ast.Ident)
			require.Contains(t, registered, receiver.Name)
		}
	}
	require.Len(t, registered, found)
}

// The table has each error for which the SDK has a type, with a fix. A failure of the service may
// have been applied; of the refusals, only the one for our own try in progress.
func TestTheTableHasAllErrorsOfTheSDK(t *testing.T) {
	t.Parallel()
	for code, api := range sdkErrors(t) {
		known, ok := table[code]
		require.True(t, ok, "%s is not in the table", code)
		require.NotEmpty(t, known.Fix, code)
		perhaps := api.ErrorFault() == smithy.FaultServer ||
			code == "TransactionInProgressException"
		require.Equal(t, perhaps, known.Perhaps, code)
		require.Equal(t, perhaps, !IsRefusal(code), code)
		require.Equal(t, known.Fix, FixOf(api), code)
	}
}

// A request that may have been applied is only sent again with a token. A request that is sent
// again without one was not applied.
func TestWhatIsSentAgain(t *testing.T) {
	t.Parallel()
	for code, known := range table {
		require.Equal(t, known.Perhaps, known.Again == WithToken, code)
		require.NotEmpty(t, known.Fix, code)
	}
	for again, errs := range map[Again][]error{
		Contended: {&types.TransactionConflictException{},
			&types.ReplicatedWriteConflictException{}},
		Throttled: {&types.ThrottlingException{}, &types.RequestLimitExceeded{},
			&types.ProvisionedThroughputExceededException{}},
		WithToken: {&types.TransactionInProgressException{}, &types.InternalServerError{}},
		InUse:     {&types.ResourceInUseException{}},
		Never: {nil, errors.New("no response"), &types.TransactionCanceledException{},
			&types.ConditionalCheckFailedException{},
			&smithy.GenericAPIError{Code: "NewException"}},
	} {
		for _, err := range errs {
			require.Equal(t, again, AgainOf(err), err)
		}
	}
}

// The reasons of a cancellation are the errors of the single requests, under other names.
func TestReasonsOfACancellation(t *testing.T) {
	t.Parallel()
	for reason, passes := range map[string]bool{
		"TransactionConflict": true, "ReplicatedWriteConflict": true, "ThrottlingError": true,
		"ProvisionedThroughputExceeded": true, "ConditionalCheckFailed": false,
		"ValidationError":                 false,
		"ItemCollectionSizeLimitExceeded": false, "AccessDenied": false, "DuplicateItem": false,
	} {
		require.Equal(t, passes, MayPass(reason), reason)
		_, known := table[OfReason(reason)]
		require.True(t, known, reason)
	}
	canceled := func(codes ...string) error {
		err := &types.TransactionCanceledException{}
		for i := range codes {
			err.CancellationReasons = append(err.CancellationReasons,
				types.CancellationReason{Code: &codes[i]})
		}
		return fmt.Errorf("wrapped: %w", err)
	}
	require.Equal(t, Never, AgainOf(canceled("None", "")))
	require.Equal(t, Contended, AgainOf(canceled("None", "TransactionConflict")))
	require.Equal(t, Throttled, AgainOf(canceled("ThrottlingError", "TransactionConflict")))
	require.Equal(t, Throttled, AgainOf(canceled("TransactionConflict", "ThrottlingError")))
	require.Equal(t, Never, AgainOf(canceled("TransactionConflict", "ConditionalCheckFailed")))
	require.False(t, MayPass("None"))
	require.False(t, MayPass(""))
	require.Empty(t, OfReason("None"))
	require.Empty(t, OfReason(""))
}

func TestUnknownResponses(t *testing.T) {
	t.Parallel()
	unknown := fmt.Errorf("wrapped: %w", &smithy.GenericAPIError{Code: "NewException"})
	require.True(t, Is(unknown, "NewException"))
	require.False(t, Is(nil, "NewException"))
	require.True(t, IsInvalid(&smithy.GenericAPIError{Code: "ValidationException"}))
	require.False(t, IsRefusal("NewException"))
	require.False(t, IsRefusal(""))
	_, ok := table["NewException"]
	require.False(t, ok)
}
