// This is a statement of policy: which part of the program may know which. Do not change it to make a build pass; change
// the code, or argue for the policy in its own commit. The compiler holds the internal/ folders, this file holds the rest.
package main_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const repository = "github.com/fiapx/fiapx"

// edges: module -> the modules whose facade it may use.
var edges = map[string][]string{
	"auth":       nil,
	"videos":     nil,
	"processing": {"videos"},
	"notify":     {"videos"},
	"web":        nil,
	// It moves an installation: accounts to auth, jobs to videos. Each keeps its own tables, so both are asked by their facades.
	"importer": {"auth", "videos"},
}

// layers: folder of modules/X/internal -> the layers of the same module that it may use.
var layers = map[string][]string{
	"domain":     {"domain"},
	"usecase":    {"domain", "usecase"},
	"repository": {"domain", "usecase", "repository"},
	"presenter":  {"domain", "usecase", "presenter"},
	"service":    {"domain", "usecase", "service"},
	"gateway":    {"domain", "usecase", "gateway"},
}

// pure layers hold the rules: of the platform they know only fault, and of other people's libraries nothing.
var pure = []string{"domain", "usecase"}

// outward is the one layer that may, like the facade, use another module's facade where edges list it.
const outward = "gateway"

// homes: library -> the packages that may import it. "X" is X and what is below it, "=X" is X alone, * is one name.
var homes = map[string][]string{
	"C":                               {"modules/processing/internal/service/engine"},
	"github.com/spf13/":               {"cmd"},
	"github.com/schollz/progressbar":  {"cmd"},
	"github.com/labstack/echo":        {"platform/httpserver", "platform/authn", "modules/*/internal/presenter"},
	"github.com/getkin/kin-openapi":   {"platform/httpserver", "=modules/*", "modules/*/internal/presenter"},
	"github.com/oapi-codegen/runtime": {"modules/*/internal/presenter"},
	"github.com/lestrrat-go/jwx":      {"platform/authn", "modules/auth"},
	"gorm.io/":                        {"platform/database", "modules/*/internal/repository"},
	"github.com/jackc/pgx":            {"platform/database"},
	"github.com/mattn/go-sqlite3":     {"platform/database"},
	"github.com/pressly/goose":        {"platform/database"},
	"github.com/IBM/sarama":           {"platform/bus/kafka", "acceptance"}, // the suite of faults writes into topics what we never would
	"github.com/redis/":               {"platform/cache/redis"},
	"github.com/xdg-go/scram":         {"platform/bus/kafka"},
	"github.com/twmb/franz-go":        {"platform/bus/kafka"},
	"github.com/aws/":                 {"platform/blob/s3", "platform/bus/kafka"},
	"github.com/rogpeppe/go-internal": {"cmd"},
	"github.com/wneessen/go-mail":     {"platform/mail"},
	"github.com/emersion/":            {"platform/mail/mailtest", "acceptance"},
	"github.com/prometheus/":          {"platform/observe"},
	"go.opentelemetry.io/":            {"platform/observe"},
}

// topLevel is everything that lies at the root of the repository, besides dot-files and what git ignores.
var topLevel = []string{
	"main.go", "architecture_test.go", "go.mod", "go.sum", "cmd", "modules", "platform", "migrations", "acceptance",
	"terraform", "helm", "docs", "tools", "Dockerfile", "compose.yaml", "Taskfile.yml", "README.md", "LICENSE",
	"CONTRIBUTING.md", "CHANGELOG.md", // where people and code hosts look for them
}

// ignored are build products, and archives that the demo and the commands of the README leave here; see .gitignore.
var ignored = regexp.MustCompile(`^(bin|coverage|fiapx|.*\.out|.*\.zip)$`)

// allowed is the policy: whether package from (a folder of this repository) may import to. Tests obey it too, except that
// they may use the *test packages and any library that has no home.
func allowed(from, to string, test bool) bool {
	target, own := strings.CutPrefix(to, repository+"/")
	switch {
	case !own:
		return allowedLibrary(from, to, test)
	case target == from: // an external test of the package
		return test
	case isTestPackage(target) && !test && !isTestPackage(from):
		return false
	case isTestPackage(target) && first(target) == "platform":
		return true
	}
	switch first(from) {
	case ".":
		return target == "cmd"
	case "cmd":
		return first(target) != "acceptance"
	case "platform":
		return first(target) == "platform" || from == "platform/database" && target == "migrations"
	case "modules":
		return allowedModule(from, target)
	}
	return false // migrations, acceptance
}

func allowedModule(from, target string) bool {
	module, layer := split(from)
	switch first(target) {
	case "platform":
		return !slices.Contains(pure, layer) || target == "platform/fault"
	case "modules":
		other, otherLayer := split(target)
		if other != module {
			return otherLayer == "" && slices.Contains(edges[module], other) && (layer == "" || layer == outward)
		}
		return otherLayer != "" && (layer == "" || slices.Contains(layers[layer], otherLayer))
	}
	return false
}

func allowedLibrary(from, to string, test bool) bool {
	for library, packages := range homes {
		if to == library || strings.HasPrefix(to, strings.TrimSuffix(library, "/")+"/") {
			return slices.ContainsFunc(packages, func(home string) bool { return lives(from, home) })
		}
	}
	_, layer := split(from)
	return test || isStandard(to) || !slices.Contains(pure, layer)
}

func lives(from, home string) bool {
	home, alone := strings.CutPrefix(home, "=")
	words := strings.Split(from, "/")
	depth := strings.Count(home, "/") + 1
	if len(words) < depth || alone && len(words) > depth {
		return false
	}
	ok, err := path.Match(home, strings.Join(words[:depth], "/"))
	return ok && err == nil
}

// split gives module and layer of a folder below modules; the layer of a facade is "".
func split(folder string) (module, layer string) {
	words := append(strings.Split(folder, "/"), "", "", "")
	if words[0] != "modules" {
		return "", ""
	}
	if words[2] == "internal" {
		return words[1], words[3]
	}
	return words[1], words[2] // there is no such folder: TestModulesHaveOneFacade
}

func first(folder string) string { return strings.Split(folder, "/")[0] }

func isTestPackage(folder string) bool { return strings.HasSuffix(folder, "test") }

func isStandard(to string) bool { return !strings.Contains(first(to), ".") }

// goFile is a source file, whatever its build tags.
type goFile struct {
	name, folder string
	imports      []string
}

func goFiles(t *testing.T) []goFile {
	t.Helper()
	var found []goFile
	err := filepath.WalkDir(".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			return skip(name)
		}
		if filepath.Ext(name) != ".go" {
			return nil
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		file := goFile{name: filepath.ToSlash(name), folder: filepath.ToSlash(filepath.Dir(name))}
		for _, spec := range parsed.Imports {
			to, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			file.imports = append(file.imports, to)
		}
		found = append(found, file)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// skip leaves out what the go command leaves out: hidden folders, testdata and other Go modules (tools).
func skip(folder string) error {
	base := filepath.Base(folder)
	if folder == "." {
		return nil
	}
	if _, err := os.Stat(filepath.Join(folder, "go.mod")); err == nil || base == "testdata" || base[0] == '.' || base[0] == '_' {
		return filepath.SkipDir
	}
	return nil
}

func TestImports(t *testing.T) {
	t.Parallel()
	files := goFiles(t)
	if len(files) < 100 {
		t.Fatalf("saw only %d files; the walk is broken", len(files))
	}
	for _, f := range files {
		for _, to := range f.imports {
			if !allowed(f.folder, to, strings.HasSuffix(f.name, "_test.go")) {
				t.Errorf("%s: package %s must not import %s", f.name, f.folder, to)
			}
		}
	}
}

func TestModulesHaveOneFacade(t *testing.T) {
	t.Parallel()
	for _, f := range goFiles(t) {
		if first(f.folder) != "modules" {
			continue
		}
		words := append(strings.Split(f.folder, "/"), "", "", "")
		module, inside, layer := words[1], words[2], words[3]
		if _, known := edges[module]; !known {
			t.Errorf("%s: %q is not a module", f.name, module)
		}
		if _, known := layers[layer]; inside != "" && (inside != "internal" || !known) {
			t.Errorf("%s: a module is its facade and internal/{%s}", f.name, "domain,usecase,repository,presenter,service,gateway")
		}
	}
}

func TestTopLevel(t *testing.T) {
	t.Parallel()
	entries, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if name := e.Name(); name[0] != '.' && !ignored.MatchString(name) && !slices.Contains(topLevel, name) {
			t.Errorf("%s has no place at the root of the repository", name)
		}
	}
}

var (
	migrationName = regexp.MustCompile(`^(\d{4})_([a-z]+)_[a-z0-9_]+\.sql$`)
	sqlComment    = regexp.MustCompile(`(?m)--.*$`)
)

// Tables belong to the module whose name is the second word of the migration; no SQL reaches into another one's schema.
func TestTablesStayHome(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("migrations/*/*.sql")
	if err != nil || len(files) == 0 {
		t.Fatalf("found %d migrations, %v", len(files), err)
	}
	numbers := map[string]string{}
	for _, name := range files {
		words := migrationName.FindStringSubmatch(filepath.Base(name))
		if words == nil {
			t.Errorf("%s is not named NNNN_<module>_<what>.sql", name)
			continue
		}
		number := filepath.Join(filepath.Dir(name), words[1])
		if other := numbers[number]; other != "" {
			t.Errorf("%s and %s have the same number", name, other)
		}
		numbers[number] = name
		if _, known := edges[words[2]]; !known {
			t.Errorf("%s: %q is not a module", name, words[2])
		}
		content, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for module := range edges {
			if regexp.MustCompile(`(?i)\b` + module + `"?\.`).Match(sqlComment.ReplaceAll(content, nil)) {
				t.Errorf("%s names the schema %s; tables are named without one", name, module)
			}
		}
	}
}

// The checker itself must bite, or the tests above say nothing. A dot stands for this repository, "test" for test files.
func TestPolicyBites(t *testing.T) {
	t.Parallel()
	const usecase, gateway = "modules/auth/internal/usecase", "modules/processing/internal/gateway"
	may := map[string][]string{
		".":                                   {"./cmd", "os"},
		"cmd":                                 {"./cmd/internal/app", "./platform/run", "github.com/spf13/cobra"},
		"cmd/internal/app":                    {"./modules/auth", "./platform/run"},
		"platform/httpserver":                 {"./platform/fault", "github.com/labstack/echo/v4/middleware"},
		"platform/database":                   {"./migrations", "gorm.io/gorm", "github.com/pressly/goose/v3/lock"},
		"platform/blob/blobtest":              {"./platform/cache/cachetest"},
		"migrations":                          {"embed"},
		"modules/videos":                      {"./modules/videos/internal/usecase", "./platform/blob", "github.com/getkin/kin-openapi/openapi3"},
		"modules/processing":                  {"./modules/videos"},
		"modules/notify":                      {"./modules/videos"},
		"modules/importer/internal/gateway":   {"./modules/auth", "./modules/videos"},
		gateway:                               {"./modules/videos", "./platform/bus"},
		"modules/auth/internal/domain":        {"./platform/fault", "strings"},
		usecase:                               {"./modules/auth/internal/domain", "./platform/fault"},
		usecase + " test":                     {"./platform/database/dbtest", "./modules/auth/internal/usecase", "github.com/google/go-cmp/cmp"},
		"modules/auth test":                   {"./modules/auth", "./modules/auth/internal/repository"},
		"modules/auth/internal/repository":    {"./modules/auth/internal/domain", "./platform/database", "gorm.io/gorm", "github.com/google/uuid"},
		"modules/auth/internal/presenter":     {"github.com/labstack/echo/v4", "github.com/oapi-codegen/runtime"},
		"modules/auth/internal/service/token": {"./modules/auth/internal/service/password", "github.com/lestrrat-go/jwx/v2/jwt"},
		"modules/processing/internal/service/engine/decode": {"C"},
		"acceptance test": {"net/http"},
	}
	mustNot := map[string][]string{
		".":                                   {"./platform/run", "./modules/auth"},
		"cmd":                                 {"./platform/database/dbtest", "./acceptance"},
		"platform/httpserver":                 {"./modules/auth", "./cmd", "./migrations", "gorm.io/gorm"},
		"platform/authn test":                 {"./modules/auth"},
		"migrations":                          {"./platform/fault"},
		"modules/videos":                      {"./modules/processing", "./modules/auth", "./cmd/internal/app", "./migrations", "github.com/spf13/cobra", "github.com/labstack/echo/v4", "gorm.io/gorm"},
		"modules/videos test":                 {"./modules/auth", "github.com/lestrrat-go/jwx/v2/jwk"},
		"modules/notify":                      {"./modules/auth"},
		"modules/importer":                    {"./modules/processing"},
		"modules/auth":                        {"./modules/importer"},
		gateway:                               {"./modules/auth", "./modules/videos/internal/domain", "./modules/processing"},
		"modules/processing/internal/usecase": {"./modules/videos"},
		"modules/auth/internal/domain":        {"./platform/cache", "./modules/auth/internal/usecase", "golang.org/x/crypto/argon2"},
		usecase:                               {"./modules/auth/internal/repository", "./platform/cache", "github.com/google/uuid"},
		usecase + " test":                     {"./modules/auth/internal/repository", "./platform/cache/memory", "gorm.io/gorm"},
		"modules/auth/internal/repository":    {"./modules/auth/internal/presenter", "./platform/database/dbtest", "./modules/auth"},
		"modules/auth/internal/presenter":     {"gorm.io/gorm", "./modules/auth/internal/service/token"},
		"modules/processing/internal/service/archive": {"C"},
		"acceptance test": {"./platform/fault"},
	}
	for want, table := range map[bool]map[string][]string{true: may, false: mustNot} {
		for key, targets := range table {
			from, test := strings.CutSuffix(key, " test")
			for _, to := range targets {
				if rest, own := strings.CutPrefix(to, "./"); own {
					to = repository + "/" + rest
				}
				if got := allowed(from, to, test); got != want {
					t.Errorf("%s -> %s: allowed is %v, want %v", key, to, got, want)
				}
			}
		}
	}
}
