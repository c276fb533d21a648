package post_test

import (
	"flag"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/fiapx/fiapx/modules/notify/internal/domain"
	"github.com/fiapx/fiapx/modules/notify/internal/service/post"
)

var update = flag.Bool("update", false, "write the golden files anew")

func TestLetters(t *testing.T) {
	t.Parallel()
	desk, err := post.New(func(path string) string { return "https://frames.example" + path })
	if err != nil {
		t.Fatal(err)
	}
	whole := domain.Notice{
		JobID: "0197", Kind: domain.Completed, Email: "ana@example.org", Name: "ana", Filename: "férias <1>.mp4",
		Frames: 12345, Size: 123456789, Took: 125 * time.Second,
	}
	partial := whole
	partial.Partial, partial.DamagedAt, partial.Truncated = "The file ends in the middle of a picture.", new(3725.4), true
	failed := domain.Notice{
		JobID: "0197", Kind: domain.Failed, Email: "ana@example.org", Name: "ana", Filename: "{name} <b>.mp4",
		Reason: "The file has no video stream; upload a file with pictures, not only sound.",
	}
	for name, notice := range map[string]domain.Notice{"completed": whole, "partial": partial, "failed": failed} {
		for _, language := range []string{"en", "pt-BR"} {
			notice.Language = language
			message, err := desk.Write(notice)
			if err != nil {
				t.Fatal(err)
			}
			id := "job.0197." + string(notice.Kind)
			if message.ID != id || message.Language != language || message.Settings != "https://frames.example/settings" {
				t.Errorf("%+v", message)
			}
			golden(t, name+"."+language+".txt", "Subject: "+message.Subject+"\n\n"+message.Text)
			golden(t, name+"."+language+".html", message.HTML)
		}
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got; -update writes it anew):\n%s", name, diff)
	}
}
