package notify_test

import (
	"strings"
	"testing"
	"time"

	"github.com/fiapx/fiapx/modules/notify"
	"github.com/fiapx/fiapx/platform/mail/mailtest"
	"github.com/fiapx/fiapx/platform/run"
)

// all are the services of a work process that have to do with mails.
func (o *office) all() []run.Service {
	return append(o.videos.Services(), o.notify(true).Services()...)
}

func TestEndsAreMailed(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		o.start(o.all()...)
		done, failed := o.submit("praia.mp4"), o.submit("mar.mp4")
		o.eventually("first sweep", func() bool { return o.begun() })
		o.finish(done, "")
		o.eventually("one mail", func() bool { return o.settled("sent") == 1 })
		o.finish(failed, "The video has no pictures; upload another one.")
		o.eventually("two mails", func() bool { return o.settled("sent") == 2 })
		o.once(done+".completed", failed+".failed")

		first, second := o.sink.Mails()[0], o.sink.Mails()[1]
		p := mailtest.Parse(t, first.Raw)
		if first.To != "ana@example.org" || p.Subject != "Quadros prontos: praia.mp4" || p.Header.Get("List-Unsubscribe") != "<https://frames.example/settings>" {
			t.Errorf("to %s, %q, %v", first.To, p.Subject, p.Header)
		}
		for _, part := range []string{"Quadros: 42", "2,5 MB", "https://frames.example/jobs/" + done + "\n"} {
			if !strings.Contains(p.Text, part) {
				t.Errorf("the mail lacks %q:\n%s", part, p.Text)
			}
		}
		if p := mailtest.Parse(t, second.Raw); !strings.Contains(p.Text, "The video has no pictures; upload another one.") {
			t.Errorf("the mail lacks the reason:\n%s", p.Text)
		}
		if strings.Contains(o.logged.String(), "ana@") || strings.Contains(o.logged.String(), "praia") {
			t.Error("the log names the address or the film")
		}
	})
}

// begun says whether the search for missed ends has taken its first look.
func (o *office) begun() bool {
	var n int64
	o.must(o.book.WithContext(o.t.Context()).Table("progress").Count(&n).Error)
	return n > 0
}

// The user decides, at the moment the mail would be sent.
func TestOnlyWhatIsWantedIsMailed(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		o.start(o.all()...)
		o.eventually("first sweep", func() bool { return o.begun() })
		o.wants(`{"notifications":{"job_completion":false,"language":"en"}}`)
		done, failed := o.submit("a.mp4"), o.submit("b.mp4")
		o.finish(done, "")
		o.finish(failed, "No.")
		o.eventually("both settled", func() bool { return o.settled("sent") == 1 && o.settled("dropped") == 1 })
		o.once(failed + ".failed")
		if p := mailtest.Parse(t, o.sink.Mails()[0].Raw); p.Subject != "No frames: b.mp4" {
			t.Errorf("subject %q, want the language of the settings", p.Subject)
		}
	})
}

func TestDeletedJobsAndReservedAddressesGetNoMail(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		deleted, nowhere := o.submit("a.mp4"), o.submit("b.mp4")
		o.must(o.jobs.WithContext(t.Context()).Exec("UPDATE jobs SET user_email = 'ana@Example.com' WHERE id = ?", nowhere).Error)
		quiet := o.notify(false)
		stop := o.start(quiet.Services()...)
		o.eventually("first sweep", func() bool { return o.begun() })
		stop()
		o.finish(deleted, "")
		o.finish(nowhere, "")
		o.sink.Down()
		stop = o.start(o.notify(false).Services()...)
		o.eventually("found by looking", func() bool { return o.settled("waiting")+o.settled("dropped") == 2 })
		stop()
		o.must(o.jobs.WithContext(t.Context()).Exec("UPDATE jobs SET deleted_at = ? WHERE id = ?", time.Now().UTC(), deleted).Error)
		o.sink.Up()
		o.start(o.notify(false).Services()...)
		o.eventually("both dropped", func() bool { return o.settled("dropped") == 2 })
		o.once()
	})
}

// No event arrives, as when the broker is away: the ends are found by looking, and told once.
func TestLostEventsAreMadeUpFor(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		old := o.submit("old.mp4")
		o.finish(old, "") // before there was anybody to tell of it
		stop := o.start(o.notify(false).Services()...)
		o.eventually("first sweep", func() bool { return o.begun() })
		o.must(o.jobs.WithContext(t.Context()).Exec("UPDATE jobs SET completed_at = ? WHERE id = ?", time.Now().UTC().Add(-2*time.Hour), old).Error)
		stop()
		o.must(o.book.WithContext(t.Context()).Exec("DELETE FROM deliveries").Error)
		var want []string
		for range 5 {
			id := o.submit("x.mp4")
			o.finish(id, "")
			want = append(want, id+".completed")
		}
		before := len(o.sink.Mails())
		o.start(append(o.notify(false).Services(), o.notify(false).Services()...)...) // two processes
		o.eventually("five mails", func() bool { return o.settled("sent") == 5 })
		o.eventually("another look", func() bool { return strings.Count(o.logged.String(), "ends of jobs found") > 0 })
		for id, n := range o.sink.Counts() {
			if n != 1 {
				t.Errorf("%s was taken %d times", id, n)
			}
		}
		if got := len(o.sink.Mails()) - before; got != len(want) {
			t.Errorf("%d mails, want %d", got, len(want))
		}
	})
}

// F24: the mail server is away, slow or unwilling while jobs run. Jobs take no longer, and each mail arrives once.
func TestMailServerFails(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		const jobs = 12
		o.sink.Down()
		o.start(o.all()...)
		o.start(o.notify(true).Services()...) // a second process
		o.eventually("first sweep", func() bool { return o.begun() })
		var want []string
		var slowest time.Duration
		for range jobs {
			id := o.submit("x.mp4")
			begun := time.Now()
			o.finish(id, "")
			slowest = max(slowest, time.Since(begun))
			want = append(want, id+".completed")
		}
		o.eventually("all enlisted", func() bool { return o.settled("waiting") == jobs })
		o.sink.Refuse(5, 451, [3]int{4, 3, 2})
		o.sink.Up()
		o.eventually("all sent", func() bool { return o.settled("sent") == jobs })
		o.once(want...)
		t.Logf("jobs %d, slowest end %v with the server away, mails per job 1, offered %d", jobs, slowest, o.sink.Tries())
		if slowest > 2*time.Second {
			t.Errorf("ending a job took %v: it waits for the mail server", slowest)
		}
	})
}

// Events come twice, and several processes hear them.
func TestDuplicateEvents(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		o.start(o.all()...)
		o.eventually("first sweep", func() bool { return o.begun() })
		id := o.submit("x.mp4")
		o.finish(id, "")
		o.eventually("sent", func() bool { return o.settled("sent") == 1 })
		o.must(o.jobs.WithContext(t.Context()).Exec("UPDATE outbox SET published_at = NULL").Error) // the relay died before its note
		other := o.submit("y.mp4")
		o.finish(other, "")
		o.eventually("sent", func() bool { return o.settled("sent") == 2 })
		o.once(id+".completed", other+".completed")
	})
}

func TestWithoutMailNothingIsCollected(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		m, err := notify.New(notify.Config{Sweep: time.Second, LookBack: time.Hour}, notify.Deps{
			DB: o.book, Jobs: o.videos.Notices(), Bus: o.bus, Log: o.log(), Now: time.Now,
		})
		if err != nil || len(m.Services()) != 0 {
			t.Errorf("%d services, %v", len(m.Services()), err)
		}
	})
}

func TestConfig(t *testing.T) {
	t.Parallel()
	err := notify.Config{}.Validate()
	if err == nil || !strings.Contains(err.Error(), "FIAPX_NOTIFY_SWEEP") || !strings.Contains(err.Error(), "FIAPX_NOTIFY_LOOK_BACK") {
		t.Errorf("%v", err)
	}
	if _, err := notify.New(notify.Config{Sweep: time.Minute, LookBack: time.Hour}, notify.Deps{}); err == nil {
		t.Error("New accepts nothing to work with")
	}
}
