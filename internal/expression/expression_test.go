package expression

import (
	"strconv"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/dynamapper/dynamapper/internal/wire"
	"github.com/stretchr/testify/require"
)

func number(n string) wire.Raw { return wire.NewNumber(n) }

func TestNamesAreAliased(t *testing.T) {
	var aliases Aliases
	require.Nil(t, aliases.Names())
	require.Nil(t, aliases.Values())
	require.Equal(t, "#0", aliases.Name("size"))
	require.Equal(t, "#1", aliases.Name("a.b"))
	require.Equal(t, "#0", aliases.Name("size"), "the same name has the same alias")
	require.Equal(t, "#2", aliases.Name("#0"))
	require.Equal(t, ":0", aliases.Value(number("1")))
	require.Equal(t, ":1", aliases.Value(number("1")), "values are not compared")
	require.Equal(t, map[string]string{"#0": "size", "#1": "a.b", "#2": "#0"}, aliases.Names())
	require.Equal(t, map[string]types.AttributeValue{":0": number("1").AttributeValue(),
		":1": number("1").AttributeValue()},
		aliases.Values())
}

func TestConditionText(t *testing.T) {
	var aliases Aliases
	c := NewCondition(&aliases)
	require.Nil(t, c.Text())
	require.True(t, c.Fits())
	c.Equal("a", number("1"))
	require.Equal(t, "#0=:0", *c.Text())
	c.Missing("b")
	c.Exists("a")
	c.Equal("c", number("2"))
	require.Equal(t, "#0=:0 AND attribute_not_exists(#1) AND attribute_exists(#0) AND #2=:1",
		*c.Text())
}

// The first part has parentheses only beside another one.
func TestConditionTextOfParts(t *testing.T) {
	either := Or(Compare("#0", "=", ":0"), Compare("#1", "=", ":1"))
	for want, add := range map[string]func(c *Condition){
		"#0=:0 OR #1=:1": func(c *Condition) { c.Add(either) },
		"(#0=:0 OR #1=:1) AND (#0=:0 OR #1=:1)": func(c *Condition) {
			c.Add(either)
			c.Add(either)
		},
		"(#0=:0 OR #1=:1) AND attribute_exists(#0)": func(c *Condition) {
			c.Add(either)
			c.Exists("a")
		},
		"attribute_exists(#0) AND (#0=:0 OR #1=:1)": func(c *Condition) {
			c.Exists("a")
			c.Add(either)
		},
		"#0=:0 AND attribute_exists(#0) AND (NOT size(#1))": func(c *Condition) {
			c.Equal("a", number("1"))
			c.Exists("a")
			c.Add(Not(Call("size", "#1")))
		},
	} {
		var aliases Aliases
		c := NewCondition(&aliases)
		add(c)
		require.Equal(t, want, *c.Text())
	}
	var aliases Aliases
	c := NewCondition(&aliases)
	c.Add(either)
	c.Exists("a")
	require.Equal(t, And(either, Call("attribute_exists", "#0")).operators, c.operators)
}

// A map finds the names once there are more than a few.
func TestManyNamesAreAliasedOnce(t *testing.T) {
	var aliases Aliases
	for range 2 {
		for i := range 100 {
			require.Equal(t, "#"+strconv.Itoa(i), aliases.Name("n"+strconv.Itoa(i)))
		}
	}
	require.Len(t, aliases.Names(), 100)
}

func TestUpdateText(t *testing.T) {
	u := &Update{}
	require.Nil(t, u.Text())
	require.True(t, u.Fits())
	u.Add("#0", ":0")
	u.Set("#1", ":1")
	u.Remove("#2.#3[1]")
	u.Set("#4", "if_not_exists(#4,:2)")
	u.Remove("#5")
	u.Delete("#6", ":3")
	require.Equal(t, "SET #1=:1,#4=if_not_exists(#4,:2) REMOVE #2.#3[1],#5 ADD #0 :0 DELETE #6 :3",
		*u.Text())
	only := &Update{}
	only.Remove("#0")
	require.Equal(t, "REMOVE #0", *only.Text())
}

func TestProjectionText(t *testing.T) {
	var aliases Aliases
	require.Nil(t, Projection(nil))
	path := aliases.Path([]Step{{Name: "a"}, {Index: 2, List: true}, {Name: "b"}})
	require.Equal(t, "#2,#0[2].#1", *Projection([]string{aliases.Name("c"), path}))
}

// 150 comparisons have 149 ANDs between them.
func TestAConditionFitsUpToItsOperators(t *testing.T) {
	for comparisons, fits := range map[int]bool{
		1: true, 149: true, 150: true, 151: false, 700: false,
	} {
		var aliases Aliases
		c := NewCondition(&aliases)
		for i := range comparisons {
			c.Equal(strings.Repeat("n", i+1), number("1"))
		}
		require.Equal(t, fits, c.Fits(), comparisons)
	}
}

func TestAConditionFitsUpToItsBytes(t *testing.T) {
	var aliases Aliases
	for range 1000 {
		aliases.Name(strings.Repeat("n", len(aliases.list)+1)) // so that the aliases are long
	}
	c := NewCondition(&aliases)
	for c.Fits() {
		c.Missing(strings.Repeat("m", c.parts+1))
	}
	text := *c.Text()
	require.Greater(t, len(text), MaxBytes)
	require.Less(t, c.operators, MaxOperators)
	_, allButOne, _ := strings.Cut(text, " AND ")
	require.LessOrEqual(t, len(allButOne), MaxBytes)
}

func TestAnUpdateFits(t *testing.T) {
	for _, c := range []struct {
		sets, removes int
		fits          bool
	}{
		{0, 0, true}, {100, 0, true}, {0, 300, true}, {0, 301, false}, {150, 150, true},
		{150, 151, false}, {301, 0, false},
	} {
		u := &Update{}
		for range c.sets {
			u.Set("#0", ":0")
		}
		for range c.removes {
			u.Remove("#1")
		}
		require.Equal(t, c.fits, u.Fits(), "%d sets and %d removes", c.sets, c.removes)
	}
}

func TestAnUpdateFitsUpToItsBytes(t *testing.T) {
	for length, fits := range map[int]bool{MaxBytes: true, MaxBytes + 1: false} {
		u := &Update{}
		u.Remove(strings.Repeat("x", length-len("REMOVE ")))
		require.Equal(t, fits, u.Fits(), length)
	}
}
