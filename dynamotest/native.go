package dynamotest

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"runtime"
)

const engineJar = "DynamoDBLocal-" + engineVersion + ".jar"

// extractNativeLibrary puts the database library of this machine beside the jars. From inside its jar every engine would
// copy it into the system's temporary folder, 1 MB each, and when killed leave it there.
func extractNativeLibrary(folder string) error {
	archive, err := zip.OpenReader(filepath.Join(folder, engineJar))
	if errors.Is(err, fs.ErrNotExist) {
		return errors.New("mvn ended well, but brought no " + engineJar)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", engineJar, err)
	}
	defer archive.Close()
	source, err := archive.Open(nativeLibrary(runtime.GOOS, runtime.GOARCH))
	if errors.Is(err, fs.ErrNotExist) {
		return nil // the engine will say itself that it does not run here
	}
	if err != nil {
		return fmt.Errorf("%s: %w", engineJar, err)
	}
	defer source.Close()
	return copyTo(filepath.Join(folder, path.Base(nativeLibrary(runtime.GOOS, runtime.GOARCH))), source)
}

// nativeLibrary is the path of a system's database library in the engine's jar.
func nativeLibrary(system, architecture string) string {
	folders := map[string]string{"linux": "Linux", "darwin": "Mac", "windows": "Windows"}
	architectures := map[string]string{"amd64": "x86_64", "arm64": "aarch64", "386": "x86"}
	names := map[string]string{"linux": "libsqlite4java.so", "darwin": "libsqlite4java.dylib", "windows": "sqlite4java.dll"}
	return path.Join("com/amazonaws/services/dynamodbv2/local/shared/access/sqlite/native",
		folders[system], architectures[architecture], names[system])
}

func copyTo(name string, source io.Reader) error {
	target, err := os.Create(name)
	if err != nil {
		return err
	}
	_, err = io.Copy(target, source)
	return errors.Join(err, target.Close())
}
