package tool

import (
	"encoding/json"
	"io"

	"github.com/dynamapper/dynamapper"
)

// result is what -json writes. Each command fills in its members.
type result struct {
	Command     string `json:"command"`
	Status      int    `json:"status"` // the exit status
	Error       string `json:"error,omitempty"`
	Interrupted bool   `json:"interrupted,omitempty"`

	Verified  []verified      `json:"verified,omitempty"`
	Plan      *planned        `json:"plan,omitempty"`
	Applied   *applied        `json:"applied,omitempty"`
	Migrated  []*migrated     `json:"migrated,omitempty"`
	Exported  *exported       `json:"exported,omitempty"`
	Imported  *imported       `json:"imported,omitempty"`
	Described []describedLive `json:"described,omitempty"`
}

type verified struct {
	Table   string   `json:"table"`
	Models  []string `json:"models"`
	OK      bool     `json:"ok"`
	Problem string   `json:"problem,omitempty"`
}

type planned struct {
	Changes []dynamapper.TableChange `json:"changes"`
}

type applied struct {
	Done []dynamapper.TableChange `json:"done"`
	Left []dynamapper.TableChange `json:"left"` // changes that were left out
}

type migrated struct {
	Table  string `json:"table"`
	Report report `json:"report"`
	DryRun bool   `json:"dryRun,omitempty"`
	// The checkpoint said that an earlier run has finished the migration.
	Before  bool      `json:"finishedBefore,omitempty"`
	Skipped []skipped `json:"skipped,omitempty"` // the first maxListed
}

// report is a MigrateReport in JSON for people, who expect no nanoseconds.
type report struct {
	dynamapper.MigrateReport
	Seconds     float64 `json:"seconds"`
	Nanoseconds *int64  `json:"time,omitempty"` // nil; it hides the member of the embedded struct
}

func newReport(of dynamapper.MigrateReport) report {
	return report{MigrateReport: of, Seconds: of.Time.Seconds()}
}

type exported struct {
	Table     string  `json:"table"`
	File      string  `json:"file"`
	Items     int     `json:"items"`
	Bytes     int64   `json:"bytes"` // of JSON, before the compression
	ReadUnits float64 `json:"readUnits"`
}

type imported struct {
	Table      string    `json:"table"`
	File       string    `json:"file"`
	Lines      int       `json:"lines"`   // with items
	Written    int       `json:"written"` // with -dry-run, those that would be
	WriteUnits float64   `json:"writeUnits"`
	DryRun     bool      `json:"dryRun,omitempty"`
	Invalid    int       `json:"invalid"`           // lines that were skipped
	Skipped    []skipped `json:"skipped,omitempty"` // the first maxListed
}

// skipped is an item that was left out.
type skipped struct {
	Place string `json:"place,omitempty"` // the file and the line
	Key   string `json:"key,omitempty"`
	Error string `json:"error"`
}

// maxListed bounds the list of skipped items in the result. All are written to stderr.
const maxListed = 100

func (r *result) write(w io.Writer) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(r)
}

// listed appends to a list of skipped items, unless it is full.
func listed(list []skipped, one skipped) []skipped {
	if len(list) < maxListed {
		return append(list, one)
	}
	return list
}
