package stage

import (
	"context"
	"maps"
	"sync"

	"github.com/dynamapper/dynamapper"
)

// Usage is the usage of requests.
type Usage struct {
	Requests, Items       int // tries; items read or written
	ReadUnits, WriteUnits float64
}

// Bill is the usage by the name of the operation, such as "GetItem".
type Bill map[string]Usage

// Total returns the usage of all operations.
func (b Bill) Total() Usage {
	var total Usage
	for _, usage := range b {
		total = total.plus(usage, 1)
	}
	return total
}

func (u Usage) plus(other Usage, times int) Usage {
	return Usage{
		Requests:   u.Requests + times*other.Requests,
		Items:      u.Items + times*other.Items,
		ReadUnits:  u.ReadUnits + float64(times)*other.ReadUnits,
		WriteUnits: u.WriteUnits + float64(times)*other.WriteUnits,
	}
}

// Meter adds up the usage of a mapper's requests. Its method Observe is for
// dynamapper.WithObserver. The zero value is ready for use. A Meter is safe for concurrent use.
type Meter struct {
	mu   sync.Mutex
	used Bill
}

// Observe records an operation.
func (m *Meter) Observe(_ context.Context, operation dynamapper.Operation) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.used == nil {
		m.used = Bill{}
	}
	used := Usage{Requests: operation.Attempts, Items: operation.Items,
		ReadUnits: operation.ReadUnits, WriteUnits: operation.WriteUnits}
	m.used[operation.Name] = m.used[operation.Name].plus(used, 1)
}

// Since starts to count. The function that it returns gives the usage since then.
func (m *Meter) Since() func() Bill {
	before := m.read()
	return func() Bill {
		since := m.read()
		for name, usage := range before {
			since[name] = since[name].plus(usage, -1)
		}
		return since
	}
}

func (m *Meter) read() Bill {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.used == nil {
		return Bill{}
	}
	return maps.Clone(m.used)
}
