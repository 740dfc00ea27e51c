// Package work defines the works that are measured, and how dynamapper and its peers do them. All
// contenders of a work read the same responses from an HTTP client in memory, so that the
// measurements include no network, and each can be checked.
package work
