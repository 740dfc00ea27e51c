package wire

import (
	"fmt"
	"strings"
	"testing"
)

// benchmarkPage returns a response of 1,000 items with 12 attributes, of about 400 bytes each.
func benchmarkPage() string {
	items := make([]string, 1000)
	for i := range items {
		items[i] = fmt.Sprintf(`{"id":{"N":"%d"},"name":{"S":"Player number %d"},`+
			`"email":{"S":"player%d@example.com"},`+
			`"level":{"N":"%d"},"gold":{"N":"123456"},"ratio":{"N":"0.7531"},`+
			`"active":{"BOOL":true},`+
			`"created":{"S":"2024-05-06T07:08:09.123456789Z"},`+
			`"guild":{"S":"The Knights of the Round Table"},`+
			`"bio":{"S":"Likes long walks, longer reads and the sea"},`+
			`"token":{"B":"AAECAwQFBgcICQoLDA0ODw=="},`+
			`"tags":{"S":"[\"alpha\",\"beta\"]"}}`, i, i, i, i%100)
	}
	return `{"Items":[` + strings.Join(items, ",") + `],"Count":1000,"ScannedCount":1000}`
}

// scanItem reads the text of every scalar of an item.
func scanItem(r *Reader) (size int) {
	r.Object()
	for name, ok := r.Member(); ok; name, ok = r.Member() {
		switch t := r.Value(); t {
		case S, N:
			size += len(name) + len(r.Text())
		default:
			r.SkipRest(t)
		}
		r.End()
	}
	return size
}

func BenchmarkScanPage(b *testing.B) {
	page := []byte(benchmarkPage())
	b.SetBytes(int64(len(page)))
	b.ReportAllocs()
	for b.Loop() {
		r := NewPageReader(page)
		if count := scanPage(r); count != 1000 || r.Err() != nil {
			b.Fatal(count, r.Err())
		}
	}
}

// scanPage reads a page as callers do, with an item as the unit.
func scanPage(r *Reader) (count int) {
	unit(r, r.Object)
	for {
		var name string
		var ok bool
		if unit(r, func() { name, ok = r.Member() }); !ok {
			break
		}
		if name != "Items" {
			unit(r, r.Skip)
			continue
		}
		unit(r, r.Array)
		for more := true; more; {
			unit(r, func() {
				if more = r.Element(); more {
					scanItem(r)
				}
			})
			if more {
				count++
			}
		}
	}
	r.Done()
	return count
}

func BenchmarkSkipPage(b *testing.B) {
	page := benchmarkPage()
	b.SetBytes(int64(len(page)))
	b.ReportAllocs()
	for b.Loop() {
		r := NewReader(page)
		r.Skip()
		if r.Done(); r.Err() != nil {
			b.Fatal(r.Err())
		}
	}
}

const benchmarkItem = `{"id":{"N":"17"},"name":{"S":"Player number 17"},` +
	`"email":{"S":"player@example.com"},` +
	`"level":{"N":"12"},"gold":{"N":"123456"},"ratio":{"N":"0.7531"},"active":{"BOOL":true},` +
	`"created":{"S":"2024-05-06T07:08:09.123456789Z"},` +
	`"guild":{"S":"The Knights of the Round Table"},` +
	`"bio":{"S":"Likes long walks, longer reads and the sea"},` +
	`"token":{"B":"AAECAwQFBgcICQoLDA0ODw=="},` +
	`"tags":{"S":"[\"alpha\",\"beta\"]"}}`

func BenchmarkParseItem(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := ParseItem(benchmarkItem); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkIndexItem(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := IndexItem(benchmarkItem); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkAppendItem(b *testing.B) {
	item, err := ParseItem(benchmarkItem)
	if err != nil {
		b.Fatal(err)
	}
	var buffer []byte
	b.ReportAllocs()
	for b.Loop() {
		if buffer, err = AppendItem(buffer[:0], item); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkCompareNumbers(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if order, ok := CompareNumbers("123456.50", "1.234565E5"); !ok || order != 0 {
			b.Fatal(order, ok)
		}
	}
}
