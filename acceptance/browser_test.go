//go:build acceptance

package acceptance

import (
	"context"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// TestPageInABrowser goes through the page as a person does: register, send a film, get its archive, look after the account,
// keep a user out, and leave. Nothing may go wrong unseen: no exception, no complaint of the browser, no toast of an error.
func TestPageInABrowser(t *testing.T) {
	chromium := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			chromium = path
			break
		}
	}
	if chromium == "" {
		t.Skip("there is no Chromium to open the page with: apt-get install chromium")
	}
	w := newWorld(deploy(t, startAll))
	stranger := w.register(t)
	b := openBrowser(t, chromium, "http://"+w.d.api)

	name := "page" + stranger.name
	b.do(chromedp.Click("#tab-register"), fill("#sign-panel form", map[string]string{
		"first_name": "Bia", "last_name": "Lima", "email": name + "@example.org", "username": name, "password": stranger.password,
	}))
	b.sees("main ul.jobs .empty", "Your first video appears here", 5*time.Second) // not after the ten seconds between two looks

	b.do(chromedp.SetUploadFiles("#f-video_file", []string{shortClip(t)}), submit("main form"))
	b.sees("main ul.jobs", "Download ZIP", time.Minute)
	b.do(chromedp.Click(`[data-act="open"]`))
	b.sees("main", "short clip ação.mp4", 5*time.Second)

	b.do(chromedp.Click(`nav a[href="/settings"]`))
	b.sees("main", "this one", 5*time.Second)
	b.do(chromedp.Click("main details summary"), fill("main details form", map[string]string{"name": "nightly", "current_password": stranger.password}))
	b.sees("main details [role=status]", "fiapx_", 5*time.Second)
	b.sees("main ul.lines", "nightly", 5*time.Second)

	w.operate(t, "create", "--email", name+"@example.org")
	b.do(chromedp.Click("#logout"), fill("#sign-panel form", map[string]string{"identifier": name, "password": stranger.password}))
	b.do(chromedp.Click("#people"))
	b.sees("main table", stranger.email, 5*time.Second)
	b.do(chromedp.Click(`button[aria-label="Block: Ana Souza"]`), chromedp.Click("#confirm-yes"))
	b.sees("main table", "Blocked", 5*time.Second)

	b.do(chromedp.Click(`nav a[href="/settings"]`), fill("form:has(#f-close-password)", map[string]string{"current_password": stranger.password}), chromedp.Click("#confirm-yes"))
	b.sees("#sign-panel", "Password", 5*time.Second)
	if got := b.complaints(); len(got) > 0 {
		t.Errorf("the browser complains:\n%s", strings.Join(got, "\n"))
	}
}

// browser is one tab, and what went wrong in it.
type browser struct {
	t  *testing.T
	do func(steps ...chromedp.Action[chromedp.Void])
	js func(expression string) string

	mu    sync.Mutex
	wrong []string
}

func openBrowser(t *testing.T, program, address string) *browser {
	t.Helper()
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(program), chromedp.Flag("lang", "en"))
	if os.Geteuid() == 0 {
		options = append(options, chromedp.NoSandbox) // Chromium's sandbox does not work for root
	}
	allocator, stop := chromedp.NewExecAllocator(t.Context(), options...)
	t.Cleanup(stop)
	tab, closeTab := chromedp.NewContext(allocator)
	t.Cleanup(closeTab)
	b := &browser{t: t}
	b.do = func(steps ...chromedp.Action[chromedp.Void]) {
		t.Helper()
		limited, cancel := context.WithTimeout(tab, patience)
		defer cancel()
		if err := chromedp.Do(limited, steps...); err != nil {
			t.Fatalf("in the browser: %v; it complains: %v", err, b.complaints())
		}
	}
	b.js = func(expression string) string {
		t.Helper()
		text, err := chromedp.Run(tab, chromedp.Evaluate[string](expression))
		if err != nil {
			t.Fatalf("%s: %v", expression, err)
		}
		return text
	}
	if err := chromedp.Listen(tab, b.listen); err != nil {
		t.Fatalf("start %s: %v", program, err)
	}
	if _, err := chromedp.Call(tab, log.Enable, cdp.Empty{}); err != nil {
		t.Fatal(err)
	}
	b.do(chromedp.EmulateViewport(1200, 1600), chromedp.Navigate(address), chromedp.WaitVisible("#sign-panel form"))
	b.js(keepToasts)
	return b
}

// keepToasts remembers what is shown for a few seconds only.
const keepToasts = `window.badToasts = []; new MutationObserver((changes) => {
	for (const change of changes) for (const node of change.addedNodes) if (node.classList?.contains("bad")) window.badToasts.push(node.textContent);
}).observe(document.getElementById("toasts"), { childList: true }); ""`

func (b *browser) listen(event any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch e := event.(type) {
	case *runtime.EventExceptionThrown:
		b.wrong = append(b.wrong, describe(e.ExceptionDetails))
	case *log.EventEntryAdded:
		if e.Entry.Level == log.EntryLevelError {
			b.wrong = append(b.wrong, e.Entry.Text+" "+e.Entry.URL)
		}
	}
}

func describe(d *runtime.ExceptionDetails) string {
	if d.Exception == nil {
		return d.Text
	}
	return d.Text + " " + d.Exception.Description
}

func (b *browser) complaints() []string {
	toasts := b.js(`window.badToasts.join("\n")`)
	b.mu.Lock()
	defer b.mu.Unlock()
	if toasts != "" {
		return append([]string{toasts}, b.wrong...)
	}
	return slices.Clone(b.wrong)
}

// sees waits until an element shows a text.
func (b *browser) sees(selector, text string, limit time.Duration) {
	b.t.Helper()
	shown := ""
	ok := eventually(b.t, limit, func() bool {
		shown = b.js(`[...document.querySelectorAll('` + selector + `')].map((node) => node.innerText).join("\n")`)
		return strings.Contains(shown, text)
	})
	if !ok {
		b.t.Fatalf("%s does not show %q but %q; the browser complains: %v", selector, text, shown, b.complaints())
	}
}

// fill types into the fields of a form and sends it.
func fill(form string, values map[string]string) chromedp.Action[chromedp.Void] {
	var steps []chromedp.Action[chromedp.Void]
	for name, value := range values {
		steps = append(steps, chromedp.SendKeys(form+` [name="`+name+`"]`, value))
	}
	return chromedp.Steps(append(steps, submit(form))...)
}

func submit(form string) chromedp.Action[chromedp.Void] {
	return chromedp.Click(form + " button[type=submit]")
}
