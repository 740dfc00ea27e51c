package service

import (
	"strings"

	"github.com/dynamapper/dynamapper/engine/internal/protocol"
	"github.com/dynamapper/dynamapper/engine/internal/value"
)

// Some refusals repeat the member that they refuse. The service writes it in the form of its own
// objects, with all of their fields, and that form changes from time to time. These functions write
// the same structure with the attribute values in JSON.

// maxEcho is the greatest part of a member that a refusal repeats, in bytes.
const maxEcho = 1 << 20

func cut(echo string) string {
	if len(echo) > maxEcho {
		return echo[:maxEcho] + "..."
	}
	return echo
}

func itemEcho(item *protocol.Item) string {
	if item == nil {
		return "null"
	}
	return string(value.AppendItemJSON(nil, item.Attributes))
}

func textEcho(s *string) string {
	if s == nil {
		return "null"
	}
	return *s
}

// batchGetEcho writes the RequestItems of a BatchGetItem.
func batchGetEcho(in *protocol.BatchGetItemInput) string {
	out := protocol.Writer{}
	out.Object()
	for _, request := range in.RequestItems {
		keys := make([]value.Map, len(request.Value.Keys))
		for i, key := range request.Value.Keys {
			keys[i] = key.Attributes
		}
		out.Key(request.Key)
		writeKeys(&out, &request.Value, keys)
	}
	out.End()
	return cut(string(out.Bytes()))
}

// batchWriteEcho writes the RequestItems of a BatchWriteItem.
func batchWriteEcho(in *protocol.BatchWriteItemInput) string {
	tables := make([]string, len(in.RequestItems))
	for i, request := range in.RequestItems {
		writes := make([]string, len(request.Value))
		for j, w := range request.Value {
			put, del := "null", "null"
			if w.PutRequest != nil {
				put = "PutRequest(item=" + itemEcho(w.PutRequest.Item) + ")"
			}
			if w.DeleteRequest != nil {
				del = "DeleteRequest(key=" + itemEcho(w.DeleteRequest.Key) + ")"
			}
			writes[j] = "WriteRequest(putRequest=" + put + ", deleteRequest=" + del + ")"
		}
		tables[i] = request.Key + "=[" + strings.Join(writes, ", ") + "]"
	}
	return cut("{" + strings.Join(tables, ", ") + "}")
}

// transactGetEcho writes the TransactItems of a TransactGetItems.
func transactGetEcho(in *protocol.TransactGetItemsInput) string {
	items := make([]string, len(in.TransactItems))
	for i, item := range in.TransactItems {
		get := "null"
		if item.Get != nil {
			get = "Get(key=" + itemEcho(item.Get.Key) +
				", tableName=" + textEcho(item.Get.TableName) + ")"
		}
		items[i] = "TransactGetItem(get=" + get + ")"
	}
	return cut("[" + strings.Join(items, ", ") + "]")
}

// transactWriteEcho writes the TransactItems of a TransactWriteItems.
func transactWriteEcho(in *protocol.TransactWriteItemsInput) string {
	items := make([]string, len(in.TransactItems))
	for i := range in.TransactItems {
		actions := []string{}
		for _, a := range actionsOf(&in.TransactItems[i]) {
			actions = append(actions, a.name+"=("+a.member+"="+itemEcho(a.target)+
				", tableName="+textEcho(a.table)+")")
		}
		items[i] = "TransactWriteItem(" + strings.Join(actions, ", ") + ")"
	}
	return cut("[" + strings.Join(items, ", ") + "]")
}
