package presenter

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// Merge joins the modules' descriptions into the one that is published. Modules name their components as they like: of
// two that share a name but not the content, the later gets its document's name in front.
func Merge(version string, docs ...*openapi3.T) (*openapi3.T, error) {
	if len(docs) == 0 {
		return nil, errors.New("merge API descriptions: there is none")
	}
	out := document{"openapi": docs[0].OpenAPI, "info": about(version, docs[0].Info), "paths": document{}, "components": document{}}
	for _, doc := range docs {
		if err := add(out, doc); err != nil {
			return nil, fmt.Errorf("merge API descriptions: %s: %w", doc.Info.Title, err)
		}
	}
	text, err := json.Marshal(out)
	if err != nil {
		return nil, fmt.Errorf("merge API descriptions: %w", err)
	}
	merged, err := openapi3.NewLoader().LoadFromData(text)
	if err != nil {
		return nil, fmt.Errorf("merge API descriptions: %w", err)
	}
	return merged, nil
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

// add takes a document's parts over.
func add(out document, doc *openapi3.T) error {
	raw, err := plain(doc)
	if err != nil {
		return err
	}
	raw = separate(out, raw, owner(doc.Info.Title))
	if err := addComponents(out.in("components"), raw.in("components")); err != nil {
		return err
	}
	addTags(out, raw)
	return addPaths(out.in("paths"), raw)
}

// owner makes "Videos" of "fiapx videos".
func owner(title string) string {
	words := strings.Fields(title)
	if len(words) == 0 {
		return "Other"
	}
	last := words[len(words)-1]
	return strings.ToUpper(last[:1]) + last[1:]
}

// addPaths copies the operations. A document's own security becomes each operation's, since the merged document has none.
func addPaths(to, raw document) error {
	for path, item := range raw.in("paths") {
		if to[path] != nil {
			return fmt.Errorf("path %s is described twice", path)
		}
		for _, op := range item.(document) {
			operation, isOperation := op.(document)
			if isOperation && operation["security"] == nil && raw["security"] != nil {
				operation["security"] = raw["security"]
			}
		}
		to[path] = item
	}
	return nil
}

func addComponents(to, from document) error {
	for kind, group := range from {
		for name, value := range group.(document) {
			known := to.in(kind)[name]
			if known != nil && !same(known, value) {
				return fmt.Errorf("%s %s is described in two ways", kind, name)
			}
			to.in(kind)[name] = value
		}
	}
	return nil
}

func addTags(out, raw document) {
	tags, _ := out["tags"].([]any)
	names := map[any]bool{}
	for _, tag := range tags {
		names[tag.(document)["name"]] = true
	}
	more, _ := raw["tags"].([]any)
	for _, tag := range more {
		if !names[tag.(document)["name"]] {
			tags = append(tags, tag)
		}
	}
	if len(tags) > 0 {
		out["tags"] = tags
	}
}
