package table

import (
	"strconv"
	"time"

	"github.com/tidwall/btree"

	"github.com/dynamapper/dynamapper/engine/internal/value"
)

// longExpired is the greatest time since its expiry for which an item is still deleted. The service
// leaves older items alone: five years, by its documentation, "Using time to live (TTL)".
const longExpired = 5 * 365 * 24 * time.Hour

// expiry holds the keys of a table's items by the second at which they expire.
type expiry struct {
	attribute string
	order     *btree.BTreeG[deadline]
}

type deadline struct {
	second int64
	key    string
}

// SetExpiry sets the name of the attribute that holds the second at which an item expires. "" means
// that no item expires.
func (t *Table) SetExpiry(attribute string) {
	t.expires = nil
	if attribute == "" {
		return
	}
	less := func(a, b deadline) bool {
		return a.second < b.second || a.second == b.second && a.key < b.key
	}
	t.expires = &expiry{attribute, btree.NewBTreeGOptions(less, btree.Options{NoLocks: true})}
	t.items.Scan(func(e entry) bool {
		t.expires.replace(e.key, nil, e.record)
		return true
	})
}

// replace updates the order after a write.
func (x *expiry) replace(key string, old, now *Record) {
	if second, ok := x.second(old); ok {
		x.order.Delete(deadline{second, key})
	}
	if second, ok := x.second(now); ok {
		x.order.Set(deadline{second, key})
	}
}

// second returns the second at which a record expires. It returns false if the record never
// expires: it has no such attribute, or one that is not a number of seconds.
func (x *expiry) second(r *Record) (int64, bool) {
	if r == nil {
		return 0, false
	}
	n, ok := r.Item.Get(x.attribute).(value.Number)
	if !ok {
		return 0, false
	}
	second, err := strconv.ParseInt(n.String(), 10, 64)
	return second, err == nil
}

// Expired returns the keys of the items that have expired at a time.
func (t *Table) Expired(now time.Time) []string {
	if t.expires == nil {
		return nil
	}
	var keys []string
	from := deadline{second: now.Add(-longExpired).Unix()}
	t.expires.order.Ascend(from, func(d deadline) bool {
		if d.second > now.Unix() {
			return false
		}
		keys = append(keys, d.key)
		return true
	})
	return keys
}

// HasExpired reports whether an item has expired at a time. It is cheap if none has.
func (t *Table) HasExpired(now time.Time) bool {
	if t.expires == nil || t.expires.order.Len() == 0 {
		return false
	}
	first := true
	from := deadline{second: now.Add(-longExpired).Unix()}
	t.expires.order.Ascend(from, func(d deadline) bool {
		first = d.second > now.Unix()
		return false
	})
	return !first
}
