package work

import (
	"encoding/json"
	"reflect"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
)

// written is what the works check of a request that writes.
type written struct {
	TableName           string
	Item                json.RawMessage // of a PutItem
	ConditionExpression string
}

// request gives the last write.
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
