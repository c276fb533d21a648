package authn_test

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"

	"github.com/fiapx/fiapx/platform/authn"
)

func TestRemoteAccountsTakeNothingElseForAList(t *testing.T) {
	t.Parallel()
	digest := authn.AccountDigest("ann")
	tests := map[string]struct {
		status int
		body   string
		want   []string // nil is an error
	}{
		"a list":         {http.StatusOK, `{"accounts":["` + digest + `"]}`, []string{digest}},
		"an empty list":  {http.StatusOK, `{"accounts":[]}`, []string{}},
		"another object": {http.StatusOK, `{}`, nil},
		"cut off":        {http.StatusOK, `{"accounts":["` + digest, nil},
		"a redirect":     {http.StatusFound, `{"accounts":[]}`, nil},
		"out of order":   {http.StatusServiceUnavailable, `{"accounts":[]}`, nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path != "/.well-known/closed-accounts.json" {
					t.Errorf("asked for %s", r.URL.Path)
				}
				w.Header().Set("Location", "/elsewhere")
				w.WriteHeader(tt.status)
				_, _ = w.Write([]byte(tt.body))
			}))
			t.Cleanup(s.Close)
			accounts, err := authn.NewRemoteAccounts(s.URL+"/.well-known/jwks.json", s.Client())
			must(t, err)
			got, err := accounts.Closed(t.Context())
			if !slices.Equal(got, tt.want) || (err != nil) != (tt.want == nil) {
				t.Errorf("%q, %v", got, err)
			}
		})
	}
	if _, err := authn.NewRemoteAccounts("nowhere", &http.Client{}); err == nil {
		t.Error("an address without a host was taken")
	}
}
