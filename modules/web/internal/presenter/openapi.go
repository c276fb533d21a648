package presenter

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"

	"github.com/getkin/kin-openapi/openapi3"
)

// Merge joins the modules' descriptions into the one that is published. Two documents may repeat a component, for
// example the problem of a failed request, only when both say the same of it.
func Merge(version string, docs ...*openapi3.T) (*openapi3.T, error) {
	if len(docs) == 0 {
		return nil, fmt.Errorf("merge API descriptions: there is none")
	}
	out := &openapi3.T{
		OpenAPI:    docs[0].OpenAPI,
		Info:       about(version, docs[0].Info),
		Paths:      openapi3.NewPaths(),
		Components: &openapi3.Components{},
	}
	for _, doc := range docs {
		if err := addPaths(out, doc); err != nil {
			return nil, err
		}
		if err := addComponents(out.Components, doc.Components); err != nil {
			return nil, err
		}
		addTags(out, doc.Tags)
	}
	return out, nil
}

func about(version string, first *openapi3.Info) *openapi3.Info {
	if version == "" {
		version = first.Version
	}
	return &openapi3.Info{
		Title:   "fiapx",
		Version: version,
		License: first.License,
		Description: "Turns videos into ZIP archives of frames. Every error is an application/problem+json document (RFC 9457): " +
			"code is stable, detail is one sentence for a person, and errors names the fields that are wrong.",
	}
}

// addPaths copies the operations. A document's own security becomes each operation's, since the merged document has none.
func addPaths(out, doc *openapi3.T) error {
	for path, item := range doc.Paths.Map() {
		if out.Paths.Value(path) != nil {
			return fmt.Errorf("merge API descriptions: path %s is described twice", path)
		}
		copied := *item
		for method, op := range item.Operations() {
			if op.Security == nil && len(doc.Security) > 0 {
				own := *op
				own.Security = &doc.Security
				copied.SetOperation(method, &own)
			}
		}
		out.Paths.Set(path, &copied)
	}
	return nil
}

func addTags(out *openapi3.T, tags openapi3.Tags) {
	for _, tag := range tags {
		if out.Tags.Get(tag.Name) == nil {
			out.Tags = append(out.Tags, tag)
		}
	}
}

func addComponents(to, from *openapi3.Components) error {
	if from == nil {
		return nil
	}
	return firstError(
		addNamed(&to.Schemas, from.Schemas, "schema"),
		addNamed(&to.Parameters, from.Parameters, "parameter"),
		addNamed(&to.Headers, from.Headers, "header"),
		addNamed(&to.RequestBodies, from.RequestBodies, "request body"),
		addNamed(&to.Responses, from.Responses, "response"),
		addNamed(&to.SecuritySchemes, from.SecuritySchemes, "security scheme"),
		addNamed(&to.Examples, from.Examples, "example"),
	)
}

func addNamed[M ~map[string]V, V any](to *M, from M, what string) error {
	if *to == nil && len(from) > 0 {
		*to = M{}
	}
	for _, name := range slices.Sorted(maps.Keys(from)) {
		if known, twice := (*to)[name]; twice && !same(known, from[name]) {
			return fmt.Errorf("merge API descriptions: %s %s is described in two ways", what, name)
		}
		(*to)[name] = from[name]
	}
	return nil
}

// same compares what would be published: the parsed values also hold where in their files they came from.
func same(a, b any) bool {
	var left, right any
	return decoded(a, &left) == nil && decoded(b, &right) == nil && reflect.DeepEqual(left, right)
}

func decoded(v any, into *any) error {
	text, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return json.Unmarshal(text, into)
}

func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
