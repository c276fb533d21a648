package httpserver

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/fiapx/fiapx/platform/fault"
)

// describe words a schema error for a person, from the rule that was broken; the value sent is never repeated.
func describe(err *openapi3.SchemaError, at string) fault.Field {
	path := strings.Join(err.JSONPointer(), ".")
	if at != "" {
		path = strings.Trim(at+"."+path, ".")
	}
	if path == "" {
		path = "body"
	}
	return fault.Field{Path: path, Code: err.SchemaField, Message: rule(err.SchemaField, err.Schema)}
}

// rule says what the named rule of the schema asks for.
func rule(name string, s *openapi3.Schema) string {
	switch name {
	case "required":
		return "is required"
	case "nullable":
		return "must not be null"
	case "type":
		if kinds := s.Type.Slice(); len(kinds) > 0 {
			return "must be " + article(kinds[0])
		}
	case "enum", "const":
		return "must be one of " + listed(s.Enum)
	case "format":
		return "must be " + format(s.Format)
	case "pattern":
		return "has characters or a form that are not allowed"
	case "properties", "additionalProperties":
		return "has a field that is not known here; check the spelling"
	}
	return limit(name, s)
}

// limit words the rules with a number in them.
func limit(name string, s *openapi3.Schema) string {
	switch name {
	case "minimum", "exclusiveMinimum":
		return bound("at least", "greater than", s.Min, name)
	case "maximum", "exclusiveMaximum":
		return bound("at most", "less than", s.Max, name)
	case "multipleOf":
		return bound("a multiple of", "", s.MultipleOf, name)
	case "minLength":
		return "must have at least " + count(s.MinLength, "character")
	case "maxLength":
		if s.MaxLength != nil {
			return "must have at most " + count(*s.MaxLength, "character")
		}
	case "minItems":
		return "must have at least " + count(s.MinItems, "entry")
	case "maxItems":
		if s.MaxItems != nil {
			return "must have at most " + count(*s.MaxItems, "entry")
		}
	case "uniqueItems":
		return "must not have the same entry twice"
	}
	return "is not valid"
}

func bound(inclusive, exclusive string, limit *float64, rule string) string {
	if limit == nil {
		return "is out of range"
	}
	word := inclusive
	if strings.HasPrefix(rule, "exclusive") {
		word = exclusive
	}
	return fmt.Sprintf("must be %s %s", word, strconv.FormatFloat(*limit, 'f', -1, 64))
}

func count(n uint64, what string) string {
	if n == 1 {
		return "1 " + what
	}
	if stem, ok := strings.CutSuffix(what, "y"); ok {
		what = stem + "ie"
	}
	return fmt.Sprintf("%d %ss", n, what)
}

func listed(values []any) string {
	words := make([]string, len(values))
	for i, v := range values {
		words[i] = fmt.Sprint(v)
	}
	return strings.Join(words, ", ")
}

func article(kind string) string {
	switch kind {
	case "integer":
		return "a whole number"
	case "number":
		return "a number"
	case "boolean":
		return "true or false"
	case "array":
		return "a list"
	case "object":
		return "an object"
	}
	return "text"
}

func format(name string) string {
	switch name {
	case "date-time":
		return "a date and time, as in 2030-01-31T12:00:00Z"
	case "date":
		return "a date, as in 2030-01-31"
	case "uuid":
		return "a UUID, as in 123e4567-e89b-12d3-a456-426614174000"
	case "email":
		return "an e-mail address"
	case "int32", "int64":
		return "a whole number that is not as large"
	}
	return "a valid " + name
}
