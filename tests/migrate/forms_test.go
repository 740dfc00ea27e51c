package migrate

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/big"
	"math/rand/v2"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper"
)

type line struct {
	SKU   string    `json:"sku" dynamo:"sku"`
	Count int       `json:"count" dynamo:"count"`
	Price float64   `json:"price" dynamo:"price"`
	At    time.Time `json:"at,omitzero" dynamo:"at"`
	Gift  bool      `json:"gift,omitempty" dynamo:"gift,omitempty"`
}

// grade is stored as lower-case text, and reads any case.
type grade string

func (g grade) MarshalText() ([]byte, error) { return []byte(strings.ToLower(string(g))), nil }

func (g *grade) UnmarshalText(text []byte) error {
	*g = grade(strings.ToLower(string(text)))
	return nil
}

// sealed writes another text each time.
type sealed string

var seals atomic.Int64

func (s sealed) MarshalText() ([]byte, error) {
	if s == "" {
		return nil, nil
	}
	return fmt.Appendf(nil, "%d:%s", seals.Add(1), string(s)), nil
}

func (s *sealed) UnmarshalText(text []byte) error {
	_, plain, _ := strings.Cut(string(text), ":")
	*s = sealed(plain)
	return nil
}

// Extra is embedded by a pointer, which is nil if none of its attributes is stored.
type Extra struct {
	Hint string `dynamo:"hint"`
	Rank int    `dynamo:"rank"`
}

// every has a field of every kind.
type every struct {
	dynamapper.Model `dynamo:"every"`
	ID               string `dynamo:"id,hash"`
	*Extra

	Text    string               `dynamo:"text"`
	Pointer *string              `dynamo:"pointer"`
	Bool    bool                 `dynamo:"bool"`
	Int     int                  `dynamo:"int"`
	Omit    int                  `dynamo:"omit,omitempty"`
	Float   float64              `dynamo:"float"`
	Small   float32              `dynamo:"small"`
	Big     *big.Int             `dynamo:"big"`
	Number  json.Number          `dynamo:"number"`
	Bytes   []byte               `dynamo:"bytes"`
	Grade   grade                `dynamo:"grade"`
	Sealed  sealed               `dynamo:"sealed"`
	Value   types.AttributeValue `dynamo:"value"`
	Any     any                  `dynamo:"any"`

	Time  time.Time `dynamo:"time"`
	Day   time.Time `dynamo:"day,layout=2006-01-02"`
	Unix  time.Time `dynamo:"unix,unixtime"`
	Until time.Time `dynamo:"until,ttl"`

	JSON     line              `dynamo:"json"`
	JSONList []line            `dynamo:"jsonList"`
	JSONMap  map[string]line   `dynamo:"jsonMap"`
	JSONAny  map[string]any    `dynamo:"jsonAny"`
	Doc      line              `dynamo:"doc,document"`
	DocList  []line            `dynamo:"docList,document"`
	DocMap   map[string]line   `dynamo:"docMap,document"`
	DocAny   map[string]any    `dynamo:"docAny,document"`
	Texts    []string          `dynamo:"texts,set"`
	Numbers  []int             `dynamo:"numbers,set"`
	Strings  map[string]string `dynamo:"strings"`
}

var null = &types.AttributeValueMemberNULL{Value: true}

func boolean(b bool) types.AttributeValue { return &types.AttributeValueMemberBOOL{Value: b} }

func textSet(members ...string) types.AttributeValue {
	return &types.AttributeValueMemberSS{Value: members}
}

// form is how an attribute may be stored, and how the model writes it.
type form struct {
	stored, renewed types.AttributeValue // renewed nil: missing
	kept            bool                 // the stored form stays, and the report counts the item
}

// same is a form that stays.
func same(v types.AttributeValue) form { return form{stored: v, renewed: v} }

func renewed(stored, renewed types.AttributeValue) form {
	return form{stored: stored, renewed: renewed}
}

func gone(stored types.AttributeValue) form { return form{stored: stored} }

func kept(v types.AttributeValue) form { return form{v, v, true} }

const (
	timeText   = "2020-01-02T03:04:05.000000000Z"
	pythonTime = "2020-01-02T03:04:05.000000+00:00"
)

// lineDocument is line{SKU: "a", Count: 2, Price: 1.5} as a document.
func lineDocument(more attributes) types.AttributeValue {
	d := attributes{"sku": text("a"), "count": number("2"), "price": number("1.5")}
	maps.Copy(d, more)
	return document(d)
}

var forms = map[string][]form{
	"text":    {same(text("a")), gone(text("")), gone(null)},
	"pointer": {same(text("a")), gone(null)},
	"bool": {same(boolean(true)), same(boolean(false)), renewed(number("1"), boolean(true)),
		renewed(number("0"), boolean(false)), renewed(null, boolean(false))},
	"int":  {same(number("12")), same(number("0")), renewed(null, number("0"))},
	"omit": {same(number("5")), gone(number("0"))},
	"float": {same(number("1.5")), same(number("0.30000000000000004")),
		kept(number("0.1234567890123456789012345"))},
	"small":  {same(number("1.5")), same(number("0.1")), kept(number("0.123456789"))},
	"big":    {same(number("123456789012345678901234567890"))},
	"number": {same(number("1.1234567890123456789"))},
	"bytes":  {same(&types.AttributeValueMemberB{Value: []byte{1, 2}})},
	"grade":  {same(text("a")), renewed(text("A"), text("a"))},
	"sealed": {kept(text("0:secret"))},
	"value":  {same(textSet("x", "y")), same(number("1")), same(list(text("")))},
	"any": {same(text(`"a"`)), renewed(text(`{"a": 1}`), text(`{"a":1}`)),
		renewed(list(number("1"), text("b")), text(`[1,"b"]`))},
	"time": {same(text(timeText)), renewed(text(pythonTime), text(timeText)),
		renewed(text("2020-01-02T04:04:05+01:00"), text(timeText)),
		renewed(text("2020-01-02T03:04:05.1Z"), text("2020-01-02T03:04:05.100000000Z")),
		gone(text("0001-01-01T00:00:00Z"))},
	"day":   {same(text("2020-01-02")), gone(null)},
	"unix":  {same(number("1577934245")), kept(number("1577934245.5"))},
	"until": {same(number("1577934245"))},
	"json": {same(text(`{"sku":"a","count":2,"price":1.5}`)),
		renewed(text(`{"count": 2, "price": 1.50, "sku": "\u0061"}`),
			text(`{"sku":"a","count":2,"price":1.5}`)),
		renewed(text(`{"sku": "a", "count": 2, "price": 1.5, "color": "red"}`),
			text(`{"sku":"a","count":2,"price":1.5,"color":"red"}`)),
		renewed(lineDocument(nil), text(`{"sku":"a","count":2,"price":1.5}`)),
		kept(lineDocument(attributes{"color": text("red")})),
		kept(text(`{"sku": "a", "count": 2, "price": 0.12345678901234567890}`))},
	"jsonList": {same(text(`[{"sku":"a","count":2,"price":1.5}]`)),
		renewed(text(`[{"sku": "a", "count": 2, "price": 1.5, "color": "red"}]`),
			text(`[{"sku":"a","count":2,"price":1.5,"color":"red"}]`)),
		renewed(list(lineDocument(nil)), text(`[{"sku":"a","count":2,"price":1.5}]`)),
		gone(text("[]")), gone(text("null"))},
	"jsonMap": {renewed(text(`{"z": {"sku": "a", "count": 2, "price": 1.5}, "b": {}}`),
		text(`{"b":{"sku":"","count":0,"price":0},"z":{"sku":"a","count":2,"price":1.5}}`))},
	"jsonAny": {same(text(`{"a":[1.25,"x",null]}`)),
		renewed(text(`{"a": [1.25, "x", null]}`), text(`{"a":[1.25,"x",null]}`))},
	"doc": {same(lineDocument(nil)), same(lineDocument(attributes{"color": text("red")})),
		renewed(text(`{"sku": "a", "count": 2, "price": 1.5}`), lineDocument(nil)),
		kept(text(`{"sku": "a", "count": 2, "price": 1.5, "color": "red"}`)),
		renewed(lineDocument(attributes{"at": text(pythonTime), "color": text("red")}),
			lineDocument(attributes{"at": text(timeText), "color": text("red")})),
		renewed(lineDocument(attributes{"gift": number("1")}),
			lineDocument(attributes{"gift": boolean(true)}))},
	"docList": {same(list(lineDocument(nil))),
		renewed(text(`[{"sku": "a", "count": 2, "price": 1.5}]`), list(lineDocument(nil))),
		renewed(list(lineDocument(attributes{"at": text(pythonTime), "color": text("red")}),
			lineDocument(nil)),
			list(lineDocument(attributes{"at": text(timeText), "color": text("red")}),
				lineDocument(nil)))},
	"docMap": {renewed(document(attributes{"k": lineDocument(attributes{"at": text(pythonTime)})}),
		document(attributes{"k": lineDocument(attributes{"at": text(timeText)})}))},
	"docAny": {same(document(attributes{"a": list(number("1.25"), null)})),
		renewed(text(`{"a": [1.25, null]}`), document(attributes{"a": list(number("1.25"), null)}))},
	"texts":   {same(textSet("x", "y"))},
	"numbers": {same(&types.AttributeValueMemberNS{Value: []string{"1", "2"}}), gone(null)},
	"strings": {renewed(text(`{"b": "c", "a": "\u00e9"}`), text(`{"a":"é","b":"c"}`))},
	"hint":    {same(text("h"))},
	"rank":    {same(number("1"))},
	"unknown": {same(text("")), same(null), same(text(`{"a": 1}`))},
}

func TestEachFormIsRenewed(t *testing.T) {
	t.Parallel()
	w := newWorld[every](t)
	want, keeps := map[string]attributes{}, 0
	for _, attribute := range slices.Sorted(maps.Keys(forms)) {
		for i, f := range forms[attribute] {
			id := fmt.Sprintf("%s %d", attribute, i)
			w.put(attributes{"id": text(id), attribute: f.stored})
			want[id] = attributes{"id": text(id)}
			if f.renewed != nil {
				want[id][attribute] = f.renewed
			}
			if f.kept {
				keeps++
			}
		}
	}
	report := w.migrate()
	for id, item := range w.stored("id") {
		require.Equal(t, want[id], item, "%s", id)
	}
	require.Equal(t, keeps, report.Kept)
	w.requireSettled()
}

// Whatever forms an item has, migrating it changes no value that the model reads, and a second run
// changes nothing.
func TestNoValueChanges(t *testing.T) {
	t.Parallel()
	w := newWorld[every](t)
	source := rand.New(rand.NewPCG(3, 4))
	want := map[string]attributes{}
	for i := range 300 {
		id := fmt.Sprint(i)
		item := attributes{"id": text(id)}
		want[id] = attributes{"id": text(id)}
		for _, attribute := range slices.Sorted(maps.Keys(forms)) {
			if source.IntN(3) == 0 {
				continue
			}
			f := forms[attribute][source.IntN(len(forms[attribute]))]
			item[attribute] = f.stored
			if f.renewed != nil {
				want[id][attribute] = f.renewed
			}
		}
		w.put(item)
	}
	before := w.loaded()
	w.migrate(dynamapper.Segments(4))
	for id, item := range w.stored("id") {
		require.Equal(t, want[id], item, id)
	}
	after := w.loaded()
	require.Len(t, after, len(before))
	for id := range before {
		require.Equal(t, before[id], after[id], id)
	}
	w.requireSettled()
}

// loaded returns the fields of all items, without their snapshots.
func (w *world[T]) loaded() map[string]string {
	w.t.Helper()
	all := map[string]string{}
	for item, err := range w.table.Scan().All(w.t.Context()) {
		require.NoError(w.t, err)
		values := w.table.ToMap(item)
		delete(values, "sealed") // another text each time
		shown, err := json.Marshal(values)
		require.NoError(w.t, err)
		key := fmt.Sprint(w.table.KeyOf(item).Hash())
		all[key] = string(shown)
	}
	return all
}

// scorer has a hook that sets a value of its own.
type scorer struct {
	dynamapper.Model `dynamo:"scorers"`

	ID    string `dynamo:"id,hash"`
	Score int    `dynamo:"score"`
}

func (*scorer) MigrateItem(raw map[string]types.AttributeValue) error {
	if raw["points"] != nil {
		raw["score"] = raw["points"]
	}
	if raw["broken"] != nil {
		raw["score"] = number("many")
	}
	return nil
}

// The error of a value that cannot be stored names the model and the attribute, and the hook only
// if the hook has set it.
func TestAValueThatCannotBeStoredBesideAHook(t *testing.T) {
	t.Parallel()
	w := newWorld[scorer](t)
	for text, want := range map[string]string{
		`{"id":{"S":"1"},"note":{"N":"x"}}`: "scorer (attribute note): the text is not a number",
		`{"id":{"S":"1"},"points":{"N":"x"}}`: "scorer (attribute points): the text is not a " +
			"number",
		`{"id":{"S":"1"},"broken":{"S":"x"}}`: "scorer.Score (attribute score): the hook " +
			"MigrateItem has set a value that cannot be stored: the text is not a number",
	} {
		_, err := w.table.UnmarshalItemJSON([]byte(text))
		require.ErrorContains(t, err, fmt.Sprintf("dynamapper: UnmarshalItemJSON: table %q: %s",
			w.table.Name(), want))
		field := (*dynamapper.FieldError)(nil)
		require.ErrorAs(t, err, &field)
		require.Equal(t, dynamapper.Key("1"), field.Key)
	}
}
