package attack

import (
	"time"

	"github.com/dynamapper/dynamapper"
)

// Sample has a field of every kind that is stored in its own way.
type Sample struct {
	dynamapper.Model `dynamo:"samples"`

	ID       string            `dynamo:"id,hash"`
	Number   int               `dynamo:"number,range"`
	Small    int8              `dynamo:"small"`
	Unsigned uint64            `dynamo:"unsigned"`
	Float    float64           `dynamo:"float"`
	Bool     bool              `dynamo:"bool"`
	Bytes    []byte            `dynamo:"bytes"`
	Array    [2]byte           `dynamo:"array"`
	Time     time.Time         `dynamo:"time"`
	Seconds  time.Time         `dynamo:"seconds,unixtime"`
	Strings  []string          `dynamo:"strings,set"`
	Numbers  map[int]bool      `dynamo:"numbers,set"`
	Document Inner             `dynamo:"document,document"`
	Entries  map[string]*Inner `dynamo:"entries,document"`
	List     []Inner           `dynamo:"list,document"`
	Any      any               `dynamo:"any,document"`
	JSON     map[string]any    `dynamo:"json"`
	Pointer  *string           `dynamo:"pointer"`
}

// Inner is inside a Sample.
type Inner struct {
	Name  string   `dynamo:"name"`
	Count *int     `dynamo:"count"`
	Tags  []string `dynamo:"tags,set"`
	Inner *Inner   `dynamo:"inner,document"`
}

// newSample returns the nth sample.
func newSample(n int) *Sample {
	one, text := 1, "x"
	inner := Inner{Name: "x", Count: &one, Tags: []string{"x", "y"}, Inner: &Inner{Name: "ä"}}
	s := &Sample{
		ID: "x", Number: n, Small: 12, Unsigned: 1 << 63, Float: 1.25, Bool: true,
		Bytes: []byte{1, 2}, Array: [2]byte{1, 2},
		Time:    time.Date(2026, 5, 4, 3, 2, 1, 500, time.UTC),
		Seconds: time.Unix(1_700_000_000, 0).UTC(), Strings: []string{"x", "y"},
		Numbers: map[int]bool{1: true, 12: true}, Document: inner,
		Entries: map[string]*Inner{"a": &inner}, List: []Inner{inner, {Name: "\"\\/\n"}},
		Any:  map[string]any{"a": "x", "b": []any{true, nil, "1"}},
		JSON: map[string]any{"a": "x", "b": []any{true, nil}}, Pointer: &text,
	}
	if n%2 == 1 {
		s.Any, s.Pointer, s.List = nil, nil, nil
	}
	return s
}
