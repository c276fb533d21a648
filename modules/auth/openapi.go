package auth

import (
	_ "embed"
	"fmt"

	"github.com/getkin/kin-openapi/openapi3"
)

//go:embed openapi.yaml
var contract []byte

// Specification is the module's contract, for a process that describes its routes without serving them.
func Specification() (*openapi3.T, error) { return loadContract() }

func loadContract() (*openapi3.T, error) {
	loader := openapi3.NewLoader()
	doc, err := loader.LoadFromData(contract)
	if err != nil {
		return nil, fmt.Errorf("read the contract of auth: %w", err)
	}
	if err := doc.Validate(loader.Context); err != nil {
		return nil, fmt.Errorf("check the contract of auth: %w", err)
	}
	return doc, nil
}
