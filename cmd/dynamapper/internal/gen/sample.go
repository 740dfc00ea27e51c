package gen

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
)

// A Sample holds the items of a file.
type Sample struct {
	items  []Item
	tables map[string][]Item // of requests that name their table
}

// ReadSample reads items in DynamoDB's JSON: one JSON value after another, such as one a line. Each
// value is one of these: an item; an object with an item in "Item", as a line of an export or the
// output of get-item; an object with items in "Items", as the output of scan; or the request items
// of batch-write-item, which name their tables. The text may be compressed with gzip.
func ReadSample(r io.Reader) (*Sample, error) {
	buffered := bufio.NewReader(r)
	if magic, _ := buffered.Peek(2); string(magic) == "\x1f\x8b" {
		unzipped, err := gzip.NewReader(buffered)
		if err != nil {
			return nil, err
		}
		buffered = bufio.NewReader(unzipped)
	}
	s := &Sample{tables: map[string][]Item{}}
	decoder := json.NewDecoder(buffered)
	for n := 1; ; n++ {
		var text json.RawMessage
		err := decoder.Decode(&text)
		if errors.Is(err, io.EOF) {
			return s, nil
		}
		if err == nil {
			err = s.add(text)
		}
		if err != nil {
			return nil, fmt.Errorf("JSON value %d: %w", n, err)
		}
	}
}

func (s *Sample) add(text json.RawMessage) error {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(text, &members); err != nil {
		return errors.New("it is not a JSON object; write one item a line")
	}
	if item, ok := members["Item"]; ok && isItem(item) {
		return s.addItem(item, "")
	}
	lists := map[string][]json.RawMessage{}
	for name, text := range members {
		var list []json.RawMessage
		if json.Unmarshal(text, &list) == nil && list != nil {
			lists[name] = list
		}
	}
	switch {
	case lists["Items"] != nil:
		return s.addAll(lists["Items"], "")
	case len(lists) == 0 || len(lists) < len(members):
		return s.addItem(text, "")
	}
	for _, name := range slices.Sorted(maps.Keys(lists)) {
		if err := s.addAll(lists[name], name); err != nil {
			return fmt.Errorf("table %q: %w", name, err)
		}
	}
	return nil
}

// isItem reports whether a text is an item, and not an attribute value with the name Item.
func isItem(text json.RawMessage) bool {
	_, err := parseItem(text)
	return err == nil
}

// addAll adds items, or the items of PutRequests of a table.
func (s *Sample) addAll(texts []json.RawMessage, table string) error {
	for _, text := range texts {
		var request struct {
			PutRequest    *struct{ Item json.RawMessage }
			DeleteRequest json.RawMessage
		}
		_ = json.Unmarshal(text, &request) // an item has other members
		switch {
		case request.DeleteRequest != nil:
			continue
		case request.PutRequest != nil:
			text = request.PutRequest.Item
		}
		if err := s.addItem(text, table); err != nil {
			return err
		}
	}
	return nil
}

func (s *Sample) addItem(text json.RawMessage, table string) error {
	item, err := parseItem(text)
	if err != nil {
		return err
	}
	if table == "" {
		s.items = append(s.items, item)
	} else {
		s.tables[table] = append(s.tables[table], item)
	}
	return nil
}

// AddTo gives the items to their tables. Items that name no table need a single one.
func (s *Sample) AddTo(tables []*Table) error {
	if len(s.items) > 0 && len(tables) > 1 {
		return fmt.Errorf("the items of the sample name no table, and there are %d tables; choose "+
			"one with -table", len(tables))
	}
	for _, table := range tables {
		table.Items = append(table.Items, s.tables[table.Name]...)
		table.Items = append(table.Items, s.items...)
	}
	return nil
}
