package dynamapper

import (
	"net/url"
	"reflect"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper/internal/timetext"
)

// A time is stored with nine digits of a second and Z, whatever its zone and precision.
func TestStoredTimeForm(t *testing.T) {
	t.Parallel()
	paris := time.FixedZone("", 2*60*60)
	for _, test := range []struct {
		time time.Time
		want string
	}{
		{time.Date(2012, 5, 31, 12, 0, 0, 0, time.UTC), "2012-05-31T12:00:00.000000000Z"},
		{time.Date(2012, 5, 31, 12, 0, 0, 1, time.UTC), "2012-05-31T12:00:00.000000001Z"},
		{time.Date(2012, 5, 31, 1, 30, 0, 999999999, paris), "2012-05-30T23:30:00.999999999Z"},
		{time.Date(9, 1, 2, 3, 4, 5, 6, time.UTC), "0009-01-02T03:04:05.000000006Z"},
		{time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC), "0000-01-01T00:00:00.000000000Z"},
		{time.Date(9999, 12, 31, 23, 59, 59, 999999999, time.UTC),
			"9999-12-31T23:59:59.999999999Z"},
		{time.Date(2012, 2, 29, 23, 59, 59, 0, time.Local),
			time.Date(2012, 2, 29, 23, 59, 59, 0, time.Local).UTC().Format(timetext.Stored)},
	} {
		text, err := encodeOne(t, reflect.ValueOf(test.time), "")
		require.NoError(t, err)
		require.Equal(t, `{"S":"`+test.want+`"}`, text)
	}
}

// Any offset and fraction of RFC 3339 is decoded, and the form of dynamodb-mapper. The result is in
// UTC.
func TestTimesRead(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]time.Time{
		"2012-05-31T12:00:00.000042+00:00": time.Date(2012, 5, 31, 12, 0, 0, 42000, time.UTC),
		"2012-05-31T12:00:00Z":             time.Date(2012, 5, 31, 12, 0, 0, 0, time.UTC),
		"2012-05-31T12:00:00.5Z":           time.Date(2012, 5, 31, 12, 0, 0, 5e8, time.UTC),
		"2012-05-31T14:00:00+02:00":        time.Date(2012, 5, 31, 12, 0, 0, 0, time.UTC),
		"2012-05-31T06:30:00.123456789-05:30": time.Date(2012, 5, 31, 12, 0, 0, 123456789,
			time.UTC),
		"2012-05-31T12:00:00.123456789999Z": time.Date(2012, 5, 31, 12, 0, 0, 123456789,
			time.UTC),
		"0001-01-01T00:00:00Z":                   {},
		"2012-05-31T12:00:00.00000000000000000Z": time.Date(2012, 5, 31, 12, 0, 0, 0, time.UTC),
	} {
		v, err := decodeOne(t, `{"S":"`+text+`"}`, timeType, "")
		require.NoError(t, err, text)
		require.Equal(t, want, v.Interface(), text)
	}
}

func TestTimesRefused(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ wire, options, text string }{
		{`{"S":""}`, "", "not a time in RFC 3339"},
		{`{"S":"yesterday"}`, "", "not a time in RFC 3339"},
		{`{"S":"2012-05-31 12:00:00Z"}`, "", "not a time in RFC 3339"},
		{`{"S":"2012-05-31"}`, "", "not a time in RFC 3339"},
		{`{"S":"2012-13-31T12:00:00Z"}`, "", "not a time in RFC 3339"},
		{`{"S":"0000-01-01T00:00:00+01:00"}`, "", "outside 0 to 9999"},
		{`{"S":"9999-12-31T23:59:59-01:00"}`, "", "outside 0 to 9999"},
		{`{"S":"2012-05-31T12:00:00Z"}`, ",layout=DateOnly", "not a time in the layout"},
		{`{"N":"253402300800"}`, ",unixtime", "outside 0 to 9999"},
		{`{"N":"-1E20"}`, ",unixtime", "does not fit"},
		{`{"N":"253402300799999.5"}`, ",unixtime", "outside 0 to 9999"},
		{`{"N":"1.5E100"}`, ",unixtime", "does not fit"},
		{`{"N":"253402300800000"}`, ",unixmilli", "outside 0 to 9999"},
		{`{"S":"2012-05-31T12:00:00"}`, ",layout=RFC3339", "not a time in the layout"},
		{`{"S":"2012-05-31T12:00:00Z"}`, ",layout=2006-01-02T15:04:05", "not a time in the layout"},
	} {
		_, err := decodeOne(t, test.wire, timeType, test.options)
		require.ErrorContains(t, err, test.text, test.wire)
	}
	for _, at := range []time.Time{
		time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC),
		time.Date(-1, 12, 31, 0, 0, 0, 0, time.UTC),
		time.Date(9999, 12, 31, 23, 59, 59, 0, time.FixedZone("", -3600)),
	} {
		for _, options := range []string{"", ",unixtime", ",unixmilli", ",layout=RFC1123", ",ttl"} {
			_, err := encodeOne(t, reflect.ValueOf(at), options)
			require.ErrorContains(t, err, "outside 0 to 9999")
		}
	}
}

// The other forms of times are encoded and decoded.
func TestTimeOptions(t *testing.T) {
	t.Parallel()
	at := time.Date(2012, 5, 31, 12, 0, 0, 42000, time.UTC)
	for _, test := range []struct {
		options string
		time    time.Time
		wire    string
		back    time.Time
	}{
		{",unixtime", at, `{"N":"1338465600"}`, at.Truncate(time.Second)},
		{",ttl", at, `{"N":"1338465600"}`, at.Truncate(time.Second)},
		{",unixtime", time.Unix(0, 0), `{"N":"0"}`, time.Unix(0, 0).UTC()},
		{",unixtime", time.Unix(-2, 5e8), `{"N":"-2"}`, time.Unix(-2, 0).UTC()},
		{",unixmilli", at, `{"N":"1338465600000"}`, at.Truncate(time.Millisecond)},
		{",unixmilli", at.Add(42 * time.Millisecond), `{"N":"1338465600042"}`,
			at.Truncate(time.Second).Add(42 * time.Millisecond)},
		{",unixmilli", time.Unix(-2, 5006e5), `{"N":"-1500"}`, time.Unix(-2, 5e8).UTC()},
		{",unixmilli", time.Time{}, "", time.Time{}},
		{",unixtime", time.Time{}, "", time.Time{}},
		{",layout=DateOnly", at, `{"S":"2012-05-31"}`,
			time.Date(2012, 5, 31, 0, 0, 0, 0, time.UTC)},
		{",layout=2006-01-02T15:04:05.000000-07:00", at, `{"S":"2012-05-31T12:00:00.000042+00:00"}`,
			at},
		{",layout=2006-01-02T15:04:05.000000-07:00", at.In(time.FixedZone("", 3600)),
			`{"S":"2012-05-31T12:00:00.000042+00:00"}`, at},
		{",layout=TimeOnly", at, `{"S":"12:00:00"}`, time.Date(0, 1, 1, 12, 0, 0, 0, time.UTC)},
		{",layout=DateOnly", time.Time{}, "", time.Time{}},
		{",omitempty", at, `{"S":"2012-05-31T12:00:00.000042000Z"}`, at},
	} {
		text, err := encodeOne(t, reflect.ValueOf(test.time), test.options)
		require.NoError(t, err)
		require.Equal(t, test.wire, text)
		if text == "" {
			continue
		}
		v, err := decodeOne(t, text, timeType, test.options)
		require.NoError(t, err)
		require.Equal(t, test.back, v.Interface())
	}
	v, err := decodeOne(t, `{"S":"2012-05-31T14:00:00.000042+02:00"}`, timeType,
		",layout=2006-01-02T15:04:05.000000-07:00")
	require.NoError(t, err)
	require.Equal(t, at, v.Interface(), "the offset is read, and the result is in UTC")
}

// The option ttl also suits integers, which are stored unchanged.
func TestTTLOfIntegers(t *testing.T) {
	t.Parallel()
	requireStored(t, int64(1338465600), ",ttl", `{"N":"1338465600"}`)
	requireStored(t, pointer(int64(0)), ",ttl", `{"N":"0"}`)
}

// Elements of documents are always stored, including the zero time.
func TestTimesInDocuments(t *testing.T) {
	t.Parallel()
	requireStored(t, []time.Time{{}, time.Unix(0, 0).UTC()}, ",document",
		`{"L":[{"S":"0001-01-01T00:00:00.000000000Z"},{"S":"1970-01-01T00:00:00.000000000Z"}]}`)
}

// birthday is a time with a method of its own that does not change how it is stored.
type birthday time.Time

func (b birthday) String() string { return time.Time(b).Format(time.DateOnly) }

// A type defined as time.Time is stored like a time, at every place and with every option.
func TestTimesByAnotherName(t *testing.T) {
	t.Parallel()
	at := birthday(time.Date(2012, 5, 31, 12, 0, 0, 0, time.UTC))
	requireStored(t, at, "", `{"S":"2012-05-31T12:00:00.000000000Z"}`)
	requireStored(t, at, ",unixtime", `{"N":"1338465600"}`)
	requireStored(t, at, ",unixmilli", `{"N":"1338465600000"}`)
	requireStored(t, &at, ",layout=RFC1123", `{"S":"Thu, 31 May 2012 12:00:00 UTC"}`)
	requireStored(t, []birthday{at}, ",set,unixtime", `{"NS":["1338465600"]}`)
	requireStored(t, []birthday{at}, ",document", `{"L":[{"S":"2012-05-31T12:00:00.000000000Z"}]}`)
	requireStored(t, birthday{}, "", "")
	type stamped struct {
		Model   `dynamo:"stamped"`
		ID      birthday  `dynamo:"id,hash"`
		Created birthday  `dynamo:"created,created"`
		Updated birthday  `dynamo:"updated,updated,unixmilli"`
		Since   *birthday `dynamo:"since,default=2012-05-31T12:00:00Z"`
		Now     birthday  `dynamo:"now,default=now"`
	}
	table := tableOf[stamped](t)
	item := table.New()
	require.Equal(t, &at, item.Since)
	require.False(t, time.Time(item.Now).IsZero())
	item.ID = at
	written, err := table.MarshalItem(item)
	require.NoError(t, err)
	require.Contains(t, written, "now")
	require.Equal(t, "2012-05-31T12:00:00Z", table.ToMap(item)["id"])
	_, err = table.stamp(item, writeSettings{}, time.Time(at))
	require.NoError(t, err)
	require.Equal(t, at, item.Created)
	require.Equal(t, at, item.Updated)
	key, err := table.schema.encodeKey(Key(time.Time(at)))
	require.NoError(t, err)
	ours, err := table.schema.encodeKey(Key(at))
	require.NoError(t, err)
	require.Equal(t, ours, key, "a time.Time suits a type defined as time.Time")
}

// A URL is stored as its text, at every place.
func TestURLs(t *testing.T) {
	t.Parallel()
	parse := func(text string) url.URL {
		u, err := url.Parse(text)
		require.NoError(t, err)
		return *u
	}
	page := parse("https://waldo:s3cr3t@example.com/a%2Fb?x=1&y#z")
	const stored = `{"S":"https://waldo:s3cr3t@example.com/a%2Fb?x=1&y#z"}`
	requireStored(t, page, "", stored)
	requireStored(t, &page, "", stored)
	requireStored(t, []url.URL{page}, ",document", `{"L":[`+stored+`]}`)
	requireStored(t, map[string]*url.URL{"a": &page}, ",document", `{"M":{"a":`+stored+`}}`)
	requireStored(t, []url.URL{page, parse("/b")}, ",set",
		`{"SS":["https://waldo:s3cr3t@example.com/a%2Fb?x=1&y#z","/b"]}`)
	requireStored(t, url.URL{}, "", "")
	_, err := decodeOne(t, `{"S":"http://s3cr3t%"}`, urlType, "")
	require.ErrorContains(t, err, "the text is not a URL")
	require.NotContains(t, err.Error(), "s3cr3t")
	_, err = decodeOne(t, `{"N":"1"}`, urlType, "")
	require.ErrorContains(t, err, "type N, and the Go type url.URL takes S")

	type bookmark struct {
		Model `dynamo:"bookmarks"`
		URL   url.URL   `dynamo:"url,hash"`
		Links []url.URL `dynamo:"links,set"`
	}
	table := tableOf[bookmark](t)
	key, err := table.schema.encodeKey(Key("https://example.com/?"))
	require.NoError(t, err)
	require.Equal(t, itemKey{hash: `{"S":"https://example.com/?"}`}, key)
	shown := table.ToMap(
		&bookmark{URL: page, Links: []url.URL{parse("/b"), parse("/a"), parse("/b")}})
	require.Equal(t, map[string]any{"url": page.String(), "links": []string{"/a", "/b"}}, shown)
}
