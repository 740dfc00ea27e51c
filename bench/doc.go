// Package bench measures dynamapper and its alternatives: the SDK alone, the SDK with
// attributevalue, and guregu/dynamo. All read the same responses, from an HTTP client in memory or
// over loopback HTTP, and each checks the data that it read or wrote.
//
//	go run ./compare
//	go test -bench . -benchmem
package bench
