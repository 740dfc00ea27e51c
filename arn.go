package dynamapper

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/dynamapper/dynamapper/internal/shown"
)

// tableARN has the form of the ARN of a table, in any partition.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/rbac-cross-account-access.html
var tableARN = regexp.MustCompile(
	`^arn:aws[a-z-]*:dynamodb:([a-z0-9-]+):[0-9]{12}:table/([a-zA-Z0-9_.-]{3,255})$`)

// isARN reports whether a table is given by its ARN. No name contains a colon.
func isARN(table string) bool { return strings.HasPrefix(table, "arn:") }

// bareName returns the name of a table that is given by its name or ARN.
func bareName(table string) string {
	if _, name, found := strings.Cut(table, ":table/"); found {
		return name
	}
	return table
}

// ownership holds the tables of a transaction, each once, by its name or ARN.
type ownership struct{ tables []string }

// admit refuses a table of another account or region than the tables before it. A table that is
// given by its name is of the account of the request, which only the service knows. So admit also
// refuses a table of the same name that is given by its ARN: it may be the same one or another.
//
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html
func (o *ownership) admit(table string) error {
	for _, other := range o.tables {
		switch {
		case other == table:
			return nil
		case isARN(other) && isARN(table) && ownerOf(other) != ownerOf(table):
			return fmt.Errorf("the table is of another account or region than %q, and a transaction "+
				"of DynamoDB is in one account and region; use a transaction for each",
				shown.Name(other))
		case isARN(other) != isARN(table) && bareName(other) == bareName(table):
			return fmt.Errorf("the table is also given as %q, and the mapper cannot know whether "+
				"both are one table; give both by the name, or both by the ARN", shown.Name(other))
		}
	}
	o.tables = append(o.tables, table)
	return nil
}

// ownerOf returns the part of the ARN of a table or of its stream that names account and region.
func ownerOf(arn string) string {
	owner, _, _ := strings.Cut(arn, ":table/")
	return owner
}

// accountOf returns the account in the ARN of a table or of its stream.
func accountOf(arn string) string {
	owner := ownerOf(arn)
	return owner[strings.LastIndexByte(owner, ':')+1:]
}

// checkARN refuses an ARN with which no request could succeed.
func (m *Mapper) checkARN(arn string) error {
	parts := tableARN.FindStringSubmatch(arn)
	if parts == nil {
		return fmt.Errorf("WithTableName: %q is not the ARN of a table; give a name, or an ARN such "+
			"as %q", shown.Name(arn), "arn:aws:dynamodb:eu-west-1:111122223333:table/players")
	}
	if region := m.clientOptions().Region; region != "" && region != parts[1] {
		return fmt.Errorf("WithTableName: the ARN names a table in the region %q, and the client "+
			"sends its requests to %q; make a mapper of that region for the table",
			shown.Name(parts[1]), shown.Name(region))
	}
	return nil
}

// fullName returns the name with which requests name a table: an ARN as it is given, or the name
// with the mapper's prefix.
func (m *Mapper) fullName(table string) (string, error) {
	if isARN(table) {
		return table, m.checkARN(table)
	}
	name := m.prefix + table
	err := checkName("table", name)
	if err != nil && m.prefix != "" {
		err = fmt.Errorf("%w; the prefix %q counts, too", err, shown.Name(m.prefix))
	}
	return name, err
}

// ofTable returns what a response has for a table. The service calls the table as the request does.
func ofTable[V any](byTable map[string]V, table string) V {
	if of, known := byTable[table]; known {
		return of
	}
	return byTable[bareName(table)]
}

var errForeignTable = errors.New("the table is given by its ARN, and a table is created in its " +
	"own account; create it there with its name, by a mapper without WithTableName")
