package service

import (
	"math/rand/v2"
	"sync"

	"github.com/dynamapper/dynamapper/engine/internal/protocol"
	"github.com/dynamapper/dynamapper/engine/internal/value"
)

// chance makes the decisions that the service is free to make: it may return attributes in any
// order, end a page early, or leave items of a batch unprocessed. chance is off without a seed.
type chance struct {
	on bool
	mu sync.Mutex
	r  *rand.Rand
}

func newChance(seed uint64) *chance {
	return &chance{on: seed != 0, r: rand.New(rand.NewPCG(seed, seed))}
}

// intn returns a number from 0 to n-1. Without a seed it returns 0.
func (c *chance) intn(n int) int {
	if !c.on || n < 2 {
		return 0
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.r.IntN(n)
}

// oneIn reports true once in n calls on average, and never without a seed.
func (c *chance) oneIn(n int) bool { return c.on && c.intn(n) == n-1 }

// shuffle puts elements into random order.
func (c *chance) shuffle(n int, swap func(i, j int)) {
	if !c.on {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.r.Shuffle(n, swap)
}

// writeItem writes an item, with its attributes in random order if there is a seed.
func (s *Service) writeItem(out *protocol.Writer, item value.Map) {
	if s.chance.on {
		item = append(value.Map(nil), item...)
		s.chance.shuffle(len(item), func(i, j int) { item[i], item[j] = item[j], item[i] })
	}
	out.Item(item)
}
