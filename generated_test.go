package dynamapper

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper/internal/wire"
)

// generatedScalars are the types that generated ones are made of.
var generatedScalars = []reflect.Type{
	reflect.TypeFor[string](), reflect.TypeFor[int](), reflect.TypeFor[int8](), reflect.TypeFor[uint16](), reflect.TypeFor[int64](), reflect.TypeFor[float64](),
	reflect.TypeFor[bool](), timeType, reflect.TypeFor[[]byte](), jsonNumberType,
}

// generateType makes a type of a field, and options that it can have.
func generateType(r *rand.Rand, depth int) (t reflect.Type, options []string) {
	scalar := generatedScalars[r.IntN(len(generatedScalars))]
	if depth == 0 {
		return scalar, nil
	}
	elem, _ := generateType(r, depth-1)
	switch r.IntN(7) {
	case 0:
		return reflect.PointerTo(scalar), nil
	case 1:
		return reflect.SliceOf(elem), []string{"", ",document"}
	case 2:
		return reflect.MapOf(reflect.TypeFor[string](), elem), []string{"", ",document"}
	case 3:
		return generateStruct(r, depth-1), []string{",document"}
	case 4:
		return reflect.SliceOf(reflect.TypeFor[string]()), []string{",set"}
	case 5:
		return reflect.MapOf(reflect.TypeFor[int32](), reflect.TypeFor[struct{}]()), []string{",set"}
	}
	return scalar, nil
}

// generateStruct makes a struct whose fields have names of their own.
func generateStruct(r *rand.Rand, depth int) reflect.Type {
	var fields []reflect.StructField
	for i := range 1 + r.IntN(4) {
		t, options := generateType(r, depth)
		option := ""
		if len(options) > 0 {
			option = options[r.IntN(len(options))]
		}
		tag := fmt.Sprintf(`dynamo:"f%d%s" json:"f%d"`, i, option, i)
		fields = append(fields, reflect.StructField{Name: fmt.Sprintf("F%d", i), Type: t, Tag: reflect.StructTag(tag)})
	}
	return reflect.StructOf(fields)
}

// generateModel makes a model of such fields.
func generateModel(r *rand.Rand) reflect.Type {
	inner := generateStruct(r, 2)
	fields := []reflect.StructField{
		{Name: "Model", Type: modelType, Anonymous: true, Tag: `dynamo:"generated"`},
		{Name: "ID", Type: reflect.TypeFor[string](), Tag: `dynamo:"id,hash"`},
	}
	for i := range inner.NumField() {
		fields = append(fields, inner.Field(i))
	}
	return reflect.StructOf(fields)
}

// Of whatever fields a model is made, decoding the encoding gives the same value, by the text and by the SDK's types.
func TestGeneratedModelsRoundTrip(t *testing.T) {
	t.Parallel()
	models, encodedValues := 0, 0
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 21))
		model := generateModel(r)
		s, err := schemas.lookup(model)
		require.NoError(t, err, "%s", model)
		models++
		random := newRandomizer(seed)
		for range 5 {
			item := reflect.New(model).Elem()
			random.fill(item)
			item.Field(0).SetZero()
			encoded, err := s.encodeItem(item)
			if err != nil {
				requireNotStorable(t, err)
				continue
			}
			encodedValues++
			text, err := wire.AppendItem(nil, encoded)
			require.NoError(t, err)
			back := reflect.New(model).Elem()
			require.NoError(t, s.decodeText(string(text), back), "%s\n%s", model, text)
			again, err := s.encodeItem(back)
			require.NoError(t, err)
			requireSameItem(t, encoded, again, "%s\n%s", model, text)
		}
	}
	require.Greater(t, encodedValues, 3*models)
}

// requireNotStorable wants that what was refused is what DynamoDB has not: the year 10000, say.
func requireNotStorable(t *testing.T, err error) {
	t.Helper()
	placed := new(FieldError)
	require.ErrorAs(t, err, &placed)
	require.Regexp(t, `year|not valid UTF-8|38`, err.Error())
}

func requireSameItem(t *testing.T, want, got map[string]types.AttributeValue, format string, a ...any) {
	t.Helper()
	require.True(t, wire.Equal(&types.AttributeValueMemberM{Value: want}, &types.AttributeValueMemberM{Value: got}), fmt.Sprintf(format, a...))
}
