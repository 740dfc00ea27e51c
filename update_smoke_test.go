package dynamapper_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/dynamotest"
)

type hoard struct {
	dynamapper.Model `dynamo:"hoards"`
	ID               string         `dynamo:"id,hash"`
	Gold             int            `dynamo:"gold"`
	Name             string         `dynamo:"name"`
	Badges           []string       `dynamo:"badges,set"`
	Log              []string       `dynamo:"log,document"`
	Items            map[string]int `dynamo:"items,document"`
	Version          int            `dynamo:"version,version"`
}

func TestSmoke(t *testing.T) {
	sent := &requests{}
	m := dynamotest.Mapper(t, dynamapper.WithObserver(sent.observe))
	tb := tableIn[hoard](t, m)
	dynamapperRun := func(_ any, ctx context.Context, fn func(context.Context, *dynamapper.Tx) error) error { return m.RunTransaction(ctx, fn) }
	ctx := t.Context()
	h, err := tb.Update(dynamapper.Key("a")).Add("gold", 5).Set("name", "n").AddToSet("badges", "x", []string{"y"}).Append("log", "l1", []string{"l2"}).Set("items", map[string]int{"s": 1}).Run(ctx)
	require.NoError(t, err)
	fmt.Printf("%+v\n", *h)
	h, err = tb.Update(dynamapper.Key("a")).Add("items.s", 5).Add("items.t", 2).RemoveFromSet("badges", "x").Prepend("log", "l0").Remove("log[1]").Idempotent().Run(ctx)
	fmt.Println(err)
	h, err = tb.Update(dynamapper.Key("a")).Add("items.s", 5).Add("items.t", 2).RemoveFromSet("badges", "x").Prepend("log", "l0").Idempotent().Run(ctx)
	require.NoError(t, err)
	fmt.Printf("%+v\n", *h)
	_, err = tb.Update(dynamapper.Key("a")).Add("gold", -100).If(dynamapper.Attr("gold", dynamapper.GE(100))).Run(ctx)
	fmt.Println(err)
	fmt.Println(sent.take())
	h, err = tb.Modify(ctx, dynamapper.Key("a"), func(h *hoard) error { h.Gold++; return nil }, dynamapper.Idempotent())
	require.NoError(t, err)
	fmt.Printf("%+v\n", *h)
	h, err = tb.ModifyOrNew(ctx, dynamapper.Key("b"), func(h *hoard) error { h.Gold++; return nil })
	require.NoError(t, err)
	fmt.Printf("%+v\n", *h)
	tries := 0
	err = tb.Save(ctx, h, dynamapper.If(dynamapper.Attr("gold", dynamapper.EQ(7))), dynamapper.FailOnConflict())
	fmt.Println(err)
	err = dynamapperRun(tb, ctx, func(ctx context.Context, tx *dynamapper.Tx) error {
		tries++
		a, err := tb.In(tx).Get(ctx, dynamapper.Key("a"))
		if err != nil {
			return err
		}
		b, err := tb.In(tx).Get(ctx, dynamapper.Key("b"))
		if err != nil {
			return err
		}
		if tries == 1 {
			_, err := tb.Update(dynamapper.Key("a")).Add("gold", 1).Run(ctx)
			fmt.Println(err)
			_, err = tb.Update(dynamapper.Key("a")).Add("gold", 1).Run(t.Context())
			require.NoError(t, err)
		}
		a.Gold--
		b.Gold++
		tb.In(tx).Save(a)
		tb.In(tx).Save(b)
		tb.In(tx).Save(&hoard{ID: "c"})
		return nil
	})
	fmt.Println(tries, err)
	fmt.Printf("%+v\n", *load(t, tb, "b"))
	err = dynamapperRun(tb, ctx, func(ctx context.Context, tx *dynamapper.Tx) error {
		tb.In(tx).Check(dynamapper.Key("b"), dynamapper.Attr("gold", dynamapper.EQ(7)))
		tb.In(tx).Save(&hoard{ID: "c"})
		tb.In(tx).Save(&hoard{ID: "d"})
		return nil
	})
	fmt.Println(err, errors.Is(err, dynamapper.ErrOverwrite), errors.Is(err, dynamapper.ErrConditionFailed))
}
