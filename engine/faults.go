package engine

import "time"

// Throttle limits the read and write units that requests on a table may consume in a second of the
// engine's clock. What was not consumed is kept for one second. A request that exceeds a limit gets
// ProvisionedThroughputExceededException and does nothing; a batch leaves its key or item
// unprocessed; a transaction is canceled with the reason ProvisionedThroughputExceeded at its item.
// A request that costs more than a second gives needs a second without others, and the table owes
// the rest.
//
// The limit 0 refuses every request that consumes such units. A negative limit lifts it. Throttle
// replaces both limits of an earlier call. The table is given by its name or ARN and need not
// exist.
func (e *Engine) Throttle(table string, readUnits, writeUnits float64) {
	e.service.Throttle(table, readUnits, writeUnits)
}

// LeaveUnprocessed makes BatchGetItem and BatchWriteItem return the next n keys and items of a
// table as unprocessed. LeaveUnprocessed replaces the number of an earlier call; 0 ends it. The
// table is given by its name or ARN and need not exist.
func (e *Engine) LeaveUnprocessed(table string, n int) { e.service.LeaveUnprocessed(table, n) }

// Conflict makes the next n writes of single items and items of transactions on a table meet
// another transaction. PutItem, UpdateItem and DeleteItem get TransactionConflictException; a
// transaction is canceled with the reason TransactionConflict at that item. Conflict replaces the
// number of an earlier call; 0 ends it. The table is given by its name or ARN and need not exist.
func (e *Engine) Conflict(table string, n int) { e.service.Conflict(table, n) }

// Slow makes requests on a table's items wait before they act, or until their contexts end. Then
// they do nothing. The wait is real time, not the engine's clock; in a bubble of testing/synctest
// it takes none. A delay of 0 ends it. The table is given by its name or ARN and need not exist.
func (e *Engine) Slow(table string, delay time.Duration) { e.service.Slow(table, delay) }
