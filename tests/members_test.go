package tests

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/dynamotest"
	"github.com/dynamapper/dynamapper/tests/internal/fixtures"
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
	table := fixtures.TableOf[gearModel](t)
	ours := mapValue(
		fixtures.Attributes{"slot_name": fixtures.Text("hand"), "power": fixtures.Number("3")},
	)
	for _, test := range []struct {
		attribute string
		value     types.AttributeValue
		place     string
		problem   string
	}{
		{"doc", ours, "gearModel.Doc", "none that the Go type tests.jsonGear reads"},
		{"doc", mapValue(fixtures.Attributes{"POWER": fixtures.Number("3")}), "gearModel.Doc",
			"stores the field Power as \"Power\"; write `dynamo:\"POWER\"`"},
		{"doc", mapValue(fixtures.Attributes{"other": fixtures.Number("3")}), "gearModel.Doc",
			"no member that the Go type"},
		{"list", listValue(mapValue(fixtures.Attributes{}), ours), "gearModel.List[1]",
			"none that the Go type"},
		{"loose", mapValue(fixtures.Attributes{"Slot": fixtures.Text("hand")}), "gearModel.Loose",
			"stores the field Slot as \"slot\""},
		{"slots",
			mapValue(fixtures.Attributes{"left": mapValue(fixtures.Attributes{"SLOT": fixtures.Text("x")})}),
			`gearModel.Slots["left"]`, "stores the field Slot"},
		{"old", mapValue(fixtures.Attributes{"power": fixtures.Number("3")}), "gearModel.Old",
			"the tag dynamodbav would not be read"},
	} {
		_, err := table.UnmarshalItem(
			fixtures.Attributes{"id": fixtures.Text("1"), test.attribute: test.value},
		)
		var placed *dynamapper.FieldError
		require.ErrorAs(t, err, &placed, test.attribute)
		require.Equal(t, test.place, placed.Field[:min(len(placed.Field), len(test.place))])
		require.ErrorContains(t, err, test.problem)
	}
	for _, fine := range []fixtures.Attributes{
		{"doc": mapValue(fixtures.Attributes{})},
		{"doc": mapValue(fixtures.Attributes{"Power": fixtures.Number("1"),
			"newer": fixtures.Text("x")})},
		// written by a newer program, with an empty slot
		{"loose": mapValue(fixtures.Attributes{"newer": fixtures.Text("x")})},
		{"none": mapValue(fixtures.Attributes{"newer": fixtures.Text("x")})},
		{"slots": mapValue(fixtures.Attributes{"left": mapValue(fixtures.Attributes{"newer": fixtures.Text("x")})})},
	} {
		fine["id"] = fixtures.Text("1")
		_, err := table.UnmarshalItem(fine)
		require.NoError(t, err)
	}
}

// tomorrow returns a document with a member that gearModel does not know.
func tomorrow(slot string) fixtures.Attributes {
	return fixtures.Attributes{"slot": fixtures.Text(slot), "newer": fixtures.Text("of " + slot)}
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
			table := fixtures.TableOf[nestModel](t)
			key := fixtures.Attributes{"id": fixtures.Text("1")}
			fixtures.PutRaw(t, table.Name(), fixtures.Attributes{
				"id": fixtures.Text("1"),
				"struct": mapValue(
					fixtures.Attributes{"slot": fixtures.Text("a"), "newer": fixtures.Text("x"),
						"in": mapValue(tomorrow("b"))}),
				"map": mapValue(
					fixtures.Attributes{
						"left":  mapValue(tomorrow("l")),
						"right": mapValue(tomorrow("r")),
					},
				),
				"list": listValue(mapValue(tomorrow("1")), mapValue(tomorrow("2")),
					mapValue(tomorrow("3"))),
				"gone": mapValue(tomorrow("g")),
			})
			item := fixtures.Load(t, table, "1")
			item.Struct.Slot, item.Struct.In.Slot = "A", "B"
			item.Map["left"], item.Map["new"] = looseGear{"L"}, looseGear{"n"}
			delete(item.Map, "right")
			item.List = append([]looseGear{{"0"}}, item.List[0], looseGear{"edited"}, item.List[2])
			item.Gone = nil
			require.NoError(t, table.Save(t.Context(), item, opts...))
			require.Equal(t, fixtures.Attributes{
				"id": fixtures.Text("1"),
				"struct": mapValue(
					fixtures.Attributes{"slot": fixtures.Text("A"), "newer": fixtures.Text("x"),
						"in": mapValue(
							fixtures.Attributes{
								"slot":  fixtures.Text("B"),
								"newer": fixtures.Text("of b"),
							},
						)},
				),
				"map": mapValue(fixtures.Attributes{
					"left": mapValue(
						fixtures.Attributes{
							"slot":  fixtures.Text("L"),
							"newer": fixtures.Text("of l"),
						},
					),
					"new": mapValue(fixtures.Attributes{"slot": fixtures.Text("n")}),
				}),
				"list": listValue(
					mapValue(fixtures.Attributes{"slot": fixtures.Text("0")}),
					mapValue(tomorrow("1")),
					mapValue(
						fixtures.Attributes{"slot": fixtures.Text("edited")},
					),
					mapValue(tomorrow("3")),
				),
			}, fixtures.GetRaw(t, table.Name(), key))
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
