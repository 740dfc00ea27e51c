package attack

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"math/rand/v2"
	"net/http"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/dynamotest"
)

// echo responds to every request with the same text, if it has one. Otherwise the engine responds.
type echo struct {
	engine aws.HTTPClient
	status int
	text   []byte // nil: the engine responds, and its response is kept
	sum    string
	kept   []byte

	responded func() // called after each response with a text, if not nil
}

const checksumHeader = "X-Amz-Crc32"

func (e *echo) Do(request *http.Request) (*http.Response, error) {
	if e.text == nil {
		response, err := e.engine.Do(request)
		if err != nil {
			return nil, err
		}
		e.status = response.StatusCode
		e.kept, err = io.ReadAll(response.Body)
		response.Body = io.NopCloser(bytes.NewReader(e.kept))
		return response, err
	}
	if e.responded != nil {
		defer e.responded()
	}
	header := http.Header{"Content-Type": {"application/x-amz-json-1.0"}, checksumHeader: {e.sum}}
	return &http.Response{
		StatusCode: e.status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Header: header,
		ContentLength: int64(len(e.text)), Body: io.NopCloser(bytes.NewReader(e.text)),
		Request: request,
	}, nil
}

// respondWith makes the echo respond with a text and a right or wrong checksum.
func (e *echo) respondWith(text []byte, right bool) {
	sum := crc32.ChecksumIEEE(text)
	if !right {
		sum ^= 1 << 7
	}
	e.text, e.sum = append([]byte{}, text...), strconv.FormatUint(uint64(sum), 10)
}

// onceOnly is a retryer that does not retry.
func onceOnly() aws.Retryer { return aws.NopRetryer{} }

// reader is a read, by the mapper and by the SDK.
type reader struct {
	name string
	ours func(context.Context) ([]*Sample, error)
	sdks func(context.Context) ([]map[string]types.AttributeValue, error)
}

// lab is a mapper and a client of the SDK that get the same responses.
type lab struct {
	echo    *echo
	samples *dynamapper.Table[Sample]
	client  *dynamodb.Client
	sender  sender
	watch   *watch
	past    int // the requests that had ended when the lab was opened
}

func openLab(t *testing.T, by sender) *lab {
	t.Helper()
	server, err := dynamotest.StartEngine()
	if err != nil {
		t.Fatal(err)
	}
	cfg := server.Config()
	l := &lab{echo: &echo{engine: cfg.HTTPClient}, sender: by, watch: &watch{}}
	cfg.HTTPClient, cfg.Retryer = l.echo, onceOnly
	l.client = dynamodb.NewFromConfig(cfg, func(o *dynamodb.Options) {
		o.DisableValidateResponseChecksum = true
	})
	mapper, err := dynamapper.Connect(t.Context(),
		append(by.options(l.watch), dynamapper.WithConfig(cfg))...)
	if err == nil {
		err = warmUp(t.Context(), mapper, l.watch)
	}
	if err != nil {
		t.Fatal(err)
	}
	l.past = l.watch.count()
	if l.samples, err = dynamapper.TableOf[Sample](mapper); err != nil {
		t.Fatal(err)
	}
	if err := l.samples.CreateTable(t.Context()); err != nil {
		t.Fatal(err)
	}
	for n := range 3 {
		if err := l.samples.Save(t.Context(), newSample(n)); err != nil {
			t.Fatal(err)
		}
	}
	return l
}

// readers are the reads of items.
func (l *lab) readers() []reader {
	name := aws.String(l.samples.Name())
	id := func(n int) map[string]types.AttributeValue {
		return map[string]types.AttributeValue{"id": &types.AttributeValueMemberS{Value: "x"},
			"number": &types.AttributeValueMemberN{Value: strconv.Itoa(n)}}
	}
	return []reader{
		{"Get", func(ctx context.Context) ([]*Sample, error) {
			item, err := l.samples.Get(ctx, dynamapper.Key("x", 0))
			if errors.Is(err, dynamapper.ErrNotFound) {
				return nil, nil
			}
			return []*Sample{item}, err
		}, func(ctx context.Context) ([]map[string]types.AttributeValue, error) {
			out, err := l.client.GetItem(ctx, &dynamodb.GetItemInput{TableName: name, Key: id(0)})
			if err != nil || out.Item == nil {
				return nil, err
			}
			return []map[string]types.AttributeValue{out.Item}, nil
		}},
		{"Query", func(ctx context.Context) ([]*Sample, error) {
			return l.samples.Query("x").Collect(ctx)
		}, func(ctx context.Context) ([]map[string]types.AttributeValue, error) {
			out, err := l.client.Query(ctx, &dynamodb.QueryInput{TableName: name})
			if err != nil {
				return nil, err
			}
			return out.Items, nil
		}},
		{"Scan", func(ctx context.Context) ([]*Sample, error) {
			return l.samples.Scan().Collect(ctx)
		}, func(ctx context.Context) ([]map[string]types.AttributeValue, error) {
			out, err := l.client.Scan(ctx, &dynamodb.ScanInput{TableName: name})
			if err != nil {
				return nil, err
			}
			return out.Items, nil
		}},
	}
}

// writers are the writes whose responses or refusals contain an item.
func (l *lab) writers() map[string]func(context.Context) error {
	return map[string]func(context.Context) error{
		"Update": func(ctx context.Context) error {
			_, err := l.samples.Update(dynamapper.Key("x", 0)).Set("small", 12).Run(ctx)
			return err
		},
		"Save": func(ctx context.Context) error {
			return l.samples.Save(ctx, newSample(0), dynamapper.FailOnConflict())
		},
		"Save/X": func(ctx context.Context) error {
			within, cancel := context.WithCancel(ctx)
			defer cancel()
			l.echo.responded = cancel
			return l.samples.Save(within, newSample(0), dynamapper.FailOnConflict(),
				dynamapper.Idempotent())
		},
	}
}

// values reads with the SDK, and makes items from the result.
func (l *lab) values(ctx context.Context, r reader) (items []*Sample, err error) {
	defer recovered(&err)
	raw, err := r.sdks(ctx)
	for _, attributes := range raw {
		item, itemErr := l.samples.UnmarshalItem(attributes)
		if itemErr != nil {
			return nil, fmt.Errorf("%w: %w", errNotStored, itemErr)
		}
		items = append(items, item)
	}
	return items, err
}

// errNotStored is the error of values that the SDK reads and UnmarshalItem refuses, because the
// service never stores them: a NULL that is false, an empty set, a number without digits, more than
// 32 levels. In a response the mapper only checks the attributes that the model has.
var errNotStored = errors.New("the service stores no such value")

var errPanicked = errors.New("panic")

// recovered turns a panic into an error.
func recovered(err *error) {
	if problem := recover(); problem != nil {
		*err = fmt.Errorf("%w: %v", errPanicked, problem)
	}
}

// same reports whether two items are equal, in their fields and in their snapshots.
func (l *lab) same(a, b *Sample) bool {
	return reflect.DeepEqual(l.samples.ToMap(a), l.samples.ToMap(b)) &&
		reflect.DeepEqual(l.samples.Snapshot(a), l.samples.Snapshot(b))
}

// isUnread reports whether the SDK refuses the base64 of a B. The mapper decodes those that the
// model has, and skips the others without checking their base64.
func isUnread(sdksErr error) bool { return strings.Contains(sdksErr.Error(), "base64") }

// differs describes how the mapper's result differs from the SDK's, or returns "" if it does not.
func (l *lab) differs(ours, sdks []*Sample, oursErr, sdksErr error) string {
	switch {
	case errors.Is(oursErr, errPanicked):
		return oursErr.Error()
	case oursErr != nil, errors.Is(sdksErr, errNotStored):
		return "" // a refusal is right
	case sdksErr != nil && isUnread(sdksErr):
		return ""
	case sdksErr != nil:
		return fmt.Sprintf("the SDK refuses it: %v", sdksErr)
	case len(ours) != len(sdks):
		return fmt.Sprintf("%d items, and %d of the SDK", len(ours), len(sdks))
	}
	for i := range ours {
		if !l.same(ours[i], sdks[i]) {
			return fmt.Sprintf("%v\nis not\n%v", l.samples.ToMap(ours[i]), l.samples.ToMap(sdks[i]))
		}
	}
	return ""
}

// However a response is damaged, reading it gives the result of the SDK's own decoder, or an error.
// A wrong checksum always gives an error.
func TestMutations(t *testing.T) {
	t.Parallel()
	for _, by := range senders(t) {
		t.Run(string(by), func(t *testing.T) { testMutations(t, by) })
	}
}

func testMutations(t *testing.T, by sender) {
	l, random := openLab(t, by), rand.New(rand.NewPCG(*seedFlag, 2))
	n := cmp.Or(size(1500), 100_000)
	start, equal, refused := time.Now(), 0, 0
	for _, r := range l.readers() {
		text := l.responseTo(t, func(ctx context.Context) error { _, err := r.ours(ctx); return err })
		for range n / 4 {
			damaged, how := mutate(text, random)
			right := random.IntN(4) > 0 || bytes.Equal(damaged, text)
			l.echo.respondWith(damaged, right)
			ours, err := l.read(t.Context(), r)
			if !right && err == nil {
				t.Fatalf("%s: a wrong checksum was believed", r.name)
			}
			sdks, sdksErr := l.values(t.Context(), r)
			if problem := l.differs(ours, sdks, err, sdksErr); problem != "" {
				t.Errorf("%s, %s: %s\n%s", r.name, how, problem, short(damaged))
			}
			if err != nil {
				refused++
			} else {
				equal++
			}
		}
	}
	l.checkSender(t)
	t.Logf("%d responses to reads in %v, seed %d: %d read as by the SDK, %d refused.",
		equal+refused, time.Since(start).Round(time.Millisecond), *seedFlag, equal, refused)
}

// checkSender checks that all requests were sent by the lab's sender.
func (l *lab) checkSender(t *testing.T) {
	t.Helper()
	for _, o := range l.watch.since(l.past) {
		if err := l.sender.check(o); err != nil {
			t.Error(err)
			return
		}
	}
}

// read reads with the mapper.
func (l *lab) read(ctx context.Context, r reader) (items []*Sample, err error) {
	defer recovered(&err)
	return r.ours(ctx)
}

// responseTo returns the engine's response to a call.
func (l *lab) responseTo(t *testing.T, call func(context.Context) error) []byte {
	t.Helper()
	l.echo.text = nil
	_ = call(t.Context()) // some calls are refused
	return l.echo.kept
}

func short(text []byte) []byte { return text[:min(len(text), 1500)] }

// No response to a write makes the mapper panic, and a response with a wrong checksum is never
// trusted.
func TestMutatedResponsesToWrites(t *testing.T) {
	t.Parallel()
	for _, by := range senders(t) {
		t.Run(string(by), func(t *testing.T) { testMutatedResponsesToWrites(t, by) })
	}
}

func testMutatedResponsesToWrites(t *testing.T, by sender) {
	l, random := openLab(t, by), rand.New(rand.NewPCG(*seedFlag, 3))
	n := cmp.Or(size(1500), 100_000)
	start, count := time.Now(), map[told]int{}
	for name, write := range l.writers() {
		text := l.responseTo(t, write)
		for range n / 12 {
			damaged, how := mutate(text, random)
			right := random.IntN(4) > 0 || bytes.Equal(damaged, text)
			l.echo.respondWith(damaged, right)
			err := func() (err error) {
				defer recovered(&err)
				return write(t.Context())
			}()
			switch {
			case errors.Is(err, errPanicked):
				t.Errorf("%s, %s: %v\n%s", name, how, err, short(damaged))
			case !right && (err == nil || hear(err) == refused): // status 400 alone proves nothing
				t.Errorf("%s, %s: a wrong checksum was believed: %v", name, how, err)
			}
			count[hear(err)]++
		}
	}
	l.checkSender(t)
	t.Logf("responses to writes in %v, seed %d: %d done, %d refused, %d failed, %d unknown.",
		time.Since(start).Round(time.Millisecond), *seedFlag,
		count[done], count[refused], count[failed], count[unknown])
}
