// Package work defines the works that are measured, and how dynamapper and its peers do them. All
// contenders of a work read the same responses, from an HTTP client in memory or from a server in
// the same process, and each can be checked.
package work
