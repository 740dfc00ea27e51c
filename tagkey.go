package dynamapper

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// tagKeysOf lists the keys of a struct tag, false where it has not the form that package reflect reads: what stands behind the
// flaw would not be seen.
func tagKeysOf(tag reflect.StructTag) (keys []string, ok bool) {
	for rest := strings.TrimLeft(string(tag), " "); rest != ""; rest = strings.TrimLeft(rest, " ") {
		key, value, found := strings.Cut(rest, ":")
		if !found || key == "" || strings.ContainsAny(key, " ,\"") {
			return keys, false
		}
		quoted, err := strconv.QuotedPrefix(value)
		if err != nil || quoted[0] != '"' {
			return keys, false
		}
		keys = append(keys, key)
		rest = value[len(quoted):]
	}
	return keys, true
}

// indexTags are other words for our tags of indexes, in small letters: those of the service and of other libraries.
var indexTags = map[string]string{
	"index": "index", "gsi": "index", "globalindex": "index", "globalsecondaryindex": "index", "secondaryindex": "index",
	"lsi": "localIndex", "localindex": "localIndex", "localsecondaryindex": "localIndex",
}

// indexTagOf is the tag that a word for an index means; "" where it means none.
func indexTagOf(word string) string {
	return indexTags[strings.NewReplacer("_", "", "-", "").Replace(strings.ToLower(word))]
}

// checkTagKeys refuses tags that look like ours and would not be read.
func checkTagKeys(tag reflect.StructTag) error {
	keys, ok := tagKeysOf(tag)
	if !ok && strings.Contains(strings.ToLower(string(tag)), "dynamo") {
		return fmt.Errorf("the tag `%s` has not the form key:\"value\", and would not be read; write each value in double quotes right behind the colon", tag)
	}
	for i, key := range keys {
		for _, ours := range []string{"dynamo", "index", "localIndex"} {
			switch {
			case key == ours && slices.Contains(keys[:i], key):
				return fmt.Errorf("the tag %s stands there twice, and Go reads the first; put both into one, separated by semicolons", key)
			case key != ours && strings.EqualFold(key, ours):
				return fmt.Errorf("the tag %s would not be read; write %s", key, ours)
			}
		}
		if tag := indexTagOf(key); tag != "" && tag != key && slices.Contains(keys, "dynamo") {
			return fmt.Errorf("the tag %s would not be read; did you mean %s?", key, tag)
		}
		if (key == "dynamodb" || key == "dynamodbav") && !slices.Contains(keys, "dynamo") {
			return fmt.Errorf("the tag %s would not be read, and the attribute be named after the field; write dynamo, beside it or in its place", key)
		}
	}
	return nil
}
