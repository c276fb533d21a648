package domain_test

import (
	"slices"
	"testing"
	"time"

	"github.com/fiapx/fiapx/modules/processing/internal/domain"
)

func TestWhichJobsAreDivided(t *testing.T) {
	t.Parallel()
	rule := domain.Rule{After: 2 * time.Minute, Threads: 1}
	end := 100.0
	film := func(seconds float64, p domain.Params) domain.Claim {
		return domain.Claim{Duration: seconds, Params: p}
	}
	for name, tt := range map[string]struct {
		rule  domain.Rule
		claim domain.Claim
		want  bool
	}{
		"two hours":         {rule, film(7200, domain.Params{FPS: 1}), true},
		"half a minute":     {rule, film(30, domain.Params{FPS: 1}), false},
		"unknown":           {rule, film(0, domain.Params{FPS: 1}), false},
		"a short stretch":   {rule, film(7200, domain.Params{FPS: 1, Start: 80, End: &end}), false},
		"scenes":            {rule, film(7200, domain.Params{Scene: 0.3}), false},
		"near-duplicates":   {rule, film(7200, domain.Params{FPS: 1, Dedupe: 3}), false},
		"every tenth":       {rule, film(7200, domain.Params{Every: 10}), true},
		"not on this fleet": {domain.Rule{}, film(7200, domain.Params{FPS: 1}), false},
	} {
		if got := tt.rule.Eligible(tt.claim); got != tt.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestShareFollowsTheFleet(t *testing.T) {
	t.Parallel()
	rule := domain.Rule{After: 2 * time.Minute}
	if n := rule.Parallel(3, 6); n != 3 {
		t.Errorf("jobs that take all cores: %d at a time", n)
	}
	rule.Threads = 2
	if n := rule.Parallel(3, 6); n != 6 {
		t.Errorf("jobs that take some cores: %d at a time", n)
	}
	if _, ok := rule.Share(1); ok {
		t.Error("one shares with itself")
	}
	if s, ok := rule.Share(6); !ok || s.Most != 18 || s.Piece != 30 {
		t.Errorf("%+v %v", s, ok)
	}
	if s, _ := rule.Share(1000); s.Most != 64 {
		t.Errorf("%+v", s)
	}
	if rule.Worth(domain.Division{Work: 119, Cuts: []int{5}}) || rule.Worth(domain.Division{Work: 500}) || !rule.Worth(domain.Division{Work: 120, Cuts: []int{5}}) {
		t.Error("what is worth a division")
	}
	got := domain.Division{Frames: 9, Cuts: []int{2, 5}}.Stretches()
	if !slices.Equal(got, []domain.Stretch{{From: 0, To: 2}, {From: 2, To: 5}, {From: 5, To: 9}}) {
		t.Errorf("%v", got)
	}
}

func TestPartsOfOneFilmMakeAReport(t *testing.T) {
	t.Parallel()
	at := 3.0
	info := domain.Info{Codec: "h264", Duration: 60}
	whole, ok := domain.Join([]domain.Report{{Info: info, Frames: 3, Packets: 90, Decoded: 10}, {Info: info, Frames: 4, Toned: true, Packets: 90, Decoded: 20}})
	if !ok || whole.Frames != 7 || !whole.Toned || whole.Decoded != 30 || whole.Packets != 90 || whole.Info != info {
		t.Errorf("%+v %v", whole, ok)
	}
	for name, parts := range map[string][]domain.Report{
		"none": nil, "damage": {{Info: info, DamagedAt: &at}}, "another film": {{Info: info}, {Info: domain.Info{Codec: "vp9"}}},
		"one is cut": {{Info: info}, {Info: info, Truncated: true}}, "left out": {{Info: info, Drops: 1}},
	} {
		if _, ok := domain.Join(parts); ok {
			t.Errorf("%s: joined", name)
		}
	}
}

func TestProgressOfManyIsTheirSum(t *testing.T) {
	t.Parallel()
	p := domain.Shared([]domain.Segment{
		{Stretch: domain.Stretch{From: 0, To: 50}, Done: true, Frames: 50, Rate: 9},
		{Stretch: domain.Stretch{From: 50, To: 100}, Frames: 20, Rate: 3},
		{Stretch: domain.Stretch{From: 100, To: 140}, Frames: 0},
		{Stretch: domain.Stretch{From: 140, To: 200}, Frames: 30, Rate: 2},
	}, 0.25, 10*time.Second)
	if p.Frames != 100 || p.Percent != 57.5 || p.Rate != 5 || p.ETA != 20 {
		t.Errorf("%+v", p)
	}
}
