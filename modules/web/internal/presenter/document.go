package presenter

import (
	"encoding/json"
	"reflect"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// document is a JSON object. Merging works on what is published, not on the parsed description, which also holds
// resolved copies of everything.
type document map[string]any

// in gives the object under key, made when it is missing.
func (d document) in(key string) document {
	if inner, ok := d[key].(document); ok {
		return inner
	}
	inner := document{}
	d[key] = inner
	return inner
}

func plain(doc *openapi3.T) (document, error) {
	text, err := json.Marshal(doc)
	if err != nil {
		return nil, err
	}
	var raw map[string]any
	if err := json.Unmarshal(text, &raw); err != nil {
		return nil, err
	}
	return convert(raw, nil).(document), nil
}

func same(a, b any) bool { return reflect.DeepEqual(a, b) }

// separate renames the components of raw whose names mean something else in out. A component that refers to a renamed
// one changes by that, and may differ now itself, so it goes on until nothing differs. Security schemes stay: they are
// referred to by name, from everywhere.
func separate(out, raw document, prefix string) document {
	for {
		renamed := map[string]string{}
		for kind, group := range raw.in("components") {
			for name, value := range group.(document) {
				known := out.in("components").in(kind)[name]
				if kind != "securitySchemes" && known != nil && !same(known, value) {
					renamed[reference(kind, name)] = reference(kind, prefix+name)
				}
			}
		}
		if len(renamed) == 0 {
			return raw
		}
		raw = convert(raw, renamed).(document)
		for from, to := range renamed {
			move(raw, from, to)
		}
	}
}

func reference(kind, name string) string { return "#/components/" + kind + "/" + name }

func move(raw document, from, to string) {
	kind, name, _ := strings.Cut(strings.TrimPrefix(from, "#/components/"), "/")
	group := raw.in("components").in(kind)
	group[to[strings.LastIndex(to, "/")+1:]] = group[name]
	delete(group, name)
}

// convert copies a JSON value into documents, with the references in renamed replaced.
func convert(value any, renamed map[string]string) any {
	switch v := value.(type) {
	case map[string]any:
		return convertObject(v, renamed)
	case document:
		return convertObject(v, renamed)
	case []any:
		out := make([]any, len(v))
		for i, item := range v {
			out[i] = convert(item, renamed)
		}
		return out
	case string:
		if to, ok := renamed[v]; ok {
			return to
		}
	}
	return value
}

func convertObject(v map[string]any, renamed map[string]string) document {
	out := make(document, len(v))
	for key, item := range v {
		out[key] = convert(item, renamed)
	}
	return out
}
