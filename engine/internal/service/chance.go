package service

import (
	"math/rand/v2"
	"sync"

	"github.com/dynamapper/dynamapper/engine/internal/protocol"
	"github.com/dynamapper/dynamapper/engine/internal/value"
)

// chance decides where the service is free: it may answer attributes in any order, end a page
// early, leave items of a batch for later. It is off without a seed.
type chance struct {
	on bool
	mu sync.Mutex
	r  *rand.Rand
}

func newChance(seed uint64) *chance {
	return &chance{on: seed != 0, r: rand.New(rand.NewPCG(seed, seed))}
}

// intn returns a number from 0 to n-1; always 0 without a seed.
func (c *chance) intn(n int) int {
	if !c.on || n < 2 {
		return 0
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.r.IntN(n)
}

// oneIn reports true once in n times; never without a seed.
func (c *chance) oneIn(n int) bool { return c.on && c.intn(n) == n-1 }

// shuffle puts things into any order.
func (c *chance) shuffle(n int, swap func(i, j int)) {
	if !c.on {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.r.Shuffle(n, swap)
}

// writeItem writes an item, its attributes in any order.
func (s *Service) writeItem(out *protocol.Writer, item value.Map) {
	if s.chance.on {
		item = append(value.Map(nil), item...)
		s.chance.shuffle(len(item), func(i, j int) { item[i], item[j] = item[j], item[i] })
	}
	out.Item(item)
}
