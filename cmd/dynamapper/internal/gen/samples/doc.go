// Package samples has the models that gen makes for its test data, and tests that run them. The
// files named after a table are written by "go test ./cmd/dynamapper/internal/gen -update".
package samples
