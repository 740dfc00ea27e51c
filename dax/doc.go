// Package dax holds tests of the mapper with AWS's client of DAX, the cache before DynamoDB. It is a
// module of its own, so that the mapper does not depend on that client.
package dax
