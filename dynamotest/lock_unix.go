//go:build unix && !solaris && !illumos && !aix

package dynamotest

import (
	"errors"
	"os"
	"syscall"
)

// tryLock takes the lock, which goes when the file is closed; nil when another has it. The file stays: whoever removed it
// could remove the lock of another.
func tryLock(name string) (*os.File, error) {
	file, err := os.OpenFile(name, os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, err
	}
	for {
		err = syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if !errors.Is(err, syscall.EINTR) {
			break
		}
	}
	if err == nil {
		return file, nil
	}
	file.Close()
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return nil, nil
	}
	return nil, err
}
