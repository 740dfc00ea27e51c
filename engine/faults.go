package engine

import "time"

// Throttle limits the read and write units that requests on a table may consume in a second of the
// engine's clock. Units that were not consumed stay available for one second. If a request exceeds
// a limit, it fails with ProvisionedThroughputExceededException and does nothing; a batch leaves
// its key or item unprocessed; a transaction is canceled with the reason
// ProvisionedThroughputExceeded at its item. A request that costs more than a second provides
// succeeds in a second without other requests, and the table owes the rest.
//
// If a limit is 0, Throttle refuses every request that consumes such units. A negative limit
// removes the limit. Throttle replaces both limits of an earlier call. The table is given by its
// name or ARN and need not exist.
func (e *Engine) Throttle(table string, readUnits, writeUnits float64) {
	e.service.Throttle(table, readUnits, writeUnits)
}

// LeaveUnprocessed makes BatchGetItem and BatchWriteItem return the next n keys and items of a
// table as unprocessed. It replaces the number of an earlier call; 0 ends the effect. The table is
// given by its name or ARN and need not exist.
func (e *Engine) LeaveUnprocessed(table string, n int) { e.service.LeaveUnprocessed(table, n) }

// Conflict makes the next n writes to a table meet another transaction. It counts writes of single
// items and items of transactions. PutItem, UpdateItem and DeleteItem fail with
// TransactionConflictException; a transaction is canceled with the reason TransactionConflict at
// that item. Conflict replaces the number of an earlier call; 0 ends the effect. The table is given
// by its name or ARN and need not exist.
func (e *Engine) Conflict(table string, n int) { e.service.Conflict(table, n) }

// Slow makes requests on a table's items wait for delay before they act. If a request's context
// ends first, the request does nothing. The wait is real time, not the engine's clock; in a bubble
// of testing/synctest it takes no time. A delay of 0 ends the effect. The table is given by its
// name or ARN and need not exist.
func (e *Engine) Slow(table string, delay time.Duration) { e.service.Slow(table, delay) }
