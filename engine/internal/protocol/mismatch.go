package protocol

// The service is a Java program. Its errors name Java types if a request has another JSON type than
// the model.

// model is the package of the classes of the service's model.
const model = "com.amazonaws.dynamodb.v20120810."

// structureFound is the service's text for an object in a place where none is allowed.
const structureFound = "Start of structure or map found where not expected"

// serialization returns a SerializationException.
func serialization(message string) error {
	return &Error{Code: "SerializationException", Message: message}
}

// notScalar returns the error of a value that is not a scalar of a Java type, such as String.
func (r *reader) notScalar(java string) error {
	switch r.peek() {
	case '[':
		return serialization("Unrecognized collection type class java.lang." + java)
	case '{':
		return serialization(structureFound)
	}
	return serialization(r.scalarName() + " cannot be converted to " + java)
}

// scalarName returns the service's name for the next scalar.
func (r *reader) scalarName() string {
	switch r.peek() {
	case '"':
		return "STRING_VALUE"
	case 't':
		return "TRUE_VALUE"
	case 'f':
		return "FALSE_VALUE"
	}
	ahead := *r
	if text, err := ahead.number(); err == nil && !isWhole(text) {
		return "DECIMAL_VALUE"
	}
	return "NUMBER_VALUE"
}

// isWhole reports whether a JSON number has neither a point nor an exponent.
func isWhole(number []byte) bool {
	for _, c := range number {
		if c == '.' || c == 'e' || c == 'E' {
			return false
		}
	}
	return true
}

// notStructure returns the error of a member that is not an object. class is its Java type.
func (r *reader) notStructure(class string) error {
	if r.peek() == '[' {
		return serialization("Unrecognized collection type class " + class)
	}
	return serialization("Unexpected field type")
}

// notEntry returns the error of a list's element, or a map's value, that is not an object.
func (r *reader) notEntry(class string) error {
	if r.peek() == '[' {
		return serialization("Unrecognized collection type class " + class)
	}
	return serialization("Unexpected value type in payload")
}

// notList returns the error of a member that is not an array.
func (r *reader) notList() error {
	if r.peek() == '{' {
		return serialization(structureFound)
	}
	return serialization("Unexpected field type")
}

// notMap returns the error of a member that is not a map with values of a Java type.
func (r *reader) notMap(java string) error {
	if r.peek() == '[' {
		return serialization("Unrecognized collection type java.util.Map<java.lang.String, " +
			java + ">")
	}
	return serialization("Unexpected field type")
}

// notNested returns the error of a value inside a map or list that should be a map or list and is
// neither.
func notNested() error {
	const (
		class = "java.lang.Class"
		impl  = "sun.reflect.generics.reflectiveObjects.ParameterizedTypeImpl"
	)
	return serialization("class " + impl + " cannot be cast to class " + class + " (" + impl +
		" and " + class + " are in module java.base of loader 'bootstrap')")
}
