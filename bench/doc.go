// Package bench measures dynamapper and its alternatives: the SDK alone, the SDK with
// attributevalue, and guregu/dynamo. All read the same responses from an HTTP client in memory, so
// that the measurements include no network, and each checks the data that it read.
//
//	go run ./compare
//	go test -bench . -benchmem
package bench
