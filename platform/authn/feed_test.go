package authn_test

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/fiapx/fiapx/platform/authn"
)

// feedServer is an issuer that serves a feed.
type feedServer struct {
	asked  atomic.Int32
	answer atomic.Value // string; empty for 503
}

func (f *feedServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.asked.Add(1)
	answer, _ := f.answer.Load().(string)
	if answer == "" || r.URL.Path != "/.well-known/revoked-sessions.json" {
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	_, _ = w.Write([]byte(answer))
}

func feedOf(sessions ...string) string {
	f := authn.Feed{Sessions: []string{}}
	for _, s := range sessions {
		f.Sessions = append(f.Sessions, authn.SessionDigest(s))
	}
	data, _ := json.Marshal(f)
	return string(data)
}

type movable struct{ nanos atomic.Int64 }

func (m *movable) now() time.Time          { return noon.Add(time.Duration(m.nanos.Load())) }
func (m *movable) advance(d time.Duration) { m.nanos.Add(int64(d)) }

func newFeed(t *testing.T) (*authn.FeedRevocations, *feedServer, *movable) {
	t.Helper()
	server, clock := &feedServer{}, &movable{}
	server.answer.Store(feedOf())
	s := httptest.NewServer(server)
	t.Cleanup(s.Close)
	f, err := authn.NewFeedRevocations(s.URL+"/.well-known/jwks.json", s.Client(), clock.now, slog.New(slog.DiscardHandler))
	must(t, err)
	return f, server, clock
}

func TestFeedIsSeenWithinItsPromise(t *testing.T) {
	t.Parallel()
	f, server, clock := newFeed(t)
	check := func() bool {
		t.Helper()
		is, err := f.IsRevoked(t.Context(), principal, noon)
		must(t, err)
		return is
	}
	if check() {
		t.Error("revoked before anybody did it")
	}
	server.answer.Store(feedOf("x", "s"))
	for range 100 {
		check()
	}
	if n := server.asked.Load(); n != 1 {
		t.Errorf("%d fetches at one moment; want 1", n)
	}
	clock.advance(2 * time.Second)
	if !check() {
		t.Error("not seen after two seconds")
	}
	if strings.Contains(feedOf("s"), `"s"`) {
		t.Error("the feed tells session ids")
	}
}

func TestFeedThatIsAwayFailsClosed(t *testing.T) {
	t.Parallel()
	f, server, clock := newFeed(t)
	server.answer.Store("")
	if _, err := f.IsRevoked(t.Context(), principal, noon); err == nil {
		t.Error("an issuer that never answered passes for 'not revoked'")
	}
	server.answer.Store(feedOf())
	clock.advance(time.Second)
	_, err := f.IsRevoked(t.Context(), principal, noon)
	must(t, err)
	server.answer.Store("")
	clock.advance(4999 * time.Millisecond)
	_, err = f.IsRevoked(t.Context(), principal, noon)
	must(t, err)
	clock.advance(time.Millisecond)
	before := server.asked.Load()
	for range 10 {
		if _, err := f.IsRevoked(t.Context(), principal, noon); err == nil {
			t.Error("a list of five seconds ago still counts")
		}
	}
	if n := server.asked.Load() - before; n > 1 {
		t.Errorf("an issuer that is away is asked %d times in a moment", n)
	}
}

func TestFeedThatIsNone(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]string{
		"another object": `{"keys":[]}`, "null": `null`, "html": `<p>`, "too long": `{"sessions":["` + strings.Repeat("x", 9<<20) + `"]}`,
	} {
		f, server, _ := newFeed(t)
		server.answer.Store(answer)
		if _, err := f.IsRevoked(t.Context(), principal, noon); err == nil {
			t.Errorf("%s: passes for an empty list", name)
		}
	}
	if _, err := authn.NewFeedRevocations("nowhere", &http.Client{}, time.Now, slog.New(slog.DiscardHandler)); err == nil {
		t.Error("an address that is none is accepted")
	}
}

func TestManyAskersShareOneFetch(t *testing.T) {
	t.Parallel()
	f, server, _ := newFeed(t)
	var wg sync.WaitGroup
	for range 50 {
		wg.Go(func() {
			if _, err := f.IsRevoked(t.Context(), principal, noon); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if n := server.asked.Load(); n != 1 {
		t.Errorf("%d fetches; want 1", n)
	}
}
