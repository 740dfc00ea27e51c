package tool

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"crypto/md5"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
)

// source is where an import reads lines: a file, the standard input, or an export of DynamoDB.
type source struct {
	files []sourceFile
	stdin io.Reader
	total int64 // items; 0 if it is not known
}

// sourceFile is a file with its entry in the manifest of an export.
type sourceFile struct {
	path   string // "-" for stdin
	listed bool   // in a manifest
	items  int64  // if listed
}

// maxLine bounds a line. An item of 400 KB takes at most six times as much if all of it is escaped.
const maxLine = 4 << 20

// openSource returns the source that a file or a folder is. It reads the whole folder of an export
// once, so that nothing is imported of one that is damaged.
func openSource(name string, stdin io.Reader) (*source, error) {
	if name == "-" {
		return &source{files: []sourceFile{{path: name}}, stdin: stdin}, nil
	}
	info, err := os.Stat(name)
	if err != nil {
		return nil, err
	}
	if info.IsDir() {
		return openExport(name)
	}
	return &source{files: []sourceFile{{path: name}}}, nil
}

// manifestEntry is a line of manifest-files.json.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/S3DataExport.Output.html
type manifestEntry struct {
	ItemCount     int64  `json:"itemCount"`
	MD5Checksum   string `json:"md5Checksum"`
	DataFileS3Key string `json:"dataFileS3Key"`
}

// The files of an export.
const (
	manifestFiles   = "manifest-files.json"
	manifestSummary = "manifest-summary.json"
)

// openExport reads the manifests of a full export, and checks that its files are whole.
func openExport(dir string) (*source, error) {
	if err := checkSummary(filepath.Join(dir, manifestSummary)); err != nil {
		return nil, err
	}
	manifest, err := os.ReadFile(filepath.Join(dir, manifestFiles))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("the folder %s has no %s; name the folder of one export, as in "+
			"AWSDynamoDB/01234567890123-a1b2c3d4", dir, manifestFiles)
	}
	if err != nil {
		return nil, err
	}
	s := &source{}
	decoder := json.NewDecoder(bytes.NewReader(manifest))
	for {
		var entry manifestEntry
		err := decoder.Decode(&entry)
		if err == io.EOF {
			return s, nil
		}
		if err == nil && entry.DataFileS3Key == "" {
			err = errors.New("dataFileS3Key is missing")
		}
		if err != nil {
			return nil, fmt.Errorf("%s: entry %d: %w", filepath.Join(dir, manifestFiles),
				len(s.files)+1, err)
		}
		file := filepath.Join(dir, "data", path.Base(entry.DataFileS3Key))
		if err := checkSum(file, entry.MD5Checksum); err != nil {
			return nil, err
		}
		s.files = append(s.files, sourceFile{path: file, listed: true, items: entry.ItemCount})
		s.total += entry.ItemCount
	}
}

// checkSummary refuses exports that import does not read. The summary may be missing.
func checkSummary(name string) error {
	text, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	var summary struct {
		OutputFormat string `json:"outputFormat"`
		ExportType   string `json:"exportType"`
	}
	if err := json.Unmarshal(text, &summary); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	switch {
	case summary.OutputFormat != "" && summary.OutputFormat != "DYNAMODB_JSON":
		return fmt.Errorf("%s: the export has the format %s; import reads DYNAMODB_JSON", name,
			summary.OutputFormat)
	case summary.ExportType == "INCREMENTAL_EXPORT":
		return fmt.Errorf("%s: the export is incremental; import reads full exports", name)
	}
	return nil
}

// checkSum compares a file with the checksum in the manifest, which is of the compressed file.
func checkSum(name, want string) error {
	file, err := os.Open(name)
	if err != nil {
		return fmt.Errorf("a file of the manifest: %w", err)
	}
	defer file.Close()
	if want == "" {
		return nil
	}
	sum := md5.New()
	if _, err := io.Copy(sum, file); err != nil {
		return err
	}
	if base64.StdEncoding.EncodeToString(sum.Sum(nil)) != want {
		return fmt.Errorf("the file %s is damaged: its MD5 is not that of the manifest; download "+
			"it again", name)
	}
	return nil
}

// each calls a function with each line that is not empty, and its place.
func (s *source) each(visit func(place string, line []byte) error) error {
	for _, file := range s.files {
		if err := s.eachOf(file, visit); err != nil {
			return err
		}
	}
	return nil
}

func (s *source) eachOf(of sourceFile, visit func(place string, line []byte) error) error {
	in := s.stdin
	if of.path != "-" {
		file, err := os.Open(of.path)
		if err != nil {
			return err
		}
		defer file.Close()
		in = file
	}
	in, err := uncompressed(in)
	if err != nil {
		return fmt.Errorf("%s: %w", of.path, err)
	}
	whole := &wholeLines{in: in}
	lines := bufio.NewScanner(whole)
	lines.Buffer(nil, maxLine)
	lines.Split(whole.split)
	n, items := 0, int64(0)
	for lines.Scan() {
		n++
		if len(bytes.TrimSpace(lines.Bytes())) == 0 {
			continue
		}
		items++
		if err := visit(fmt.Sprintf("%s:%d", of.path, n), lines.Bytes()); err != nil {
			return err
		}
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("%s:%d: %w", of.path, n+1, err)
	}
	if of.listed && items != of.items {
		return fmt.Errorf("%s has %d items, and the manifest lists %d", of.path, items, of.items)
	}
	return nil
}

// wholeLines splits a text into lines, without the beginning of a line in which reading failed.
type wholeLines struct {
	in  io.Reader
	err error
}

func (w *wholeLines) Read(p []byte) (int, error) {
	n, err := w.in.Read(p)
	if err != nil && err != io.EOF {
		w.err = err
	}
	return n, err
}

func (w *wholeLines) split(data []byte, atEOF bool) (advance int, line []byte, err error) {
	advance, line, err = bufio.ScanLines(data, atEOF)
	if atEOF && w.err != nil && advance == len(data) && !bytes.HasSuffix(data, []byte("\n")) {
		return 0, nil, w.err
	}
	return advance, line, err
}

// uncompressed returns the text of a file, which gzip may have compressed.
func uncompressed(in io.Reader) (io.Reader, error) {
	buffer := bufio.NewReaderSize(in, 1<<16)
	magic, err := buffer.Peek(2)
	if err != nil && err != io.EOF {
		return nil, err
	}
	if !bytes.Equal(magic, []byte{0x1f, 0x8b}) {
		return buffer, nil
	}
	return gzip.NewReader(buffer)
}
