package httpserver

import (
	"errors"
	"fmt"
	"net/http"
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
	field := fault.Field{Path: path, Code: err.SchemaField, Message: "is not valid"}
	s := err.Schema
	if field.Path == "" {
		field.Path = "body"
	}
	switch err.SchemaField {
	case "required":
		field.Message = "is required"
	case "type":
		if s.Type != nil && len(s.Type.Slice()) > 0 {
			field.Message = "must be " + article(s.Type.Slice()[0])
		}
	case "minimum", "exclusiveMinimum":
		field.Message = bound("at least", "greater than", s.Min, err.SchemaField)
	case "maximum", "exclusiveMaximum":
		field.Message = bound("at most", "less than", s.Max, err.SchemaField)
	case "minLength":
		field.Message = fmt.Sprintf("must have at least %s", count(s.MinLength, "character"))
	case "maxLength":
		if s.MaxLength != nil {
			field.Message = fmt.Sprintf("must have at most %s", count(*s.MaxLength, "character"))
		}
	case "enum":
		field.Message = "must be one of " + listed(s.Enum)
	case "format":
		field.Message = "must be a valid " + s.Format
	case "pattern":
		field.Message = "has characters that are not allowed"
	}
	return field
}

func bound(inclusive, exclusive string, limit *float64, rule string) string {
	if limit == nil {
		return "is out of range"
	}
	word := inclusive
	if strings.HasPrefix(rule, "exclusive") {
		word = exclusive
	}
	return fmt.Sprintf("must be %s %v", word, *limit)
}

func count(n uint64, what string) string {
	if n == 1 {
		return "1 " + what
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

// unwrapTooLarge finds the reader's limit in an error, which kin-openapi hides in its own.
func unwrapTooLarge(err error) error {
	var limit *http.MaxBytesError
	if errors.As(err, &limit) {
		return errBodyTooLarge
	}
	return nil
}
