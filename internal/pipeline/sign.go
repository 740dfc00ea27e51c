package pipeline

import (
	"crypto/sha256"
	"encoding/hex"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// The parts of Signature Version 4 that do not change.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
const (
	algorithm  = "AWS4-HMAC-SHA256"
	terminator = "aws4_request"
	dateLayout = "20060102"
	timeLayout = "20060102T150405Z"
)

// scope is where a signature is valid.
type scope struct{ region, service string }

// signer makes signatures. It keeps the signing key, which changes once a day, and the text of the
// current second.
type signer struct {
	scope scope
	key   atomic.Pointer[signingKey]
	clock atomic.Pointer[instant]
}

// signingKey is the key of one day, derived from a secret access key.
type signingKey struct {
	secret, date string
	key          [sha256.Size]byte
}

// instant is the time of a request in the form of the header X-Amz-Date.
type instant struct {
	unix int64
	text string
}

// date returns the day, which the scope of the signature contains.
func (i *instant) date() string { return i.text[:len(dateLayout)] }

// at returns the text of a time.
func (s *signer) at(now time.Time) *instant {
	if kept := s.clock.Load(); kept != nil && kept.unix == now.Unix() {
		return kept
	}
	made := &instant{now.Unix(), now.UTC().Format(timeLayout)}
	s.clock.Store(made)
	return made
}

// keyOf returns the signing key of a day.
func (s *signer) keyOf(secret, date string) *[sha256.Size]byte {
	if kept := s.key.Load(); kept != nil && kept.date == date && kept.secret == secret {
		return &kept.key
	}
	made := &signingKey{secret: secret, date: date}
	made.key = hmacOf([]byte("AWS4"+secret), []byte(date))
	for _, part := range []string{s.scope.region, s.scope.service, terminator} {
		made.key = hmacOf(made.key[:], []byte(part))
	}
	s.key.Store(made)
	return &made.key
}

// appendScope appends the credential scope of a day.
func (s *signer) appendScope(dst []byte, date string) []byte {
	dst = append(append(dst, date...), '/')
	dst = append(append(dst, s.scope.region...), '/')
	dst = append(append(dst, s.scope.service...), '/')
	return append(dst, terminator...)
}

// authorize returns the header Authorization of a request. canonical is the canonical request, and
// signed the names of its headers.
func (s *signer) authorize(
	credentials *aws.Credentials, at *instant, canonical []byte, signed string,
) string {
	var room [512]byte
	text := append(room[:0], algorithm...)
	text = append(append(append(text, '\n'), at.text...), '\n')
	text = append(s.appendScope(text, at.date()), '\n')
	sum := sha256.Sum256(canonical)
	text = hex.AppendEncode(text, sum[:])
	signature := hmacOf(s.keyOf(credentials.SecretAccessKey, at.date())[:], text)

	text = append(room[:0], algorithm...)
	text = append(append(text, " Credential="...), credentials.AccessKeyID...)
	text = s.appendScope(append(text, '/'), at.date())
	text = append(append(text, ", SignedHeaders="...), signed...)
	text = hex.AppendEncode(append(text, ", Signature="...), signature[:])
	return string(text)
}

// hmacOf returns the HMAC-SHA256 of a message. It makes the two hashes of RFC 2104 itself, because
// those of crypto/hmac are allocated.
func hmacOf(key, message []byte) [sha256.Size]byte {
	var block [sha256.BlockSize]byte
	if len(key) > len(block) {
		sum := sha256.Sum256(key)
		copy(block[:], sum[:])
	} else {
		copy(block[:], key)
	}
	var room [sha256.BlockSize + 512]byte
	inner := append(room[:0], block[:]...)
	for i := range inner {
		inner[i] ^= 0x36
	}
	sum := sha256.Sum256(append(inner, message...))
	outer := append(room[:0], block[:]...)
	for i := range outer {
		outer[i] ^= 0x5c
	}
	return sha256.Sum256(append(outer, sum[:]...))
}
