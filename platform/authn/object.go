package authn

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// decodeObject reads one JSON object whose names are unique. encoding/json takes the last of several and folds the case of
// names, other readers take the first, so that one token could be about two users.
func decodeObject(data []byte, target any) error {
	d := json.NewDecoder(bytes.NewReader(data))
	if open, err := d.Token(); err != nil || open != json.Delim('{') {
		return errors.New("not a JSON object")
	}
	seen := map[string]bool{}
	for d.More() {
		token, err := d.Token()
		if err != nil {
			return err
		}
		name, _ := token.(string)
		if name = fold(name); seen[name] {
			return fmt.Errorf("%q appears twice", name)
		}
		seen[name] = true
		var skipped json.RawMessage
		if err := d.Decode(&skipped); err != nil {
			return err
		}
	}
	if _, err := d.Token(); err != nil {
		return err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("something follows the JSON object")
	}
	return json.Unmarshal(data, target)
}

// fold is how encoding/json compares names: lower case first, because the Kelvin sign has no other way to K.
func fold(name string) string { return strings.ToUpper(strings.ToLower(name)) }
