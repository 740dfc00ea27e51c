package stage

import (
	"bytes"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

func TestEngineOfTheEnvironment(t *testing.T) {
	for _, environment := range []struct{ endpoint, profile, region, where string }{
		{"http://127.0.0.1:1", "", "eu-west-1",
			"http://127.0.0.1:1, because AWS_ENDPOINT_URL_DYNAMODB is set"},
		{"", "games", "eu-west-1",
			"AWS, or the endpoint of its configuration, because AWS_PROFILE is set (games); " +
				"without flags it costs a fortune"},
		{"", "", "eu-west-1",
			"AWS, or the endpoint of its configuration, because AWS_REGION is set (eu-west-1); " +
				"without flags it costs a fortune"},
	} {
		t.Setenv("AWS_ENDPOINT_URL_DYNAMODB", environment.endpoint)
		t.Setenv("AWS_PROFILE", environment.profile)
		t.Setenv("AWS_REGION", environment.region)
		engine, err := Start(t.Context(), "a fortune")
		require.NoError(t, err)
		require.Equal(t, environment.where, engine.Where)
		require.NoError(t, engine.Close())
	}
}

func TestProgress(t *testing.T) {
	t.Parallel()
	for _, progress := range []struct {
		terminal bool
		want     string
	}{
		{false, "  7 of 9 coins\n"},
		{true, strings.Repeat("\r  7 of 9 coins", 59) + "\r" + strings.Repeat(" ", 15) + "\r"},
	} {
		synctest.Test(t, func(t *testing.T) {
			var out bytes.Buffer
			p := &Printer{out: &out, terminal: progress.terminal}
			stop := p.Watch(func() string { return "7 of 9 coins" })
			time.Sleep(5*time.Second + 950*time.Millisecond) // of the bubble's clock
			stop()
			require.Equal(t, progress.want, out.String())
		})
	}
}
