package dynamotest

import (
	"encoding/json"
	"os"
	"path/filepath"
)

const manifestFile = "manifest.json"

// manifestEntry is a file that a complete folder holds.
type manifestEntry struct {
	Name string `json:"name"`
	Size int64  `json:"size"`
}

// writeManifest lists a folder's files in the folder.
func writeManifest(folder string) error {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return err
	}
	manifest := make([]manifestEntry, 0, len(entries))
	for _, entry := range entries {
		info, err := entry.Info()
		if err != nil {
			return err
		}
		if info.Mode().IsRegular() {
			manifest = append(manifest, manifestEntry{Name: entry.Name(), Size: info.Size()})
		}
	}
	text, err := json.MarshalIndent(manifest, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(folder, manifestFile), text, 0o644)
}

func readManifest(folder string) ([]manifestEntry, error) {
	text, err := os.ReadFile(filepath.Join(folder, manifestFile))
	if err != nil {
		return nil, err
	}
	var manifest []manifestEntry
	err = json.Unmarshal(text, &manifest)
	return manifest, err
}
