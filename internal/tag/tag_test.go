package tag

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper/internal/spelling"
)

// Each row is one tag, as written after `dynamo:`, and its meaning.
func TestParseField(t *testing.T) {
	t.Parallel()
	withDefault := func(text string) Field {
		return Field{Name: "a", Options: Options{DefaultText: text, HasDefault: true}}
	}
	withLayout := func(layout string) Field {
		return Field{Name: "a",
			Options: Options{Layout: layout}}
	}
	for tag, want := range map[string]Field{
		// The name is the first element. If it is empty, it is that of the Go field.
		"":        {},
		"login":   {Name: "login"},
		" login ": {Name: "login"},
		",set":    {Options: Options{Set: true}},
		"hash":    {Name: "hash"}, // a name, not the option
		// A dash skips the field. With an option after it, the dash is a name.
		"-":      {Skip: true},
		" - ":    {Skip: true},
		"-,hash": {Name: "-", Options: Options{Hash: true}},
		// Options without a value, and their aliases.
		"a,hash":            {Name: "a", Options: Options{Hash: true}},
		"a,partition":       {Name: "a", Options: Options{Hash: true}},
		"a,range":           {Name: "a", Options: Options{Range: true}},
		"a,sort":            {Name: "a", Options: Options{Range: true}},
		"a,autoincrement":   {Name: "a", Options: Options{Autoincrement: true}},
		"a,set":             {Name: "a", Options: Options{Set: true}},
		"a,document":        {Name: "a", Options: Options{Document: true}},
		"a,json":            {Name: "a", Options: Options{JSON: true}},
		"a,unixtime":        {Name: "a", Options: Options{UnixTime: true}},
		"a,ttl":             {Name: "a", Options: Options{TTL: true}},
		"a,version":         {Name: "a", Options: Options{Version: true}},
		"a,created":         {Name: "a", Options: Options{Created: true}},
		"a,updated":         {Name: "a", Options: Options{Updated: true}},
		"a,omitempty":       {Name: "a", Options: Options{OmitEmpty: true}},
		"a, hash ,version ": {Name: "a", Options: Options{Hash: true, Version: true}},
		// A value ends at the comma, or is in single quotes, where a quote is doubled.
		"a,default=3":                 withDefault("3"),
		"a,default=":                  withDefault(""),
		"a,default=''":                withDefault(""),
		"a,default= 3 ":               withDefault("3"),
		"a,default=' 3 '":             withDefault(" 3 "),
		"a,default=x=y":               withDefault("x=y"),
		"a,default=it's":              withDefault("it's"),
		"a,default='one, two'":        withDefault("one, two"),
		"a, default = 'one, two' ":    withDefault("one, two"),
		"a,default='it''s, or not'":   withDefault("it's, or not"),
		"a,default=''''":              withDefault("'"),
		"a,default='a=''b'',c=''d'''": withDefault("a='b',c='d'"),
		// A layout is a text, or the name of a layout in package time.
		"a,layout=2006-01-02":    withLayout("2006-01-02"),
		"a,layout=DateOnly":      withLayout(time.DateOnly),
		"a,layout=RFC1123":       withLayout(time.RFC1123),
		"a,layout='Jan 2, 2006'": withLayout("Jan 2, 2006"),
		// Options after a quoted value.
		"a,default='x,y',hash": {Name: "a",
			Options: Options{Hash: true, DefaultText: "x,y", HasDefault: true}},
		"a,layout='Jan 2, 2006',default='May 3, 2012',created": {Name: "a", Options: Options{
			Layout: "Jan 2, 2006", DefaultText: "May 3, 2012", HasDefault: true, Created: true}},
	} {
		t.Run(tag, func(t *testing.T) {
			got, err := ParseField(tag)
			require.NoError(t, err)
			require.Equal(t, want, got)
		})
	}
}

func TestParseFieldRefuses(t *testing.T) {
	t.Parallel()
	for tag, problem := range map[string]string{
		"a,hsh":                   `option "hsh" is not known; did you mean "hash"?`,
		"a,gsi":                   `option "gsi" is not known; did you mean index, a tag of its own beside dynamo: index:"NAME,range"?`,
		"a,hash,globalIndex=i":    `option "globalIndex" is not known; did you mean index, a tag`,
		"a,index=i":               `option "index" is not known; did you mean index, a tag`,
		"a,local_secondary_index": `option "local_secondary_index" is not known; did you mean localIndex, a tag of its own beside dynamo: localIndex:"NAME,range"?`,
		"a,LSI":                   `option "LSI" is not known; did you mean localIndex, a tag`,
		"a,Hash":                  `option "Hash" is not known; did you mean "hash"?`,
		"a,layuot=DateOnly":       `did you mean "layout=LAYOUT"?`,
		"a,Default=3":             `did you mean "default=VALUE"?`,
		"a,encrypted":             `remove it, or write autoincrement, created, default=VALUE, document, format=FORMAT, hash, json, layout=LAYOUT, omitempty, partition, range, rest, set, sort, ttl, unixmilli, unixtime, updated or version`,
		"a,":                      `remove the comma`,
		"-,":                      `remove the comma`,
		"a,,hash":                 `remove the comma`,
		"a,hash,hash":             `option "hash" is given twice; remove one of the two`,
		"a,hash,partition":        `option "hash" is given twice; remove one of the two`,
		"a,range,sort":            `option "range" is given twice; remove one of the two`,
		"a,default=1,default=2":   `option "default" is given twice; remove one of the two`,
		"a,hash=1":                `option "hash" takes no value; write only "hash"`,
		"a,sort=true":             `option "sort" takes no value; write only "sort"`,
		"a,layout":                `option "layout" needs a value; write "layout=VALUE"`,
		"a,layout=":               `option "layout" needs a value`,
		"a,layout=''":             `option "layout" needs a value`,
		"a,default":               `option "default" needs a value`,
		"a,default=one, two":      `option "two" is not known; remove it, or write autoincrement`,
		"a,layout=Jan 2, 2006":    `; a value of "layout" with a comma stands in single quotes`,
		"default=3":               `option "default" stands in the place of the attribute's name; write a comma before it`,
		"layout=DateOnly,hash":    `option "layout" stands in the place of the attribute's name`,
		"a,default='x,hash":       `option "default": the value's single quote is not closed; close it`,
		"a,default='it''":         `quote is not closed`,
		"a,default='it's'":        `option "default": something follows the value's closing quote`,
		"a,default='x'y,hash":     `write a comma there, or the quote twice where it is part of the value`,
		"a,layout='2006', ,hash":  `remove the comma`,
	} {
		t.Run(tag, func(t *testing.T) {
			_, err := ParseField(tag)
			require.ErrorContains(t, err, problem)
		})
	}
}

func TestParseIndex(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		tag   string
		local bool
		want  []Index
	}{
		{"by-email,hash", false, []Index{{Name: "by-email", Hash: true}}},
		{"by-email,partition", false, []Index{{Name: "by-email", Hash: true}}},
		{"by-email,range", false, []Index{{Name: "by-email"}}},
		{"by-email,sort", false, []Index{{Name: "by-email"}}},
		{"by-time,range", true, []Index{{Name: "by-time", Local: true}}},
		// A field in several indexes.
		{"by-email,hash;by-guild,range", false,
			[]Index{{Name: "by-email", Hash: true}, {Name: "by-guild"}}},
		{" by-email , hash ; by-guild , range ", false,
			[]Index{{Name: "by-email", Hash: true}, {Name: "by-guild"}}},
		// The projection of an index.
		{"by-email,hash,keys_only", false,
			[]Index{{Name: "by-email", Hash: true, KeysOnly: true}}},
		{"by-email,keys_only,hash", false,
			[]Index{{Name: "by-email", Hash: true, KeysOnly: true}}},
		{"by-email,hash,include=a", false,
			[]Index{{Name: "by-email", Hash: true, Include: []string{"a"}}}},
		{"by-email,hash,include=a + b", false,
			[]Index{{Name: "by-email", Hash: true, Include: []string{"a", "b"}}}},
		{"by-time,range,include=a+b", true,
			[]Index{{Name: "by-time", Local: true, Include: []string{"a", "b"}}}},
		// The place among several hash or range attributes.
		{"by-place,hash=1", false, []Index{{Name: "by-place", Hash: true, Position: 1}}},
		{"by-place,partition=4,keys_only", false,
			[]Index{{Name: "by-place", Hash: true, Position: 4, KeysOnly: true}}},
		{"by-place,range=2;all,sort=3", false,
			[]Index{{Name: "by-place", Position: 2}, {Name: "all", Position: 3}}},
	} {
		t.Run(row.tag, func(t *testing.T) {
			got, err := ParseIndex(row.tag, row.local)
			require.NoError(t, err)
			require.Equal(t, row.want, got)
		})
	}
}

func TestParseIndexRefuses(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		tag     string
		local   bool
		problem string
	}{
		{"", false, `an index has no name; write "NAME,hash"`},
		{",hash", false, `an index has no name`},
		{"by-email,hash;", false, `a semicolon only between two`},
		{"", true, `write "NAME,range"`},
		{"by-email", false,
			`index "by-email" does not say which of its keys the field is; write "by-email,hash"`},
		{"by-time", true, `write "by-time,range"`},
		{"by-email,keys_only", false, `does not say which of its keys the field is`},
		{"by-email,hash,range", false,
			`index "by-email": the field is the hash key and again the range key; keep one`},
		{"by-email,hash,partition", false,
			`the field is the hash key and again the hash key; keep one`},
		{"by-email,hash,", false, `remove the comma`},
		{"by-email,hsah", false,
			`index "by-email": option "hsah" is not known; did you mean "hash"?`},
		{"by-email,hash,keysonly", false, `did you mean "keys_only"?`},
		{"by-email,hash,include", false, `did you mean "include=a+b"?`},
		{"by-email,hash,project=a", false,
			`remove it, or write hash, include=a+b, keys_only, partition, range or sort`},
		{"by-email,hash,include=", false, `include lacks the name of an attribute`},
		{"by-email,hash,include=a+", false,
			`include lacks the name of an attribute; write "include=a+b"`},
		{"by-email,hash,keys_only,include=a", false,
			`it says twice what it projects; keep one of keys_only and include`},
		{"by-email,hash,keys_only,keys_only", false, `it says twice what it projects`},
		{"by-email,hash,include=a,include=b", false, `it says twice what it projects`},
		{"by-place,hash=0", false, `index "by-place": option "hash=0" does not say which of at most ` +
			`4 attributes the field is; write hash=1 to hash=4`},
		{"by-place,hash=5", false, `write hash=1 to hash=4`},
		{"by-place,sort=", false, `option "sort=" does not say which of at most 4 attributes the ` +
			`field is; write sort=1 to sort=4`},
		{"by-place,range=first", false, `write range=1 to range=4`},
		{"by-place,hash=1,hash=2", false, `the field is the hash key and again the hash key; keep one`},
		{"by-place,hash,range=1", false, `the field is the hash key and again the range key`},
		{"by-place,keys_only=1,hash", false, `option "keys_only=1" is not known; did you mean ` +
			`"keys_only"?`},
		{"by-time,range=1", true, `index "by-time": option "range=1" has a number, and a local index ` +
			`has one attribute of each kind; write "range"`},
	} {
		t.Run(row.tag, func(t *testing.T) {
			_, err := ParseIndex(row.tag, row.local)
			require.ErrorContains(t, err, row.problem)
		})
	}
}

// Common misspellings lead to the intended word.
func TestNearest(t *testing.T) {
	t.Parallel()
	for word, want := range map[string]string{
		"hsh": "hash", "Hash": "hash", "HASH": "hash", "hahs": "hash", "hashkey": "hash",
		"hash_key": "hash",
		"rnage":    "range", "rang": "range", "ragne": "range", "rangekey": "range",
		"omitEmpty": "omitempty", "omit_empty": "omitempty", "omitemtpy": "omitempty",
		"omitzero":       "",
		"auto_increment": "autoincrement", "autoIncrement": "autoincrement",
		"auto": "autoincrement",
		"doc":  "document", "documents": "document", "jsn": "json", "tll": "ttl", "tlt": "ttl",
		"ste": "set", "sets": "set", "unixtim": "unixtime", "unixmillis": "unixmilli",
		"unix":   "unixtime",
		"create": "created", "created_at": "created", "update": "updated", "ver": "version",
		"partion": "partition",
		"defualt": "default=VALUE", "layot": "layout=LAYOUT",
		"x": "", "": "", "pk": "", "key": "", "string": "", "index": "", "encrypted": "",
		"global": "",
	} {
		t.Run(word,
			func(t *testing.T) { require.Equal(t, want, spelling.Nearest(word, optionNames())) })
	}
	require.Equal(t, "fistName", spelling.Nearest("fistname", []string{"login", "fistName"}),
		"the known words may be capitalized")
}

// No tag makes the parser panic, and an accepted tag that is written again has the same meaning.
func FuzzParseField(f *testing.F) {
	for _, tag := range []string{
		"", "-", " - ", "-,hash", "login,hash", "a,partition,sort", "a,set,omitempty", ",document",
		"a,json", "id,hash,autoincrement",
		"a,default=3", "a,default=", "a,default='it''s, or not',version", "a,default='x",
		"a,default='x'y", "a,default=x=y", "a,default==",
		"a,layout=DateOnly", "a,layout='Jan 2, 2006',created", "a,layout=RFC850", "a,layout=Layout",
		"a,layout=''''", "a, default = ' x ' ,ttl",
		"default=3", "a,unixtime,updated", "é,hash", "\xff,hash", "a,default=\xff", "=',',",
		"a,=''",
	} {
		f.Add(tag)
	}
	f.Fuzz(func(t *testing.T, tag string) {
		parsed, err := ParseField(tag)
		if err != nil {
			return
		}
		again, err := ParseField(writeField(parsed))
		require.NoError(t, err)
		require.Equal(t, parsed, again)
	})
}

// writeField is the inverse of ParseField.
func writeField(parsed Field) string {
	if parsed.Skip {
		return "-"
	}
	elements := []string{parsed.Name}
	for name, set := range flagOptions {
		if with := parsed.Options; func() bool {
			set(&with)
			return with ==
				parsed.Options
		}() {
			elements = append(elements, name)
		}
	}
	quote := func(value string) string { return "'" + strings.ReplaceAll(value, "'", "''") + "'" }
	if parsed.Layout != "" {
		elements = append(elements, "layout="+quote(parsed.Layout))
	}
	if parsed.HasDefault {
		elements = append(elements, "default="+quote(parsed.DefaultText))
	}
	return strings.Join(elements, ",")
}

// FuzzParseIndex does the same as FuzzParseField.
func FuzzParseIndex(f *testing.F) {
	for _, tag := range []string{
		"", ";", "by-email,hash", "by-email,hash;by-guild,range", "a,range,keys_only",
		"a,hash,include=x+y", "a,include=x+,hash",
		"a,partition;b,sort", "a,hash,hash", "a b , hash", "a,hash,keys_only,include=x",
		"\xff,hash", "a=b,hash",
	} {
		f.Add(tag, false)
		f.Add(tag, true)
	}
	f.Fuzz(func(t *testing.T, tag string, local bool) {
		parsed, err := ParseIndex(tag, local)
		if err != nil {
			return
		}
		require.NotEmpty(t, parsed)
		again, err := ParseIndex(writeIndex(parsed), local)
		require.NoError(t, err)
		require.Equal(t, parsed, again)
		require.True(t,
			slices.IndexFunc(parsed,
				func(i Index) bool { return i.Name == "" || i.Local != local }) < 0)
	})
}

// writeIndex is the inverse of ParseIndex.
func writeIndex(parsed []Index) string {
	var elements []string
	for _, one := range parsed {
		element := one.Name + ",range"
		if one.Hash {
			element = one.Name + ",hash"
		}
		if one.KeysOnly {
			element += ",keys_only"
		}
		if one.Include != nil {
			element += ",include=" + strings.Join(one.Include, "+")
		}
		elements = append(elements, element)
	}
	return strings.Join(elements, ";")
}

// A tag whose key resembles dynamo but would not be read is refused. Other tags are ignored.
func TestCheckKeys(t *testing.T) {
	t.Parallel()
	for tag, want := range map[reflect.StructTag]string{
		``:                                  "",
		`dynamo:"a,hash" json:"b" xml:",c"`: "",
		`dynamo:"a" index:"i,hash"`:         "",
		`dynamodbav:"a" dynamo:"a"`:         "",
		`json: "a"`:                         "",
		`no tag at all`:                     "",
		`dynamo: "a"`:                       `has not the form key:"value"`,
		`dynamo:a`:                          `has not the form key:"value"`,
		`dynamo:"a`:                         `has not the form key:"value"`,
		`json:"b",dynamo:"a"`:               `has not the form key:"value"`,
		`Dynamo:"a"`:                        "the tag Dynamo would not be read; write dynamo",
		`dynamo:"a" localindex:"i,range"`: "the tag localindex would not be read; write " +
			"localIndex",
		`dynamo:"a" Index:"i,hash"`:      "the tag Index would not be read; write index",
		`index:"i,hash" index:"j,range"`: "the tag index stands there twice",
		`dynamo:"a" dynamo:"b"`:          "the tag dynamo stands there twice",
		`dynamo:"a" gsi:"i,hash"`:        "the tag gsi would not be read; did you mean index?",
		`dynamo:"a" globalIndex:"i,hash"`: "the tag globalIndex would not be read; did you mean " +
			"index?",
		`dynamo:"a" LSI:"i,range"`: "the tag LSI would not be read; did you mean localIndex?",
		`json:"a" gsi:"i,hash"`:    "",
		`dynamodbav:"a"`:           "the tag dynamodbav would not be read",
		`dynamodb:"a,hash"`:        "the tag dynamodb would not be read",
	} {
		if err := CheckKeys(tag); want == "" {
			require.NoError(t, err, tag)
		} else {
			require.ErrorContains(t, err, want, tag)
		}
	}
}
