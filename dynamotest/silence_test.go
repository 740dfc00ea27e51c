package dynamotest_test

import (
	"context"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper/dynamotest"
)

// Silence lasts until the caller gives up, and only then the call ends; what was done to the request was done.
func TestSilenceLastsUntilTheCallerGivesUp(t *testing.T) {
	client, players, line := faultyClient(t)
	for name, test := range map[string]struct {
		fault   func(signal func()) dynamotest.Fault
		applied bool
	}{
		"nil": {func(signal func()) dynamotest.Fault {
			return func(request *http.Request, send func() (*http.Response, error)) (*http.Response, error) {
				return dynamotest.Silence(nil)(request, func() (*http.Response, error) {
					defer signal()
					return send()
				})
			}
		}, true},
		"an answer": {func(signal func()) dynamotest.Fault { return dynamotest.Silence(dynamotest.After(nil, signal)) }, true},
		"Cut": {func(signal func()) dynamotest.Fault {
			return dynamotest.Silence(dynamotest.After(dynamotest.Cut(), signal))
		}, true},
		"Drop": {func(signal func()) dynamotest.Fault {
			return dynamotest.Silence(dynamotest.After(dynamotest.Drop(), signal))
		}, false},
	} {
		t.Run(name, func(t *testing.T) {
			ctx, giveUp := context.WithCancel(t.Context())
			met, ended := make(chan struct{}), make(chan error, 1)
			line.Clear()
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
