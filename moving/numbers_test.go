package moving

import (
	"encoding/json"
	"math/big"
	"testing"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper"
)

// bank has the types that hold any number. guregu skips Model.
type bank struct {
	dynamapper.Model `dynamo:"banks,document"`
	ID               string                `dynamo:"id,hash"`
	Gold             *big.Int              `dynamo:"gold"`
	Rate             *big.Float            `dynamo:"rate"`
	Number           json.Number           `dynamo:"number"`
	Other            attributevalue.Number `dynamo:"other"`
	Set              []json.Number         `dynamo:"set,set"`
	List             []*big.Int            `dynamo:"list"`
}

// guregu stores these numbers as text, by their methods or as the strings that they are.
func TestNumbersOfGuregu(t *testing.T) {
	t.Parallel()
	ctx, theirs := t.Context(), newGuregu(t)
	ours := tableOf[bank](t)
	written := bank{ID: "1", Gold: big.NewInt(12345678901), Rate: big.NewFloat(2.5), Number: "1.50",
		Other: "7",
		Set:   []json.Number{"1.50", "2"}, List: []*big.Int{big.NewInt(5)}}
	require.NoError(t, theirs.put(ctx, ours.Name(), &written))
	stored := getRaw(t, ours.Name(), "1")
	require.Equal(t, &types.AttributeValueMemberS{Value: "12345678901"}, stored["gold"])
	require.Equal(t, &types.AttributeValueMemberS{Value: "2.5"}, stored["rate"])
	require.IsType(t, &types.AttributeValueMemberSS{}, stored["set"])

	read, err := ours.Get(ctx, dynamapper.Key("1"), dynamapper.Consistent())
	require.NoError(t, err)
	require.Equal(t, written.Gold.String(), read.Gold.String())
	require.Equal(t, written.Rate.String(), read.Rate.String())
	require.Equal(t, []any{written.Number, written.Other, written.List[0].String()},
		[]any{read.Number, read.Other, read.List[0].String()})
	require.ElementsMatch(t, written.Set, read.Set)
	for attribute, condition := range map[string]dynamapper.Comparison{
		"gold": dynamapper.EQ(written.Gold), "rate": dynamapper.EQ(written.Rate),
		"number": dynamapper.EQ(written.Number),
		"other":  dynamapper.EQ(written.Other), "set": dynamapper.Contains(json.Number("1.50")),
		"list": dynamapper.Contains(5),
	} {
		found, err := ours.Scan().Consistent().Where(dynamapper.Attr(attribute, condition)).
			Collect(ctx)
		require.NoError(t, err)
		require.Len(t, found, 1, attribute)
	}
	read.Number = "2"
	require.NoError(t, ours.Save(ctx, read, dynamapper.FailOnConflict()))
	stored["number"] = &types.AttributeValueMemberN{Value: "2"}
	require.Equal(t, stored, getRaw(t, ours.Name(), "1"),
		"what was not edited is as guregu wrote it")
}
