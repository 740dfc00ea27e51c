package pipeline

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/stretchr/testify/require"
)

// signatures is how many random requests the test signs.
const signatures = 3000

// A template signs any request as the SDK's signer does.
func TestSignatures(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	text := func(most int) string {
		var b strings.Builder
		for range 1 + random.IntN(most) {
			b.WriteByte("abcdefghijklmnopqrstuvwxyzABCDEF0123456789/+=-_."[random.IntN(48)])
		}
		return b.String()
	}
	plain := func(most int) string { return strings.ReplaceAll(text(most), "/", "-") }
	theirs := v4.NewSigner()
	ours := &signers{}
	for range signatures {
		credentials := aws.Credentials{AccessKeyID: plain(24), SecretAccessKey: text(150)}
		if random.IntN(2) == 0 {
			credentials.SessionToken = text(1200)
		}
		at := time.Unix(random.Int64N(4e9), 0)
		body := []byte(text(3000))
		sum := sha256.Sum256(body)
		request, err := http.NewRequest(http.MethodPost, "https://"+plain(9)+".test/", nil)
		require.NoError(t, err)
		request.Header.Set(invocationHeader, text(36))
		request.Header.Set(tryHeader, "attempt=1; max="+strconv.Itoa(random.IntN(9)))
		request.Header.Set("Content-Type", "application/x-amz-json-1.0")
		request.Header.Set("X-Amz-Target", text(20))
		request.Header.Set(agentHeader, text(90))
		request.Header.Set(traceHeader, text(90))
		request.ContentLength = int64(len(body))
		require.NoError(t, theirs.SignHTTP(t.Context(), credentials, request,
			hex.EncodeToString(sum[:]), plain(8), plain(12), at))

		made := makeTemplate(request, "", ours.of)
		require.NotNil(t, made)
		got := made.request(t.Context(), body, &variables{credentials: &credentials, at: at,
			invocation: request.Header.Get(invocationHeader), try: request.Header.Get(tryHeader),
			trace: request.Header.Get(traceHeader), bodyHash: sum, length: len(body)})
		require.Equal(t, request.Header, got.Header)
		require.Equal(t, request.URL, got.URL)
	}
}

// hmacOf equals crypto/hmac for keys and messages of any length.
func TestHMAC(t *testing.T) {
	t.Parallel()
	for _, length := range []int{0, 1, 63, 64, 65, 128, 700} {
		for _, message := range []int{0, 1, 64, 511, 512, 513, 2000} {
			key, text := make([]byte, length), make([]byte, message)
			for i := range key {
				key[i] = byte(i + 1)
			}
			want := hmac.New(sha256.New, key)
			want.Write(text)
			got := hmacOf(key, text)
			require.Equal(t, want.Sum(nil), got[:])
		}
	}
}
