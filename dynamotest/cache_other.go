//go:build !unix

package dynamotest

import "io/fs"

// isPrivate is true: the temporary folder is the user's own here.
func isPrivate(fs.FileInfo) bool { return true }
