package work

import (
	"cmp"
	"encoding/json"
	"reflect"
	"slices"
	"strconv"

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
	RequestItems              map[string][]struct{ PutRequest written } // of a BatchWriteItem
	TransactItems             []struct{ Put, Update *written }
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
	got, err := decodeWritten[P](item)
	if err != nil {
		return err
	}
	if !reflect.DeepEqual(got, want) {
		return errWrong("%+v, not %+v", got, want)
	}
	return nil
}

// decodeWritten decodes an item of wire JSON.
func decodeWritten[P any](item []byte) (P, error) {
	var p P
	values, err := attributevalue.UnmarshalMapJSON(item)
	if err != nil {
		return p, err
	}
	err = attributevalue.UnmarshalMap(values, &p)
	return p, err
}

// checkGuarded checks a write with a condition: either of a whole item, if the version is the one
// before, or an update with these numbers among its values.
func (w *writes) checkGuarded(want versionedPlayer, values ...string) error {
	r, err := w.request()
	if err != nil {
		return err
	}
	return r.checkGuarded(want, values...)
}

func (r written) checkGuarded(want versionedPlayer, values ...string) error {
	switch {
	case r.ConditionExpression == "":
		return errWrong("no condition")
	case r.Item != nil && !r.has(strconv.Itoa(want.Version-1)):
		return errWrong("the condition lacks the version before %d", want.Version)
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

// checkMoved checks a transaction that writes these items, each if its version is the one before.
func (w *writes) checkMoved(wants ...versionedPlayer) error {
	var r written
	if err := json.Unmarshal(w.last.Bytes(), &r); err != nil {
		return err
	}
	if len(r.TransactItems) != len(wants) {
		return errWrong("%d writes in the transaction", len(r.TransactItems))
	}
	for i, want := range wants {
		one := cmp.Or(r.TransactItems[i].Put, r.TransactItems[i].Update)
		if one == nil || one.TableName != tableName {
			return errWrong("write %d is of another kind, or of another table", i)
		}
		err := one.checkGuarded(want, strconv.FormatInt(want.Balance, 10),
			strconv.Itoa(want.Version), strconv.Itoa(want.Version-1))
		if err != nil {
			return err
		}
	}
	return nil
}

// checkPuts checks that the kept requests put these items, each once.
func (b *batches) checkPuts(want squad) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	var got squad
	for i := range b.kept {
		var r written
		if err := json.Unmarshal(b.kept[i].Bytes(), &r); err != nil {
			return err
		}
		for _, item := range r.puts() {
			p, err := decodeWritten[Player](item)
			if err != nil {
				return err
			}
			got = append(got, p)
		}
	}
	slices.SortFunc(got, func(a, b Player) int { return cmp.Compare(a.ID, b.ID) })
	if !reflect.DeepEqual(got, want) {
		return errWrong("%d items written of %d, or others: %+v", len(got), len(want), got)
	}
	return nil
}

// puts returns the items of a batch or a transaction.
func (r written) puts() []json.RawMessage {
	var items []json.RawMessage
	for _, one := range r.RequestItems[tableName] {
		items = append(items, one.PutRequest.Item)
	}
	for _, one := range r.TransactItems {
		if one.Put != nil && one.Put.TableName == tableName {
			items = append(items, one.Put.Item)
		}
	}
	return items
}

// checkUpdated checks an UpdateItem of item 0.
func (w *writes) checkUpdated() error {
	r, err := w.request()
	if err != nil {
		return err
	}
	motto := false
	for _, value := range r.ExpressionAttributeValues {
		motto = motto || value["S"] == newMotto
	}
	if r.UpdateExpression == "" || !r.has("1") || !motto {
		return errWrong("the update %q lacks a value", r.UpdateExpression)
	}
	return w.checkKey()
}

// checkKey checks the key of a write of item 0.
func (w *writes) checkKey() error {
	r, err := w.request()
	if err != nil {
		return err
	}
	return checkWritten(r.Key, Player{Guild: guild})
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
