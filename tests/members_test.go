package tests

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/dynamotest"
)

// oldGear is a struct with the tags of attributevalue.
type oldGear struct {
	Slot  string `dynamodbav:"slot"`
	Power int    `dynamodbav:"power"`
}

// oldBase is embedded under a name that a tag of attributevalue gives it.
type oldBase struct {
	Power int `dynamo:"power"`
}

// schemaErrorOf returns the error of TableOf for a model.
func schemaErrorOf[T dynamapper.IsModel](t *testing.T) error {
	t.Helper()
	mapper, err := dynamotest.Run(t).Mapper(t.Context())
	require.NoError(t, err)
	_, err = dynamapper.TableOf[T](mapper)
	return err
}

// A tag of another library that the mapper would ignore is refused at every depth of a document.
func TestTagsOfOthersInDocuments(t *testing.T) {
	t.Parallel()
	type inStruct struct {
		dynamapper.Model `dynamo:"ttt,document"`
		ID               string  `dynamo:"id,hash"`
		Gear             oldGear `dynamo:"gear"`
	}
	type behindPointer struct {
		dynamapper.Model `dynamo:"ttt"`
		ID               string   `dynamo:"id,hash"`
		Gear             *oldGear `dynamo:"gear,document"`
	}
	type inSlice struct {
		dynamapper.Model `dynamo:"ttt"`
		ID               string    `dynamo:"id,hash"`
		Gear             []oldGear `dynamo:"gear,document"`
	}
	type inMap struct {
		dynamapper.Model `dynamo:"ttt"`
		ID               string               `dynamo:"id,hash"`
		Gear             map[string][]oldGear `dynamo:"gear,document"`
	}
	type inArray struct {
		dynamapper.Model `dynamo:"ttt"`
		ID               string        `dynamo:"id,hash"`
		Gear             [2][1]oldGear `dynamo:"gear,document"`
	}
	type deep struct {
		dynamapper.Model `dynamo:"ttt"`
		ID               string `dynamo:"id,hash"`
		Gear             struct {
			Left []*struct{ Gear *oldGear }
		} `dynamo:"gear,document"`
	}
	for place, err := range map[string]error{
		"inStruct.Gear.Slot":       schemaErrorOf[inStruct](t),
		"behindPointer.Gear.Slot":  schemaErrorOf[behindPointer](t),
		"inSlice.Gear.Slot":        schemaErrorOf[inSlice](t),
		"inMap.Gear.Slot":          schemaErrorOf[inMap](t),
		"inArray.Gear.Slot":        schemaErrorOf[inArray](t),
		"deep.Gear.Left.Gear.Slot": schemaErrorOf[deep](t),
	} {
		require.ErrorIs(t, err, dynamapper.ErrSchema, place)
		require.ErrorContains(t, err, place)
		require.ErrorContains(t, err, "the tag dynamodbav would not be read")
	}
	type embedded struct {
		dynamapper.Model `dynamo:"ttt"`
		ID               string `dynamo:"id,hash"`
		oldBase          `dynamodbav:"base"`
	}
	require.ErrorContains(t, schemaErrorOf[embedded](t), "the tag dynamodbav would not be read",
		"the mapper does not store the struct as an attribute")
	type inJSON struct {
		dynamapper.Model `dynamo:"ttt"`
		ID               string  `dynamo:"id,hash"`
		Gear             oldGear `dynamo:"gear"`
	}
	require.NoError(t, schemaErrorOf[inJSON](t), "in JSON only json tags count")
}

// jsonGear has only json tags, so that a document would use the names of its Go fields.
type jsonGear struct {
	SlotName string `json:"slot_name"`
	Power    int    `json:"power"`
}

// looseGear may be stored as an empty document.
type looseGear struct {
	Slot string `dynamo:"slot"`
}

type gearModel struct {
	dynamapper.Model `dynamo:"gear"`
	ID               string               `dynamo:"id,hash"`
	Name             string               `dynamo:"name"`
	Doc              jsonGear             `dynamo:"doc,document"`
	List             []*jsonGear          `dynamo:"list,document"`
	Loose            looseGear            `dynamo:"loose,document"`
	None             struct{}             `dynamo:"none,document"`
	Old              oldGear              `dynamo:"old"`
	Slots            map[string]looseGear `dynamo:"slots,document"`
}

// A document without any member that the struct knows is not an empty document.
func TestDocumentThatIsNotRead(t *testing.T) {
	t.Parallel()
	table := tableOf[gearModel](t)
	ours := mapValue(attributes{"slot_name": textValue("hand"), "power": numberValue("3")})
	for _, test := range []struct {
		attribute string
		value     types.AttributeValue
		place     string
		problem   string
	}{
		{"doc", ours, "gearModel.Doc", "none that the Go type tests.jsonGear reads"},
		{"doc", mapValue(attributes{"POWER": numberValue("3")}), "gearModel.Doc",
			"stores the field Power as \"Power\"; write `dynamo:\"POWER\"`"},
		{"doc", mapValue(attributes{"other": numberValue("3")}), "gearModel.Doc",
			"no member that the Go type"},
		{"list", listValue(mapValue(attributes{}), ours), "gearModel.List[1]",
			"none that the Go type"},
		{"loose", mapValue(attributes{"Slot": textValue("hand")}), "gearModel.Loose",
			"stores the field Slot as \"slot\""},
		{"slots", mapValue(attributes{"left": mapValue(attributes{"SLOT": textValue("x")})}),
			`gearModel.Slots["left"]`, "stores the field Slot"},
		{"old", mapValue(attributes{"power": numberValue("3")}), "gearModel.Old",
			"the tag dynamodbav would not be read"},
	} {
		_, err := table.UnmarshalItem(attributes{"id": textValue("1"), test.attribute: test.value})
		var placed *dynamapper.FieldError
		require.ErrorAs(t, err, &placed, test.attribute)
		require.Equal(t, test.place, placed.Field[:min(len(placed.Field), len(test.place))])
		require.ErrorContains(t, err, test.problem)
	}
	for _, fine := range []attributes{
		{"doc": mapValue(attributes{})},
		{"doc": mapValue(attributes{"Power": numberValue("1"), "newer": textValue("x")})},
		// written by a newer program, with an empty slot
		{"loose": mapValue(attributes{"newer": textValue("x")})},
		{"none": mapValue(attributes{"newer": textValue("x")})},
		{"slots": mapValue(attributes{"left": mapValue(attributes{"newer": textValue("x")})})},
	} {
		fine["id"] = textValue("1")
		_, err := table.UnmarshalItem(fine)
		require.NoError(t, err)
	}
}

// tomorrow returns a document with a member that gearModel does not know.
func tomorrow(slot string) attributes {
	return attributes{"slot": textValue(slot), "newer": textValue("of " + slot)}
}

// Unknown members, written by a newer program, stay in a document whatever else of it is edited.
func TestUnknownMembersAreKept(t *testing.T) {
	t.Parallel()
	for name, opts := range map[string][]dynamapper.SaveOption{
		"Save": nil, "FailOnConflict": {dynamapper.FailOnConflict()},
		"ChangedOnly": {dynamapper.ChangedOnly()},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			table := tableOf[nestModel](t)
			key := attributes{"id": textValue("1")}
			putRaw(t, table.Name(), attributes{
				"id": textValue("1"),
				"struct": mapValue(
					attributes{"slot": textValue("a"), "newer": textValue("x"),
						"in": mapValue(tomorrow("b"))}),
				"map": mapValue(
					attributes{"left": mapValue(tomorrow("l")), "right": mapValue(tomorrow("r"))}),
				"list": listValue(mapValue(tomorrow("1")), mapValue(tomorrow("2")),
					mapValue(tomorrow("3"))),
				"gone": mapValue(tomorrow("g")),
			})
			item := load(t, table, "1")
			item.Struct.Slot, item.Struct.In.Slot = "A", "B"
			item.Map["left"], item.Map["new"] = looseGear{"L"}, looseGear{"n"}
			delete(item.Map, "right")
			item.List = append([]looseGear{{"0"}}, item.List[0], looseGear{"edited"}, item.List[2])
			item.Gone = nil
			require.NoError(t, table.Save(t.Context(), item, opts...))
			require.Equal(t, attributes{
				"id": textValue("1"),
				"struct": mapValue(attributes{"slot": textValue("A"), "newer": textValue("x"),
					"in": mapValue(
						attributes{"slot": textValue("B"), "newer": textValue("of b")})}),
				"map": mapValue(attributes{
					"left": mapValue(
						attributes{"slot": textValue("L"), "newer": textValue("of l")}),
					"new": mapValue(attributes{"slot": textValue("n")}),
				}),
				"list": listValue(mapValue(attributes{"slot": textValue("0")}),
					mapValue(tomorrow("1")),
					mapValue(attributes{"slot": textValue("edited")}), mapValue(tomorrow("3"))),
			}, getRaw(t, table.Name(), key))
			item.Struct.Slot = "again"
			require.NoError(t, table.Save(t.Context(), item, dynamapper.FailOnConflict()),
				"the snapshot has them, too")
		})
	}
}

type nestModel struct {
	dynamapper.Model `dynamo:"nests,document"`
	ID               string               `dynamo:"id,hash"`
	Struct           nest                 `dynamo:"struct"`
	Map              map[string]looseGear `dynamo:"map"`
	List             []looseGear          `dynamo:"list"`
	Gone             *looseGear           `dynamo:"gone"`
}

type nest struct {
	Slot string    `dynamo:"slot"`
	In   looseGear `dynamo:"in"`
}
