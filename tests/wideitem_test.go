package tests

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/tests/internal/fixtures"
)

// Models with so many attributes that their conditions and updates exceed an expression: at most
// 300 operators and 4,096 bytes.
type (
	wide200 struct {
		dynamapper.Model `dynamo:"wide"`
		ID               string `dynamo:"id,hash"`
		block200
	}
	wide400 struct {
		dynamapper.Model `dynamo:"wide"`
		ID               string `dynamo:"id,hash"`
		block400
	}
	wide700 struct {
		dynamapper.Model `dynamo:"wide"`
		ID               string `dynamo:"id,hash"`
		block700
	}
)

type block200 struct {
	W000, W001, W002, W003, W004, W005, W006, W007, W008, W009,
	W010, W011, W012, W013, W014, W015, W016, W017, W018, W019 string
	W020, W021, W022, W023, W024, W025, W026, W027, W028, W029,
	W030, W031, W032, W033, W034, W035, W036, W037, W038, W039 string
	W040, W041, W042, W043, W044, W045, W046, W047, W048, W049,
	W050, W051, W052, W053, W054, W055, W056, W057, W058, W059 string
	W060, W061, W062, W063, W064, W065, W066, W067, W068, W069,
	W070, W071, W072, W073, W074, W075, W076, W077, W078, W079 string
	W080, W081, W082, W083, W084, W085, W086, W087, W088, W089,
	W090, W091, W092, W093, W094, W095, W096, W097, W098, W099 string
	W100, W101, W102, W103, W104, W105, W106, W107, W108, W109,
	W110, W111, W112, W113, W114, W115, W116, W117, W118, W119 string
	W120, W121, W122, W123, W124, W125, W126, W127, W128, W129,
	W130, W131, W132, W133, W134, W135, W136, W137, W138, W139 string
	W140, W141, W142, W143, W144, W145, W146, W147, W148, W149,
	W150, W151, W152, W153, W154, W155, W156, W157, W158, W159 string
	W160, W161, W162, W163, W164, W165, W166, W167, W168, W169,
	W170, W171, W172, W173, W174, W175, W176, W177, W178, W179 string
	W180, W181, W182, W183, W184, W185, W186, W187, W188, W189,
	W190, W191, W192, W193, W194, W195, W196, W197, W198, W199 string
}

type block400 struct {
	block200
	W200, W201, W202, W203, W204, W205, W206, W207, W208, W209,
	W210, W211, W212, W213, W214, W215, W216, W217, W218, W219 string
	W220, W221, W222, W223, W224, W225, W226, W227, W228, W229,
	W230, W231, W232, W233, W234, W235, W236, W237, W238, W239 string
	W240, W241, W242, W243, W244, W245, W246, W247, W248, W249,
	W250, W251, W252, W253, W254, W255, W256, W257, W258, W259 string
	W260, W261, W262, W263, W264, W265, W266, W267, W268, W269,
	W270, W271, W272, W273, W274, W275, W276, W277, W278, W279 string
	W280, W281, W282, W283, W284, W285, W286, W287, W288, W289,
	W290, W291, W292, W293, W294, W295, W296, W297, W298, W299 string
	W300, W301, W302, W303, W304, W305, W306, W307, W308, W309,
	W310, W311, W312, W313, W314, W315, W316, W317, W318, W319 string
	W320, W321, W322, W323, W324, W325, W326, W327, W328, W329,
	W330, W331, W332, W333, W334, W335, W336, W337, W338, W339 string
	W340, W341, W342, W343, W344, W345, W346, W347, W348, W349,
	W350, W351, W352, W353, W354, W355, W356, W357, W358, W359 string
	W360, W361, W362, W363, W364, W365, W366, W367, W368, W369,
	W370, W371, W372, W373, W374, W375, W376, W377, W378, W379 string
	W380, W381, W382, W383, W384, W385, W386, W387, W388, W389,
	W390, W391, W392, W393, W394, W395, W396, W397, W398, W399 string
}

type block700 struct {
	block400
	W400, W401, W402, W403, W404, W405, W406, W407, W408, W409,
	W410, W411, W412, W413, W414, W415, W416, W417, W418, W419 string
	W420, W421, W422, W423, W424, W425, W426, W427, W428, W429,
	W430, W431, W432, W433, W434, W435, W436, W437, W438, W439 string
	W440, W441, W442, W443, W444, W445, W446, W447, W448, W449,
	W450, W451, W452, W453, W454, W455, W456, W457, W458, W459 string
	W460, W461, W462, W463, W464, W465, W466, W467, W468, W469,
	W470, W471, W472, W473, W474, W475, W476, W477, W478, W479 string
	W480, W481, W482, W483, W484, W485, W486, W487, W488, W489,
	W490, W491, W492, W493, W494, W495, W496, W497, W498, W499 string
	W500, W501, W502, W503, W504, W505, W506, W507, W508, W509,
	W510, W511, W512, W513, W514, W515, W516, W517, W518, W519 string
	W520, W521, W522, W523, W524, W525, W526, W527, W528, W529,
	W530, W531, W532, W533, W534, W535, W536, W537, W538, W539 string
	W540, W541, W542, W543, W544, W545, W546, W547, W548, W549,
	W550, W551, W552, W553, W554, W555, W556, W557, W558, W559 string
	W560, W561, W562, W563, W564, W565, W566, W567, W568, W569,
	W570, W571, W572, W573, W574, W575, W576, W577, W578, W579 string
	W580, W581, W582, W583, W584, W585, W586, W587, W588, W589,
	W590, W591, W592, W593, W594, W595, W596, W597, W598, W599 string
	W600, W601, W602, W603, W604, W605, W606, W607, W608, W609,
	W610, W611, W612, W613, W614, W615, W616, W617, W618, W619 string
	W620, W621, W622, W623, W624, W625, W626, W627, W628, W629,
	W630, W631, W632, W633, W634, W635, W636, W637, W638, W639 string
	W640, W641, W642, W643, W644, W645, W646, W647, W648, W649,
	W650, W651, W652, W653, W654, W655, W656, W657, W658, W659 string
	W660, W661, W662, W663, W664, W665, W666, W667, W668, W669,
	W670, W671, W672, W673, W674, W675, W676, W677, W678, W679 string
	W680, W681, W682, W683, W684, W685, W686, W687, W688, W689,
	W690, W691, W692, W693, W694, W695, W696, W697, W698, W699 string
}

func wideName(i int) string { return fmt.Sprintf("W%03d", i) }

func wideField(item any, i int) reflect.Value {
	return reflect.ValueOf(item).Elem().FieldByName(wideName(i))
}

// fillWide sets all attributes except the last one.
func fillWide(item any, width int, text string) {
	for i := range width - 1 {
		wideField(item, i).SetString(text + strconv.Itoa(i))
	}
}

func TestWideItems(t *testing.T) {
	t.Parallel()
	t.Run("200", func(t *testing.T) { testWide(t, 200, &wide200{ID: "one"}) })
	t.Run("400", func(t *testing.T) { testWide(t, 400, &wide400{ID: "one"}) })
	t.Run("700", func(t *testing.T) { testWide(t, 700, &wide700{ID: "one"}) })
}

func testWide[T dynamapper.IsModel](t *testing.T, width int, item *T) {
	table, sent := fixtures.WatchedTable[T](t)
	key := fixtures.Attributes{"id": fixtures.Text("one")}
	save := func(item *T, letters string) error {
		return table.Save(t.Context(), item,
			writeOptions(letters)...)
	}
	fillWide(item, width, "first ")
	require.NoError(t, save(item, "F"))
	overwriting := *item
	reflect.ValueOf(&overwriting).Elem().FieldByName("Model").SetZero()
	require.ErrorIs(t, save(&overwriting, "F"), dynamapper.ErrOverwrite)
	for _, letters := range []string{"F", "C", "FC"} {
		fillWide(item, width, letters)
		sent.Take()
		require.NoError(t, save(item, letters))
		require.Equal(t, []string{"UpdateItem"}, sent.Take())
		require.Equal(t, fixtures.GetRaw(t, table.Name(), key), table.Snapshot(item))
		wideField(item, 3).SetString("")
		require.NoError(t, save(item, letters), "an update of one attribute")
		require.NotContains(t, fixtures.GetRaw(t, table.Name(), key), wideName(3))
	}
	for _, i := range []int{0, 148, 149, 150, 151, 199, width - 2, width - 1} {
		loaded := fixtures.Load(t, table, "one")
		before := fixtures.GetRaw(t, table.Name(), key)[wideName(i)] // the last one is missing
		fixtures.SetRaw(t, table.Name(), key, wideName(i), fixtures.Text("theirs"))
		requireConflictIn(t, save(loaded, "F"), wideName(i))
		requireConflictIn(t, table.Delete(t.Context(), loaded, dynamapper.FailOnConflict()),
			wideName(i))
		fixtures.SetRaw(t, table.Name(), key, wideName(i), nil)
		if before != nil {
			requireConflictIn(t, save(loaded, "F"), wideName(i))
			requireConflictIn(t, table.Delete(t.Context(), loaded, dynamapper.FailOnConflict()),
				wideName(i))
		}
		fixtures.SetRaw(t, table.Name(), key, wideName(i), fixtures.Text("theirs"))
		fillWide(loaded, width, "edited ")
		wideField(loaded, width-1).SetString("edited")
		requireConflictIn(t, save(loaded, "FC"), wideName(i))
		fixtures.SetRaw(t, table.Name(), key, wideName(i), before)
		require.NoError(t, save(fixtures.Load(t, table, "one"), "F"),
			"nothing edited, nothing changed")
	}
	loaded := fixtures.Load(t, table, "one")
	fixtures.DeleteRaw(t, table.Name(), key)
	fillWide(loaded, width, "edited ")
	require.ErrorIs(t, save(loaded, "C"), dynamapper.ErrNotFound)
	require.ErrorIs(t, save(loaded, "F"), dynamapper.ErrConflict)
	require.Nil(t, fixtures.GetRaw(t, table.Name(), key),
		"a refused update does not create an item")
	require.NoError(t, save(loaded, ""))
	require.NoError(t, table.Delete(t.Context(), loaded, dynamapper.FailOnConflict()))
	require.Nil(t, fixtures.GetRaw(t, table.Name(), key))
}

// narrow has fields for two attributes of items that have many.
type narrow struct {
	dynamapper.Model `dynamo:"narrow"`
	ID               string `dynamo:"id,hash"`
	Name             string `dynamo:"name"`
}

// unknownAttributes returns an item with that many attributes; narrow knows two of them.
func unknownAttributes(width int) fixtures.Attributes {
	item := fixtures.Attributes{"id": fixtures.Text("one"), "name": fixtures.Text("Waldo")}
	for i := range width - len(item) {
		item[wideName(i)] = fixtures.Number(strconv.Itoa(i))
	}
	return item
}

func TestWideItemsOfUnknownAttributes(t *testing.T) {
	t.Parallel()
	table := fixtures.TableOf[narrow](t)
	key := fixtures.Attributes{"id": fixtures.Text("one")}
	for _, width := range []int{200, 400, 700} {
		t.Run(strconv.Itoa(width), func(t *testing.T) {
			stored := unknownAttributes(width)
			fixtures.PutRaw(t, table.Name(), stored)
			loaded := fixtures.Load(t, table, "one")
			loaded.Name = "Edited"
			for _, i := range []int{0, width / 2, width - 3} {
				fixtures.SetRaw(t, table.Name(), key, wideName(i), fixtures.Number("-1"))
				requireConflictIn(t, table.Save(t.Context(), loaded, dynamapper.FailOnConflict()),
					wideName(i))
				fixtures.SetRaw(t, table.Name(), key, wideName(i), nil)
				requireConflictIn(t, table.Save(t.Context(), loaded, dynamapper.FailOnConflict()),
					wideName(i))
				requireConflictIn(t, table.Delete(t.Context(), loaded, dynamapper.FailOnConflict()),
					wideName(i))
				fixtures.SetRaw(t, table.Name(), key, wideName(i), stored[wideName(i)])
			}
			fixtures.SetRaw(t, table.Name(), key, "added", fixtures.Text("beside"))
			require.NoError(t, table.Save(t.Context(), loaded, dynamapper.FailOnConflict()))
			stored["name"], stored["added"] = fixtures.Text("Edited"), fixtures.Text("beside")
			require.Equal(t, stored, fixtures.GetRaw(t, table.Name(), key))
			require.NoError(t, table.Delete(t.Context(), loaded, dynamapper.FailOnConflict()))
		})
	}
}

// spy records the requests that were sent.
type spy struct {
	*dynamodb.Client
	updates []*dynamodb.UpdateItemInput
	deletes []*dynamodb.DeleteItemInput
}

func (s *spy) UpdateItem(
	ctx context.Context, in *dynamodb.UpdateItemInput, opts ...func(*dynamodb.Options),
) (*dynamodb.UpdateItemOutput, error) {
	s.updates = append(s.updates, in)
	return s.Client.UpdateItem(ctx, in, opts...)
}

func (s *spy) DeleteItem(
	ctx context.Context, in *dynamodb.DeleteItemInput, opts ...func(*dynamodb.Options),
) (*dynamodb.DeleteItemOutput, error) {
	s.deletes = append(s.deletes, in)
	return s.Client.DeleteItem(ctx, in, opts...)
}

// An expression can have 300 operators: 150 comparisons joined by AND.
func TestTheWidestExpression(t *testing.T) {
	t.Parallel()
	client := &spy{Client: fixtures.RawClient(t)}
	mapper, err := dynamapper.New(client)
	require.NoError(t, err)
	created := fixtures.TableOf[narrow](t)
	table, err := dynamapper.TableOf[narrow](mapper, dynamapper.WithTableName(created.Name()))
	require.NoError(t, err)
	for width, isExpression := range map[int]bool{149: true, 150: true, 151: false} {
		fixtures.PutRaw(t, table.Name(), unknownAttributes(width))
		loaded := fixtures.Load(t, table, "one")
		loaded.Name = "Edited"
		require.NoError(t, table.Save(t.Context(), loaded, dynamapper.FailOnConflict()))
		require.NoError(t, table.Delete(t.Context(), loaded, dynamapper.FailOnConflict()))
		update, deletion := client.updates[0], client.deletes[0]
		require.Equal(t, isExpression,
			update.ConditionExpression != nil && update.UpdateExpression != nil)
		require.Equal(t, isExpression, update.Expected == nil && update.AttributeUpdates == nil)
		require.Equal(t, isExpression, deletion.ConditionExpression != nil)
		require.Equal(t, isExpression, deletion.Expected == nil)
		client.updates, client.deletes = nil, nil
	}
}

// The service refuses expressions for which the mapper uses the legacy parameters.
func TestAWiderExpressionIsRefused(t *testing.T) {
	t.Parallel()
	table := fixtures.TableOf[narrow](t)
	condition, values := "", fixtures.Attributes{}
	for i := range 151 {
		value := ":" + strconv.Itoa(i)
		condition += " AND W" + strconv.Itoa(i) + "=" + value
		values[value] = fixtures.Number("1")
	}
	_, err := fixtures.RawClient(t).DeleteItem(t.Context(), &dynamodb.DeleteItemInput{
		TableName: aws.String(table.Name()), Key: fixtures.Attributes{"id": fixtures.Text("one")},
		ConditionExpression:       aws.String(condition[len(" AND "):]),
		ExpressionAttributeValues: values,
	})
	var refused smithy.APIError
	require.True(t, errors.As(err, &refused))
	require.Equal(t, "ValidationException", refused.ErrorCode())
}

// A transaction that stages something compares the items that it has read, which is not possible
// for wide items. The error says so.
func TestATransactionOverWideItems(t *testing.T) {
	t.Parallel()
	sent := &fixtures.Requests{}
	mapper := fixtures.Mapper(t, dynamapper.WithObserver(sent.Observe))
	table := fixtures.TableIn[wide200](t, mapper)
	for _, id := range []string{"one", "two"} {
		item := &wide200{ID: id}
		fillWide(item, 200, id)
		require.NoError(t, table.Save(t.Context(), item))
	}
	sent.Take()
	const says = `the item has more attributes than one condition compares, which is the limit of a transaction; ` +
		`give the model a field with the option "version"`
	for op, edit := range map[string]func(tx *dynamapper.Tx, item *wide200){
		"Get": func(tx *dynamapper.Tx, _ *wide200) {
			table.In(tx).Check(dynamapper.Key("other"), dynamapper.Attr("id", dynamapper.NotExists()))
		},
		"Save": func(tx *dynamapper.Tx, item *wide200) {
			item.W000 = "edited"
			table.In(tx).Save(item)
		},
	} {
		err := mapper.RunTransaction(t.Context(),
			func(ctx context.Context, tx *dynamapper.Tx) error {
				for _, id := range []string{"one", "two"} {
					item, err := table.In(tx).Get(ctx, dynamapper.Key(id))
					if err != nil {
						return err
					}
					edit(tx, item)
				}
				return nil
			})
		require.ErrorContains(t, err, "dynamapper: "+op+": ")
		require.ErrorContains(t, err, says)
		require.NotContains(t, err.Error(), "Idempotent")
		require.Equal(t, []string{"GetItem", "GetItem", "TransactGetItems"}, sent.Take())
	}
}
