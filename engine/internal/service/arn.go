package service

import (
	"strings"

	"github.com/dynamapper/dynamapper/engine/internal/protocol"
)

// The account and region of every table, which are part of every ARN.
const (
	region  = "us-east-1"
	account = "000000000000"
)

const tableARNs = "arn:aws:dynamodb:" + region + ":" + account + ":table/"

func tableARN(name string) string { return tableARNs + name }

func indexARN(table, index string) string { return tableARN(table) + "/index/" + index }

func streamARN(table, label string) string { return tableARN(table) + "/stream/" + label }

func isARN(s string) bool { return strings.HasPrefix(s, "arn:") }

// tableName returns the name of a table that is given by its name or ARN. It returns anything that
// is not the ARN of a table unchanged, because no table has such a name.
func tableName(nameOrARN string) string {
	return strings.TrimPrefix(nameOrARN, tableARNs)
}

// checkARN refuses any ARN except that of a table of this account and region.
func checkARN(arn string) error {
	name, ours := strings.CutPrefix(arn, tableARNs)
	if ours && name != "" && !strings.Contains(name, "/") {
		return nil
	}
	parts := strings.SplitN(arn, ":", 6)
	switch {
	case parts[1] != "aws":
		return protocol.Enveloped("Invalid AWS partition in '%s'", arn)
	case len(parts) < 6 || parts[2] != "dynamodb" || !strings.HasPrefix(parts[5], "table/"):
		return protocol.Enveloped("Invalid resource type in '%s'", arn)
	case parts[3] != region:
		return protocol.Enveloped("Invalid AWS region in '%s'", arn)
	case parts[4] != account:
		return &protocol.Error{Code: "AccessDeniedException", Message: "Access is denied"}
	}
	return protocol.Enveloped("Invalid resource type in '%s'", arn)
}

// checkedName returns the name of a table for an operation on tables. It refuses an invalid name.
func checkedName(nameOrARN *string) (string, error) {
	if nameOrARN == nil {
		return "", protocol.Validation(
			"The parameter 'TableName' is required but was not present in the request")
	}
	if isARN(*nameOrARN) {
		return tableName(*nameOrARN), checkARN(*nameOrARN)
	}
	return *nameOrARN, refuseConstraints(tableNameProblems(*nameOrARN, "tableName"))
}

// tableNotFound returns the error of an operation on a table that does not exist.
func tableNotFound(name string) error {
	return protocol.NotFound("%s", "Requested resource not found: Table: "+name+" not found")
}

// inUse returns the error of an operation for which a table is not ready.
func inUse(why string) error {
	return protocol.InUse("%s", "Attempt to change a resource which is still in use: "+why)
}

// overLimit returns the error of an operation that exceeds a limit.
func overLimit(why string) error {
	return protocol.LimitExceeded("%s", "Subscriber limit exceeded: "+why)
}

// invalid returns the error of an operation whose parameters contradict each other or the table.
func invalid(format string, args ...any) error {
	return protocol.Validation("One or more parameter values were invalid: "+format, args...)
}
