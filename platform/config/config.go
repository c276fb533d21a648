// Package config fills a struct from the environment by its tags and reports everything that is wrong at once, each
// problem with the name of its variable and the remedy. It reads no files of its own and knows no setting: those belong
// to the modules. Flags are the commands' business, applied to the struct after Load.
package config

import (
	"errors"
	"fmt"
	"io"
	"os"
	"reflect"
	"slices"
	"strings"
)

// field is one setting: a struct field with an env tag.
type field struct {
	names    []string // the variable, then its aliases
	fallback string   // the default, as it would be written in the environment
	help     string
	value    reflect.Value
}

// Load fills the struct that target points to. A field takes the first of the variables in its `env:"NAME,ALIAS"` tag that
// is set to something, else its `default:""`. A Secret may also come from the file named by NAME_FILE. Nested structs are
// filled too, and each struct that has Validate() error is asked once all of it has been read. A setting that cannot be
// read counts as not set there, so that every problem comes with the first attempt.
//
// Programming errors (a target that is no pointer to a struct, a kind that is not supported) panic.
func Load(target any, environ func(string) (string, bool)) error {
	root := structOf(target)
	var problems []error
	for _, f := range fields(root) {
		if err := f.load(environ); err != nil {
			problems = append(problems, err)
		}
	}
	return errors.Join(append(problems, validate(root)...)...)
}

// Check asks every Validate of target again, for settings that changed after Load.
func Check(target any) error { return errors.Join(validate(structOf(target))...) }

func structOf(target any) reflect.Value {
	v := reflect.ValueOf(target)
	if v.Kind() != reflect.Pointer || v.IsNil() || v.Elem().Kind() != reflect.Struct {
		panic(fmt.Sprintf("config: %T is not a pointer to a struct", target))
	}
	return v.Elem()
}

// fields lists the settings of a struct and of those inside it, in the order of the source.
func fields(v reflect.Value) (all []field) {
	for i := range v.NumField() {
		sf := v.Type().Field(i)
		if !sf.IsExported() && !sf.Anonymous { // an embedded struct may have settings although its type is private
			continue
		}
		tag, tagged := sf.Tag.Lookup("env")
		switch {
		case tagged:
			all = append(all, field{
				names: strings.Split(tag, ","), fallback: sf.Tag.Get("default"), help: sf.Tag.Get("help"), value: v.Field(i),
			})
		case sf.Type.Kind() == reflect.Struct:
			all = append(all, fields(v.Field(i))...)
		}
	}
	return all
}

func (f field) load(environ func(string) (string, bool)) error {
	if err := set(f.value, f.fallback); err != nil {
		panic(fmt.Sprintf("config: default of %s: %v", f.names[0], err))
	}
	name, text, err := f.lookup(environ)
	if err != nil || name == "" {
		return err
	}
	if err := set(f.value, text); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

// lookup finds the variable that counts; name is empty when none is set. An empty variable is as good as none, because
// compose files and charts pass those for "not configured".
func (f field) lookup(environ func(string) (string, bool)) (name, text string, err error) {
	_, secret := f.value.Interface().(Secret)
	for _, name := range f.names {
		direct, _ := environ(name)
		file := ""
		if secret {
			file, _ = environ(name + "_FILE")
		}
		switch {
		case direct != "" && file != "":
			return "", "", fmt.Errorf("%s and %s_FILE are both set; remove one of them", name, name)
		case direct != "":
			return name, direct, nil
		case file != "":
			text, err := readSecret(name+"_FILE", file)
			return name + "_FILE", text, err
		}
	}
	return "", "", nil
}

func readSecret(variable, path string) (string, error) {
	data, err := readStart(path)
	if err != nil {
		return "", fmt.Errorf("%s: the file cannot be read; check the path and its permissions: %w", variable, err)
	}
	if len(data) > maxSecret {
		return "", fmt.Errorf("%s: the file %s is over 64 KiB; name one that holds the secret and nothing else", variable, path)
	}
	text := strings.TrimRight(string(data), "\r\n") // editors and `kubectl create secret` leave a line end
	if text == "" {
		return "", fmt.Errorf("%s: the file %s is empty; write the secret into it", variable, path)
	}
	return text, nil
}

// maxSecret is far above any password or address. A larger file is the wrong one, and a device has no end.
const maxSecret = 64 << 10

func readStart(path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return io.ReadAll(io.LimitReader(file, maxSecret+1))
}

type validator interface{ Validate() error }

// validate asks every struct. One problem may come up twice, when the Validate of an embedded struct is the outer one's
// too, and is reported once.
func validate(v reflect.Value) []error {
	seen := map[string]bool{}
	return slices.DeleteFunc(ask(v), func(err error) bool {
		again := seen[err.Error()]
		seen[err.Error()] = true
		return again
	})
}

// ask goes to inner structs before the outer ones, which may rely on them.
func ask(v reflect.Value) (problems []error) {
	for i := range v.NumField() {
		sf := v.Type().Field(i)
		_, tagged := sf.Tag.Lookup("env")
		if (sf.IsExported() || sf.Anonymous) && !tagged && sf.Type.Kind() == reflect.Struct {
			problems = append(problems, ask(v.Field(i))...)
		}
	}
	if !v.Addr().CanInterface() { // embedded by a private name; its Validate is the outer struct's, unless that has its own
		return problems
	}
	if c, ok := v.Addr().Interface().(validator); ok {
		if err := c.Validate(); err != nil {
			problems = append(problems, err)
		}
	}
	return problems
}
