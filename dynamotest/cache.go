package dynamotest

import (
	"fmt"
	"os"
	"path/filepath"
)

// cache is the folder that keeps the engine between runs.
type cache struct {
	folder string
	note   string // why it is not the user's cache folder; "" when it is
}

// findCache is a folder of the user's cache, or, where that cannot be used, of the system's temporary one.
func findCache() (cache, error) {
	folder, reason := userCache()
	if reason == nil {
		return cache{folder: folder}, nil
	}
	// Others may write there too, so the folder has to be the user's own.
	folder = filepath.Join(os.TempDir(), fmt.Sprintf("dynamapper-%d", os.Getuid()))
	if err := makePrivate(folder); err != nil {
		return cache{}, fmt.Errorf("nowhere to keep DynamoDB Local: %w; and %w", reason, err)
	}
	note := fmt.Sprintf("the user's cache folder cannot be used (%v): using %s", reason, folder)
	return cache{folder: folder, note: note}, nil
}

// userCache is the folder in the user's cache, if it can be written to, or need not be.
func userCache() (string, error) {
	base, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	folder := filepath.Join(base, "dynamapper")
	if isComplete(filepath.Join(folder, jarsFolder)) {
		return folder, nil
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return "", err
	}
	return folder, checkWritable(folder)
}

// makePrivate makes a folder that nobody else can write to.
func makePrivate(folder string) error {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	info, err := os.Lstat(folder)
	if err != nil {
		return err
	}
	if !info.IsDir() || !isPrivate(info) {
		return fmt.Errorf("%s is not a folder that only this user can write to", folder)
	}
	return checkWritable(folder)
}

// checkWritable tries to write, which is the only way to know.
func checkWritable(folder string) error {
	probe, err := os.CreateTemp(folder, "probe-")
	if err != nil {
		return err
	}
	probe.Close()
	return os.Remove(probe.Name())
}
