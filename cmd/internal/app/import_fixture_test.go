package app

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/uuid"
	"golang.org/x/crypto/bcrypt"

	"github.com/fiapx/fiapx/platform/config"
	"github.com/fiapx/fiapx/platform/database"
	"github.com/fiapx/fiapx/platform/database/dbtest"
)

const (
	ana = "a0000000-0000-4000-8000-000000000001"
	bob = "a0000000-0000-4000-8000-000000000002"
)

func jobID(last string) string {
	return "b0000000-0000-4000-8000-" + strings.Repeat("0", 12-len(last)) + last
}

// freshDatabase makes a database of its own on the tests' server and gives its URL.
func freshDatabase(t *testing.T, name string) config.Secret {
	t.Helper()
	admin := dbtest.EmptyPostgres(t, "import")
	name += "_" + strings.ReplaceAll(uuid.NewString(), "-", "")
	if err := admin.Exec("CREATE DATABASE " + name).Error; err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := admin.WithContext(context.WithoutCancel(t.Context())).Exec("DROP DATABASE " + name + " WITH (FORCE)").Error; err != nil {
			t.Error(err)
		}
	})
	server, _ := os.LookupEnv(dbtest.PostgresVar)
	address, err := onDatabase(config.Secret(server), name)
	if err != nil {
		t.Fatal(err)
	}
	return address
}

func execute(t *testing.T, address config.Secret, file string, replace ...string) {
	t.Helper()
	script, err := os.ReadFile(filepath.Join("testdata", file))
	if err != nil {
		t.Fatal(err)
	}
	db, err := database.Open(t.Context(), database.Options{Module: "test", Schema: "public", URL: address, Conns: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = database.Close(db) }()
	if err := db.Exec(strings.NewReplacer(replace...).Replace(string(script))).Error; err != nil {
		t.Fatal(err)
	}
}

// original is an installation of the original with hostile rows.
func original(t *testing.T) Origin {
	t.Helper()
	o := Origin{Auth: freshDatabase(t, "fiap_x_auth"), Videos: freshDatabase(t, "video_processing"), Files: t.TempDir()}
	hash, err := bcrypt.GenerateFromPassword([]byte("Password123!"), bcrypt.MinCost)
	if err != nil {
		t.Fatal(err)
	}
	execute(t, o.Auth, "original_auth.sql", "HASH", strings.Replace(string(hash), "$2a$", "$2b$", 1))
	execute(t, o.Videos, "original_videos.sql")
	o.put(t, "videos/"+ana+"/one.mp4", "video")
	o.put(t, "videos/"+bob+"/bobs.mp4", "bob's")
	o.put(t, "secret", "12345")
	o.put(t, "results/"+ana+"/one_frames.zip", "PK-8byte")
	if err := os.Symlink("../../secret", filepath.Join(o.Files, "videos", ana, "link.mp4")); err != nil {
		t.Fatal(err)
	}
	return o
}

func (o Origin) put(t *testing.T, name, content string) {
	t.Helper()
	path := filepath.Join(o.Files, filepath.FromSlash(name))
	if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, []byte(content), 0o600)); err != nil {
		t.Fatal(err)
	}
}

// eachLayout runs test over SQLite files and over PostgreSQL, both up to date and empty.
func eachLayout(t *testing.T, test func(t *testing.T, cfg Config, o Origin)) {
	t.Helper()
	for name, address := range map[string]func(*testing.T) config.Secret{
		"sqlite":   func(*testing.T) config.Secret { return "" },
		"postgres": func(t *testing.T) config.Secret { t.Helper(); return freshDatabase(t, "fiapx") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := original(t)
			cfg, err := Load(Target{}, func(string) (string, bool) { return "", false }, Overrides{Data: t.TempDir(), Listen: "localhost:0"})
			if err != nil {
				t.Fatal(err)
			}
			cfg.Database.URL = address(t)
			if _, err := Migrate(t.Context(), cfg, slog.New(slog.DiscardHandler)); err != nil {
				t.Fatal(err)
			}
			test(t, cfg, o)
		})
	}
}

func importing(ctx context.Context, cfg Config, o Origin, apply, skip bool) (ImportReport, error) {
	return Import(ctx, cfg, slog.New(slog.DiscardHandler), o, Importing{
		Apply: apply, SkipRefused: skip, Tell: func(int, int, bool) {}, Moved: func(int) {},
	})
}
