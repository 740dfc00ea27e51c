package dynamapper

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// givenResponse starts a server that gives the same response to every request, and returns a mapper
// that sends each request to it once.
func givenResponse(t *testing.T, status int, body string, opts ...Option) *Mapper {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Type", "application/x-amz-json-1.0")
		w.Header().Set("X-Amzn-Requestid", "REQUEST-ID")
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}))
	t.Cleanup(server.Close)
	return givenEndpoint(t, server.URL, opts...)
}

func givenEndpoint(t *testing.T, url string, opts ...Option) *Mapper {
	t.Helper()
	cfg := aws.Config{
		Region:           "eu-west-1",
		Credentials:      credentials.NewStaticCredentialsProvider("key", "secret", ""),
		RetryMaxAttempts: 1,
	}
	m, err := Connect(t.Context(), append([]Option{WithConfig(cfg), WithEndpoint(url)}, opts...)...)
	require.NoError(t, err)
	return m
}

// getItem sends a request and returns its error before and after the explanation.
func getItem(ctx context.Context, m *Mapper) (raw, explained error) {
	key := map[string]types.AttributeValue{"login": &types.AttributeValueMemberS{Value: "waldo"}}
	_, raw = m.client.GetItem(ctx, &dynamodb.GetItemInput{TableName: aws.String("users"), Key: key})
	return raw, m.explain("GetItem", "users", raw)
}

func TestExplainResponses(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		code, message string
		says          string
	}{
		{"ResourceNotFoundException", "Requested resource not found",
			`the table does not exist in region "eu-west-1" at http://127.0.0.1`},
		{"ResourceInUseException", "", "being created, changed or deleted"},
		{"LimitExceededException", "", "too many tables"},
		{"UnrecognizedClientException", "The security token included in the request is invalid.",
			"check WithCredentials"},
		{"MissingAuthenticationTokenException", "", "the request is not signed"},
		{"InvalidSignatureException", "", "check the secret access key, and the clock"},
		{"ExpiredTokenException", "", "the credentials have expired"},
		{"AccessDeniedException", "is not authorized to perform: dynamodb:GetItem", "IAM policy"},
		{"ValidationException", "Something is off",
			"the service refused the request as invalid: ValidationException: Something is off"},
		{"ValidationException", "Item size has exceeded the maximum allowed size", "400 KB"},
		{"ValidationException", "The table does not have the specified index: by-email",
			"add it with UpdateTable"},
		{"ValidationException", "The provided key element does not match the schema",
			"call Verify"},
		{"ValidationException", "Missing the key login in the item", "call Verify"},
		{"ProvisionedThroughputExceededException", "",
			"the capacity of the table or an index is used up"},
		{"ThrottlingException", "", "throttles"},
		{"RequestLimitExceeded", "", "the account's limit of requests"},
		{"ItemCollectionSizeLimitExceededException", "", "10 GB"},
		{"TransactionConflictException", "", "another write is running on the item"},
		{"InternalServerError", "", "the service failed"},
		{"NewException", "something else", "NewException: something else"},
	} {
		t.Run(test.code, func(t *testing.T) {
			body := fmt.Sprintf(`{"__type":"com.amazonaws.dynamodb.v20120810#%s","message":%q}`,
				test.code, test.message)
			raw, err := getItem(t.Context(), givenResponse(t, http.StatusBadRequest, body))

			require.ErrorContains(t, err, `dynamapper: GetItem: table "users": `)
			require.ErrorContains(t, err, test.says)
			require.ErrorContains(t, err, test.code)
			require.ErrorContains(t, err, test.message)
			require.ErrorContains(t, err, "(request REQUEST-ID)")
			require.NotContains(t, err.Error(), "waldo")
			require.ErrorIs(t, err, raw)
			var api smithy.APIError
			require.ErrorAs(t, err, &api)
			require.Equal(t, test.code, api.ErrorCode())
			var request *RequestError
			require.ErrorAs(t, err, &request)
			require.Equal(t, []any{"GetItem", "users", raw},
				[]any{request.Op, request.Table, request.Err})
		})
	}
}

func TestExplainKeepsTypes(t *testing.T) {
	t.Parallel()
	_, err := getItem(t.Context(), givenResponse(t, http.StatusBadRequest,
		`{"__type":"com.amazonaws.dynamodb.v20120810#ResourceNotFoundException","message":"Requested resource not found"}`, WithTablePrefix("staging-")))
	var missing *types.ResourceNotFoundException
	require.ErrorAs(t, err, &missing)
	require.ErrorContains(t, err, `check the region and the table prefix "staging-"`)
}

func TestExplainOtherResponses(t *testing.T) {
	t.Parallel()
	t.Run("given a server that is no DynamoDB", func(t *testing.T) {
		_, err := getItem(t.Context(),
			givenResponse(t, http.StatusBadGateway, "<html>bad gateway</html>"))
		require.ErrorContains(t, err, `dynamapper: GetItem: table "users": `)
		require.ErrorContains(t, err, "502")
	})
	t.Run("given a response that is no JSON", func(t *testing.T) {
		_, err := getItem(t.Context(), givenResponse(t, http.StatusOK, "{"))
		require.ErrorContains(t, err, `dynamapper: GetItem: table "users": `)
	})
}

func TestExplainUnreachable(t *testing.T) {
	t.Parallel()
	t.Run("given a closed port", func(t *testing.T) {
		const address = "127.0.0.1:1" // another test may take a port that was free
		raw, err := getItem(t.Context(), givenEndpoint(t, "http://user:hidden@"+address))
		require.ErrorContains(t, err,
			"the endpoint http://user:xxxxx@"+address+" cannot be reached; check its host and port")
		require.NotContains(t, err.Error(), "hidden")
		require.ErrorIs(t, err, raw)
	})
	t.Run("given a region without a host", func(t *testing.T) {
		refuse := func(context.Context, string, string) (net.Conn, error) {
			return nil, &net.OpError{Op: "dial", Net: "tcp",
				Err: &net.DNSError{Err: "no such host", Name: "dynamodb.eu-west-9.amazonaws.com",
					IsNotFound: true}}
		}
		_, err := getItem(t.Context(), givenConfig(t, aws.Config{
			Region:      "eu-west-9",
			Credentials: credentials.NewStaticCredentialsProvider("key", "secret", ""),
			HTTPClient:  &http.Client{Transport: &http.Transport{DialContext: refuse}},
		}))
		require.ErrorContains(t, err,
			`DynamoDB cannot be reached; check the network, and that the region "eu-west-9" exists: lookup dynamodb.eu-west-9`)
	})
	t.Run("given a connection that breaks", func(t *testing.T) {
		server := httptest.NewServer(
			http.HandlerFunc(
				func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }))
		t.Cleanup(server.Close)
		_, err := getItem(t.Context(), givenEndpoint(t, server.URL))
		require.ErrorContains(t, err, `dynamapper: GetItem: table "users": `)
		require.ErrorContains(t, err, "EOF")
	})
}

// givenConfig returns a mapper with a client passed to New, which does not check its configuration.
func givenConfig(t *testing.T, cfg aws.Config) *Mapper {
	t.Helper()
	cfg.RetryMaxAttempts = 1
	m, err := New(dynamodb.NewFromConfig(cfg))
	require.NoError(t, err)
	return m
}

func TestExplainCredentials(t *testing.T) {
	const says = `dynamapper: GetItem: table "users": no credentials could be had; set AWS_ACCESS_KEY_ID`
	unreachable := aws.String("http://127.0.0.1:1") // nothing is sent
	t.Run("given nothing configured", func(t *testing.T) {
		isolate(t)
		m, err := Connect(t.Context(), WithRegion("eu-west-1"))
		require.NoError(t, err)
		raw, err := getItem(t.Context(), m)
		require.ErrorContains(t, err, says)
		require.ErrorContains(t, err, "AWS_EC2_METADATA_DISABLED")
		require.NotContains(t, err.Error(), "operation error DynamoDB")
		require.ErrorIs(t, err, raw)
	})
	t.Run("given a metadata service without a role", func(t *testing.T) {
		isolate(t)
		metadata := httptest.NewServer(http.NotFoundHandler())
		t.Cleanup(metadata.Close)
		t.Setenv("AWS_EC2_METADATA_DISABLED", "false")
		t.Setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", metadata.URL)
		m, err := Connect(t.Context(), WithRegion("eu-west-1"))
		require.NoError(t, err)
		_, err = getItem(t.Context(), m)
		require.ErrorContains(t, err, says)
	})
	t.Run("given an empty key", func(t *testing.T) {
		_, err := getItem(t.Context(), givenConfig(t, aws.Config{
			Region: "eu-west-1", BaseEndpoint: unreachable,
			Credentials: credentials.NewStaticCredentialsProvider("", "", ""),
		}))
		require.ErrorContains(t, err, says)
		var empty *credentials.StaticCredentialsEmptyError
		require.ErrorAs(t, err, &empty)
	})
	t.Run("given a provider that fails", func(t *testing.T) {
		failed := errors.New("the vault is sealed")
		_, err := getItem(t.Context(),
			givenConfig(t, aws.Config{Region: "eu-west-1", BaseEndpoint: unreachable,
				Credentials: aws.CredentialsProviderFunc(
					func(context.Context) (aws.Credentials, error) {
						return aws.Credentials{},
							failed
					})}))
		require.ErrorContains(t, err, says)
		require.ErrorContains(t, err, "the vault is sealed")
		require.ErrorIs(t, err, failed)
	})
}

func TestExplainNoRegion(t *testing.T) {
	t.Parallel()
	_, err := getItem(t.Context(),
		givenConfig(t,
			aws.Config{Credentials: credentials.NewStaticCredentialsProvider("key", "secret", "")}))
	require.ErrorContains(t, err, "the client has no region; give the client a region")
}

func TestExplainContext(t *testing.T) {
	t.Parallel()
	hanging := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		<-r.Context().Done()
	}))
	t.Cleanup(hanging.Close)
	m := givenEndpoint(t, hanging.URL)

	t.Run("given a cancelled one", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		_, err := getItem(ctx, m)
		require.EqualError(t, err, `dynamapper: GetItem: table "users": the context was cancelled`)
		require.ErrorIs(t, err, context.Canceled)
	})
	t.Run("given a cancellation while waiting", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(20*time.Millisecond, cancel)
		_, err := getItem(ctx, m)
		require.EqualError(t, err, `dynamapper: GetItem: table "users": the context was cancelled`)
		require.ErrorIs(t, err, context.Canceled)
	})
	t.Run("given a deadline", func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
		defer cancel()
		_, err := getItem(ctx, m)
		require.ErrorContains(t, err,
			`dynamapper: GetItem: table "users": no response came before the deadline`)
		require.ErrorIs(t, err, context.DeadlineExceeded)
	})
	t.Run("given a deadline in the past", func(t *testing.T) {
		ctx, cancel := context.WithDeadline(t.Context(), time.Now().Add(-time.Second))
		defer cancel()
		_, err := getItem(ctx, m)
		require.ErrorContains(t, err, "no response came before the deadline")
		require.ErrorIs(t, err, context.DeadlineExceeded)
	})
}

func TestExplainPassesOwnErrors(t *testing.T) {
	t.Parallel()
	m := &Mapper{}
	for _, own := range []error{
		ErrNotFound, ErrPartial, ErrInvalidCursor,
		&SchemaError{Problem: "no hash key"},
		&FieldError{Op: "Get", Field: "User.Age", Err: errors.New("out of range")},
		&OverwriteError{Table: "users"},
		&ConflictError{Table: "users"},
		&ConditionError{Table: "users"},
		&UnknownOutcomeError{Op: "Save", Table: "users", Err: context.Canceled},
		&MaxRetriesExceededError{Op: "Save", Tries: 100, Err: &types.ThrottlingException{}},
		&InvalidRegionError{Region: "moon"},
		&BatchError{Table: "users", Err: &types.ThrottlingException{}},
		&TransactionError{Reasons: []error{nil, &types.ThrottlingException{}}},
		m.explain("GetItem", "users", io.ErrUnexpectedEOF),
	} {
		assert.Equal(t, own, m.explain("GetItem", "other", own))
		wrapped := fmt.Errorf("more: %w", own)
		assert.Equal(t, wrapped, m.explain("GetItem", "other", wrapped))
	}
	assert.NoError(t, m.explain("GetItem", "users", nil))
}

func TestExplainOfSeveralTables(t *testing.T) {
	t.Parallel()
	err := (&Mapper{}).explain("BatchGetItem", "", io.ErrUnexpectedEOF)
	require.EqualError(t, err, "dynamapper: BatchGetItem: unexpected EOF")
}

func TestExplainOfAFake(t *testing.T) {
	t.Parallel()
	fake := struct{ Client }{}
	err := (&Mapper{client: fake}).explain("GetItem", "users",
		&types.ResourceNotFoundException{Message: aws.String("gone")})
	require.EqualError(t, err,
		`dynamapper: GetItem: table "users": the table does not exist; create it with CreateTable or EnsureTable, `+
			`or check the region and WithTablePrefix: ResourceNotFoundException: gone`)
}
