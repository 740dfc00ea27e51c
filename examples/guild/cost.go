package main

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

type attributes = map[string]types.AttributeValue

// show returns the texts of some attributes of an item that are there.
func show(item attributes, names ...string) string {
	var texts []string
	for _, name := range names {
		switch value := item[name].(type) {
		case *types.AttributeValueMemberS:
			texts = append(texts, value.Value)
		case *types.AttributeValueMemberN:
			texts = append(texts, value.Value)
		}
	}
	return strings.Join(texts, ", ")
}

// access is a read or a write whose cost is shown.
type access struct {
	what, code string
	run        func(context.Context) (result any, err error)
}

// perform runs the accesses and prints the code and the cost of each.
func (c *chronicle) perform(ctx context.Context, accesses ...access) error {
	rows := [][]any{{"", "result", "requests", "items", "read units", "write units"}}
	code := make([]string, len(accesses))
	for i, a := range accesses {
		code[i] = a.code
		used := c.Meter.Since()
		result, err := a.run(ctx)
		if err != nil {
			return err
		}
		total := used().Total()
		rows = append(rows, []any{a.what, result, total.Requests, total.Items, total.ReadUnits,
			total.WriteUnits})
	}
	c.Code(code...)
	c.Table(rows...)
	return nil
}
