package dynamotest

import (
	"errors"
	"os"
	"syscall"
)

// sharingViolation is Windows' answer to opening a file that another has open for itself alone.
const sharingViolation syscall.Errno = 32

// tryLock takes the lock, which goes when the file is closed; nil when another has it. The lock is to have the file open
// and share it with nobody.
func tryLock(name string) (*os.File, error) {
	path, err := syscall.UTF16PtrFromString(name)
	if err != nil {
		return nil, err
	}
	handle, err := syscall.CreateFile(path, syscall.GENERIC_READ|syscall.GENERIC_WRITE, 0, nil,
		syscall.OPEN_ALWAYS, syscall.FILE_ATTRIBUTE_NORMAL, 0)
	if errors.Is(err, sharingViolation) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return os.NewFile(uintptr(handle), name), nil
}
