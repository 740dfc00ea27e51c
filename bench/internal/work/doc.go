// Package work defines what is measured: each work, and how dynamapper and its peers do it. All contenders of a work read
// the same answers from an HTTP client in memory, so that no network is in the figures, and each can be checked.
package work
