// Package dax holds tests of the mapper with AWS's client of DAX, the cache in front of DynamoDB.
// It is a separate module, so that the mapper does not depend on that client.
package dax
