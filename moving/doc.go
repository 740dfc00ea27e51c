// Package moving holds the tests of the guides docs/from-python.md, docs/from-guregu.md and
// docs/from-attributevalue.md: the other library writes items with its own code, dynamapper
// continues with them, and the other way round. It also holds a test beside the middleware of
// OpenTelemetry. It is a separate module, so that the library does not depend on the others.
package moving
