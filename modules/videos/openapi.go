package videos

import (
	_ "embed"
	"fmt"

	"github.com/getkin/kin-openapi/openapi3"
)

//go:embed openapi.yaml
var specification []byte

func loadSpecification() (*openapi3.T, error) {
	loader := openapi3.NewLoader()
	doc, err := loader.LoadFromData(specification)
	if err != nil {
		return nil, fmt.Errorf("load openapi.yaml of videos: %w", err)
	}
	if err := doc.Validate(loader.Context); err != nil {
		return nil, fmt.Errorf("validate openapi.yaml of videos: %w", err)
	}
	return doc, nil
}
