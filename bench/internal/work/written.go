package work

import (
	"encoding/json"
	"reflect"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
)

// written is the part of a write request that the works check.
type written struct {
	TableName                 string
	Item                      json.RawMessage // of a PutItem
	Key                       json.RawMessage // of an UpdateItem
	ConditionExpression       string
	UpdateExpression          string
	ExpressionAttributeValues map[string]map[string]any
}

// request returns the last write.
func (w *writes) request() (written, error) {
	var r written
	err := json.Unmarshal(w.last.Bytes(), &r)
	if err == nil && r.TableName != tableName {
		err = errWrong("a write to %q", r.TableName)
	}
	return r, err
}

// checkPut checks a PutItem without a condition.
func (w *writes) checkPut(want Player) error {
	r, err := w.request()
	if err != nil {
		return err
	}
	if r.ConditionExpression != "" {
		return errWrong("a condition")
	}
	return checkWritten(r.Item, want)
}

// checkWritten compares an item of wire JSON.
func checkWritten[P any](item []byte, want P) error {
	values, err := attributevalue.UnmarshalMapJSON(item)
	if err != nil {
		return err
	}
	var got P
	if err := attributevalue.UnmarshalMap(values, &got); err != nil {
		return err
	}
	if !reflect.DeepEqual(got, want) {
		return errWrong("%+v, not %+v", got, want)
	}
	return nil
}

// checkGuarded checks a write with a condition: either of a whole item, or an update with these
// numbers among its values.
func (w *writes) checkGuarded(want versionedPlayer, values ...string) error {
	r, err := w.request()
	if err != nil {
		return err
	}
	switch {
	case r.ConditionExpression == "":
		return errWrong("no condition")
	case r.Item != nil:
		return checkWritten(r.Item, want)
	case r.UpdateExpression == "":
		return errWrong("neither an item nor an update")
	}
	for _, value := range values {
		if !r.has(value) {
			return errWrong("the update lacks %s", value)
		}
	}
	return checkWritten(r.Key, versionedPlayer{Player: Player{Guild: want.Guild, ID: want.ID}})
}

// has reports whether a number is among the values of the expressions.
func (r written) has(number string) bool {
	for _, value := range r.ExpressionAttributeValues {
		if value["N"] == number {
			return true
		}
	}
	return false
}
