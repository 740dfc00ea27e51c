// Package changes tests the changes from streams by the public API: on the engine's DynamoDB
// Streams and with events of Lambda.
package changes
