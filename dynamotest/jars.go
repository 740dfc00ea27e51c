package dynamotest

import (
	"bytes"
	"context"
	_ "embed"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

const (
	jarsFolder = "dynamodb-local-" + engineVersion
	pomFile    = "pom.xml"
)

//go:embed pom.xml
var pom []byte

// ensureJars is the folder with DynamoDB Local in it. Where it is not in the cache yet, Maven brings it: by one process
// at a time, into a folder beside it that gets its name when it is complete. So the folder is either whole or not there.
func ensureJars(ctx context.Context) (string, error) {
	cache, err := findCache()
	if err != nil {
		return "", err
	}
	jars := filepath.Join(cache.folder, jarsFolder)
	if isComplete(jars) {
		return jars, nil
	}
	mvn, err := exec.LookPath("mvn")
	if err != nil {
		return "", fmt.Errorf("mvn is not on the PATH, and DynamoDB Local is not in %s yet; install Maven", jars)
	}
	unlock, err := lock(ctx, jars+".lock", func() {
		say("another process is bringing DynamoDB Local %s into %s: waiting for it", engineVersion, jars)
	})
	if err != nil {
		return "", err
	}
	defer unlock()
	if isComplete(jars) { // brought by another process in the meantime
		return jars, nil
	}
	if cache.note != "" {
		say("%s", cache.note)
	}
	return jars, bringJars(ctx, mvn, jars)
}

// bringJars fills the folder; the caller holds the lock.
func bringJars(ctx context.Context, mvn, jars string) error {
	if err := removeInterrupted(jars); err != nil {
		return fmt.Errorf("what an interrupted start left: %w", err)
	}
	folder, err := os.MkdirTemp(filepath.Dir(jars), filepath.Base(jars)+temporary)
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder) // not there any more when all went well
	if err := os.WriteFile(filepath.Join(folder, pomFile), pom, 0o644); err != nil {
		return err
	}
	say("bringing DynamoDB Local %s, the engine that runs here, into %s with Maven: about 50 MB, this once", engineVersion, jars)
	if err := runMaven(ctx, mvn, folder); err != nil {
		return err
	}
	if err := extractNativeLibrary(folder); err != nil {
		return err
	}
	if err := publish(folder, jars); err != nil {
		return err
	}
	say("DynamoDB Local %s is there", engineVersion)
	return nil
}

// publish makes a complete folder the one that is used.
func publish(folder, jars string) error {
	if err := writeManifest(folder); err != nil {
		return err
	}
	// One is there only if files of it went missing.
	if err := os.RemoveAll(jars); err != nil {
		return err
	}
	return os.Rename(folder, jars)
}

// temporary is what the names of folders being filled have behind the final name.
const temporary = ".tmp-"

// removeInterrupted removes folders whose filling was interrupted; the caller holds the lock, so nobody fills one now.
func removeInterrupted(jars string) error {
	entries, err := os.ReadDir(filepath.Dir(jars))
	if err != nil {
		return err
	}
	for _, entry := range entries {
		if !strings.HasPrefix(entry.Name(), filepath.Base(jars)+temporary) {
			continue
		}
		if err := os.RemoveAll(filepath.Join(filepath.Dir(jars), entry.Name())); err != nil {
			return err
		}
	}
	return nil
}

// isComplete tells whether a folder holds all files that were brought by the present pom.xml. Temporary folders, where
// the cache may be, are swept file by file on many systems.
func isComplete(jars string) bool {
	brought, err := os.ReadFile(filepath.Join(jars, pomFile))
	if err != nil || !bytes.Equal(brought, pom) {
		return false
	}
	manifest, err := readManifest(jars)
	if err != nil {
		return false
	}
	for _, file := range manifest {
		info, err := os.Stat(filepath.Join(jars, file.Name))
		if err != nil || info.Size() != file.Size {
			return false
		}
	}
	return len(manifest) > 0
}
