package attack

import "github.com/dynamapper/dynamapper"

// total is the sum of Balance and Spent in every wallet that was written as a whole. An Update that
// adds to a missing wallet creates one with the sum 0.
const total = 200

// Money holds the common fields of all kinds of wallets.
type Money struct {
	ID      string `dynamo:"id,hash"`
	Balance int    `dynamo:"balance"`
	Spent   int    `dynamo:"spent"`
}

func (m *Money) money() *Money { return m }

// set changes both fields, so that a write of only one of them can be detected.
func (m *Money) set(balance int) { m.Balance, m.Spent = balance, total-balance }

// The kinds of wallets, one for each kind of version.
type (
	// Plain has no version.
	Plain struct {
		dynamapper.Model `dynamo:"plain"`
		Money
	}
	// Wide has an integer version of 64 bits.
	Wide struct {
		dynamapper.Model `dynamo:"wide"`
		Money
		Version int64 `dynamo:"version,version"`
	}
	// Narrow has an integer version of 32 bits.
	Narrow struct {
		dynamapper.Model `dynamo:"narrow"`
		Money
		Version int32 `dynamo:"version,version"`
	}
	// Tokened has a string version.
	Tokened struct {
		dynamapper.Model `dynamo:"tokened"`
		Money
		Version string `dynamo:"version,version"`
	}
)

// wallet is a pointer to a kind of wallet.
type wallet[T any] interface {
	*T
	money() *Money
}

// The names of the kinds, by their versions.
const (
	noVersion     = "none"
	wideVersion   = "int64"
	narrowVersion = "int32"
	stringVersion = "string"
)

// newWallet returns a wallet that is not stored.
func newWallet[T dynamapper.IsModel, W wallet[T]](id string, balance int) *T {
	item := new(T)
	W(item).money().ID = id
	W(item).money().set(balance)
	return item
}

// Ticket has an autoincrement id.
type Ticket struct {
	dynamapper.Model `dynamo:"tickets"`
	ID               int64  `dynamo:"id,hash,autoincrement"`
	Text             string `dynamo:"text"`
}
