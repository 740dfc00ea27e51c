// Package moving holds the tests of the guides docs/from-python.md, docs/from-guregu.md and docs/from-attributevalue.md: the other
// library writes items by its own code, dynamapper goes on with them, and back. It is a module of its own, so that the library does
// not depend on the others.
package moving
