// Package bench measures dynamapper beside what a user would take instead: the SDK alone, the SDK with attributevalue,
// and guregu/dynamo. All read the same answers from an HTTP client in memory, so that no network is in the figures, and
// each checks what it read.
//
//	go run ./compare
//	go test -bench . -benchmem
package bench
