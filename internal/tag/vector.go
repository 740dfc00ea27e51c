package tag

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Vector is one element of a `vector` tag. It makes the field the vector of a vector index, or one
// of the attributes by which a search of the index selects.
type Vector struct {
	Name       string
	Distance   string // as the tag writes it; "" if the field is not the vector
	Dimensions int    // of the vector
	Hash       bool   // the field is the index's hash attribute
	Filter     bool   // the field is an inline filter
	KeysOnly   bool
	Include    []string
}

// Projects reports whether the element says which attributes the index projects.
func (v *Vector) Projects() bool { return v.KeysOnly || v.Include != nil }

// Selects reports whether a search selects by the field.
func (v *Vector) Selects() bool { return v.Hash || v.Filter }

// MaxDimensions is the greatest number of dimensions of a vector.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html
const MaxDimensions = 4096

// Distances lists the distances of vectors.
var Distances = []string{"cosine", "euclidean", "dot"}

var vectorOptions = []string{"cosine", "dimensions=N", "dot", "euclidean", "filter", "hash",
	"include=a+b", "keys_only"}

// ParseVector parses a `vector` tag: elements such as "NAME,cosine,dimensions=384", "NAME,hash" and
// "NAME,filter", separated by semicolons.
func ParseVector(tag string) ([]Vector, error) {
	var parsed []Vector
	for element := range strings.SplitSeq(tag, ";") {
		name, options, _ := strings.Cut(element, ",")
		one := Vector{Name: strings.TrimSpace(name)}
		if one.Name == "" {
			return nil, errors.New("a vector index has no name; write " +
				"\"NAME,cosine,dimensions=384\", and a semicolon only between two")
		}
		if err := one.parse(options); err != nil {
			return nil, fmt.Errorf("vector index %q: %w", one.Name, err)
		}
		parsed = append(parsed, one)
	}
	return parsed, nil
}

func (v *Vector) parse(options string) error {
	if strings.TrimSpace(options) != "" {
		for option := range strings.SplitSeq(options, ",") {
			if err := v.setOption(strings.TrimSpace(option)); err != nil {
				return err
			}
		}
	}
	isVector := v.Distance != "" || v.Dimensions != 0
	switch {
	case !isVector && !v.Selects():
		return errors.New("it does not say what the field is; write \"NAME,cosine," +
			"dimensions=384\" at the vector, and \"NAME,hash\" or \"NAME,filter\" at an " +
			"attribute by which searches select")
	case isVector && v.Selects():
		return errors.New("the field is the vector and also an attribute by which searches " +
			"select; use two fields")
	case v.Hash && v.Filter:
		return errors.New("the field is the hash attribute and also a filter; keep one")
	case v.Selects() && v.Projects():
		return errors.New("it says here what it projects; say it at the vector")
	case isVector && v.Distance == "":
		return errors.New("it has no distance; write cosine, euclidean or dot")
	case isVector && v.Dimensions == 0:
		return errors.New("it does not say how many dimensions the vector has; write dimensions=N")
	}
	return nil
}

func (v *Vector) setOption(option string) error {
	name, value, hasValue := strings.Cut(option, "=")
	name, value = strings.TrimSpace(name), strings.TrimSpace(value)
	switch {
	case name == "dimensions" && v.Dimensions != 0:
		return errors.New("option \"dimensions\" is given twice; remove one of the two")
	case name == "dimensions":
		n, err := strconv.Atoi(value)
		if err != nil || n < 1 || n > MaxDimensions {
			return fmt.Errorf("option %q is not a number of dimensions; write dimensions=1 to "+
				"dimensions=%d", option, MaxDimensions)
		}
		v.Dimensions = n
	case name == "include" && hasValue:
		if v.Projects() {
			return errTwiceProjected
		}
		for attribute := range strings.SplitSeq(value, "+") {
			v.Include = append(v.Include, strings.TrimSpace(attribute))
		}
		if slices.Contains(v.Include, "") {
			return errors.New("include lacks the name of an attribute; write \"include=a+b\"")
		}
	case hasValue:
		return NewOptionError(option, vectorOptions)
	case slices.Contains(Distances, name) && v.Distance != "":
		return fmt.Errorf("it has the distances %s and %s; keep one", v.Distance, name)
	case slices.Contains(Distances, name):
		v.Distance = name
	case name == "keys_only" && v.Projects():
		return errTwiceProjected
	case name == "keys_only":
		v.KeysOnly = true
	case Unaliased(name) == "hash":
		v.Hash = true
	case name == "filter":
		v.Filter = true
	case Unaliased(name) == "range":
		return errors.New("a vector index has no range key; write \"filter\" for an attribute by " +
			"which searches may select")
	default:
		return NewOptionError(option, vectorOptions)
	}
	return nil
}

var errTwiceProjected = errors.New("it says twice what it projects; keep one of keys_only and " +
	"include, with all attributes in it")
