package before

import (
	"context"
	"errors"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/tests/internal/fixtures"
)

// plain is a client that ignores the options of a call, and whose refusals carry no item.
type plain struct{ *dynamodb.Client }

func (c plain) DeleteItem(
	ctx context.Context, in *dynamodb.DeleteItemInput, _ ...func(*dynamodb.Options),
) (*dynamodb.DeleteItemOutput, error) {
	out, err := c.Client.DeleteItem(ctx, in)
	return out, withoutItem(err)
}

func (c plain) PutItem(
	ctx context.Context, in *dynamodb.PutItemInput, _ ...func(*dynamodb.Options),
) (*dynamodb.PutItemOutput, error) {
	out, err := c.Client.PutItem(ctx, in)
	return out, withoutItem(err)
}

func (c plain) UpdateItem(
	ctx context.Context, in *dynamodb.UpdateItemInput, _ ...func(*dynamodb.Options),
) (*dynamodb.UpdateItemOutput, error) {
	out, err := c.Client.UpdateItem(ctx, in)
	return out, withoutItem(err)
}

// withoutItem removes the item from the refusal of a condition.
func withoutItem(err error) error {
	var refused *types.ConditionalCheckFailedException
	if errors.As(err, &refused) {
		refused.Item = nil
	}
	return err
}

// A client other than the SDK's returns the item before, too. If its refusals carry no item, a
// false condition is never reported as a missing item.
func TestOtherClients(t *testing.T) {
	t.Parallel()
	good := fixtures.TableOf[coupon](t)
	mapper, err := dynamapper.New(plain{fixtures.RawClient(t)})
	require.NoError(t, err)
	coupons, err := dynamapper.TableOf[coupon](mapper, dynamapper.WithTableName(good.Name()))
	require.NoError(t, err)
	old, err := coupons.Replace(t.Context(), &coupon{Code: "spring", Coins: 5})
	require.NoError(t, err)
	require.Nil(t, old)
	old, err = coupons.Replace(t.Context(), &coupon{Code: "spring", Coins: 6})
	require.NoError(t, err)
	require.Equal(t, 5, old.Coins)
	old, err = coupons.Update(dynamapper.Key("spring")).Add("coins", 1).RunOld(t.Context())
	require.NoError(t, err)
	require.Equal(t, 6, old.Coins)
	poor := dynamapper.If(dynamapper.Attr("coins", dynamapper.LT(3)))
	_, err = coupons.Take(t.Context(), dynamapper.Key("spring"), poor)
	require.ErrorIs(t, err, dynamapper.ErrConditionFailed)
	require.NotErrorIs(t, err, dynamapper.ErrNotFound)
	taken, err := coupons.Take(t.Context(), dynamapper.Key("spring"))
	require.NoError(t, err)
	require.Equal(t, 7, taken.Coins)
	_, err = coupons.Take(t.Context(), dynamapper.Key("spring"))
	require.ErrorIs(t, err, dynamapper.ErrNotFound)
}
