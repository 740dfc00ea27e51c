//go:build unix

package dynamotest

import (
	"io/fs"
	"os"
	"syscall"
)

// isPrivate tells whether only this user can write to what info describes.
func isPrivate(info fs.FileInfo) bool {
	stat, ok := info.Sys().(*syscall.Stat_t)
	return ok && int(stat.Uid) == os.Getuid() && info.Mode().Perm()&0o022 == 0
}
