package dynamotest_test

import (
	"context"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper/dynamotest"
)

// The call returns only when the caller gives up. The request was applied all the same.
func TestSilenceLastsUntilTheCallerGivesUp(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		fault   func(signal func()) dynamotest.Fault
		applied bool
	}{
		"nil": {func(signal func()) dynamotest.Fault {
			return func(
				request *http.Request, send func() (*http.Response, error),
			) (*http.Response, error) {
				return dynamotest.Silence(nil)(request, func() (*http.Response, error) {
					defer signal()
					return send()
				})
			}
		}, true},
		"a response": {func(signal func()) dynamotest.Fault {
			return dynamotest.Silence(dynamotest.After(nil, signal))
		}, true},
		"Cut": {func(signal func()) dynamotest.Fault {
			return dynamotest.Silence(dynamotest.After(dynamotest.Cut(), signal))
		}, true},
		"Drop": {func(signal func()) dynamotest.Fault {
			return dynamotest.Silence(dynamotest.After(dynamotest.Drop(), signal))
		}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client, players, line := faultyClient(t)
			ctx, giveUp := context.WithCancel(t.Context())
			met, ended := make(chan struct{}), make(chan error, 1)
			line.On("PutItem", 1, test.fault(func() { close(met) }))
			go func() {
				_, err := client.PutItem(ctx, putInput(players.Name(), name))
				ended <- err
			}()
			<-met
			require.Equal(t, test.applied, isStored(t, players, name))
			require.Empty(t, ended, "nobody has given up")
			giveUp()
			require.ErrorIs(t, <-ended, context.Canceled)
			require.Equal(t, 1, line.Sent("PutItem"))
		})
	}
}

// In a bubble of testing/synctest, Silence and Delay take no time.
func TestWaitingFaultsInABubble(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		dynamotest.RunEngine(t)
		client, players, line := faultyClient(t)
		start := time.Now()
		line.On("PutItem", 1, dynamotest.Delay(time.Hour))
		_, err := client.PutItem(t.Context(), putInput(players.Name(), "delayed"))
		require.NoError(t, err)
		require.Equal(t, time.Hour, time.Since(start))

		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		start = time.Now()
		line.On("PutItem", 1, dynamotest.Silence(nil))
		_, err = client.PutItem(ctx, putInput(players.Name(), "silent"))
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.Equal(t, time.Minute, time.Since(start))
		require.True(t, isStored(t, players, "silent"))
	})
}
