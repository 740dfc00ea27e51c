package protocol

import (
	"encoding/json"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/dynamapper/dynamapper/engine/internal/value"
)

func TestWriter(t *testing.T) {
	t.Parallel()
	var out Writer
	out.Object()
	out.Key("Empty")
	out.Object()
	out.End()
	out.Key("Texts")
	out.Array()
	out.String("a\"\\\n\x01é{")
	out.String("")
	out.End()
	out.Key("Int")
	out.Int(-7)
	out.Key("Bools")
	out.Array()
	out.Bool(true)
	out.Bool(false)
	out.Array()
	out.End()
	out.End()
	out.Key("Items")
	out.Array()
	out.Item(value.Map{{Name: "a", Value: value.String("x")}})
	out.Item(value.Map{})
	out.End()
	out.Key("Value")
	out.Value(value.Bool(true))
	out.End()
	assert.Equal(t, `{"Empty":{},"Texts":["a\"\\\n\u0001é{",""],"Int":-7,"Bools":[true,false,[]],`+
		`"Items":[{"a":{"S":"x"}},{}],"Value":{"BOOL":true}}`, string(out.Bytes()))
	assert.True(t, json.Valid(out.Bytes()))
}

func TestWriterFloat(t *testing.T) {
	t.Parallel()
	for want, f := range map[string]float64{
		"0.0": 0, "1.0": 1, "0.5": 0.5, "-2.5": -2.5, "1732821234.567": 1732821234.567,
		"100000000000000000000000.0": 1e23,
	} {
		var out Writer
		out.Float(f)
		assert.Equal(t, want, string(out.Bytes()))
	}
	var out Writer
	out.Float(math.NaN())
	assert.Equal(t, "0.0", string(out.Bytes()))
}

func BenchmarkWriter(b *testing.B) {
	in, err := Decode[PutItemInput](benchmarkBody)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		var out Writer
		out.Object()
		out.Key("Item")
		out.Item(in.Item.Attributes)
		out.End()
		_ = out.Bytes()
	}
}
