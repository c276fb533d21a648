package app

import (
	"fmt"
	"slices"
)

// Modules, by the names of their folders.
const (
	moduleAuth       = "auth"
	moduleVideos     = "videos"
	moduleProcessing = "processing"
	moduleNotify     = "notify"
	moduleWeb        = "web"
)

// buildOrder is the order of dependence: each module may be given only what stands before it.
var buildOrder = []string{moduleAuth, moduleVideos, moduleProcessing, moduleNotify, moduleWeb}

// withDatabase are the modules that have tables.
var withDatabase = []string{moduleAuth, moduleVideos, moduleNotify}

// Target is what one server command runs.
type Target struct {
	Name     string
	Modules  []string // that are constructed
	Routes   []string // of these, whose routes are served
	Services []string // of these, whose background work runs here
	Listen   string   // when nothing else is configured
	Alone    bool     // no other process works on the same data
}

// targets is what every server command is made of.
var targets = []Target{
	{
		Name:     "all",
		Modules:  []string{moduleAuth, moduleVideos, moduleProcessing, moduleNotify, moduleWeb},
		Routes:   []string{moduleAuth, moduleVideos, moduleWeb},
		Services: []string{moduleAuth, moduleVideos, moduleProcessing, moduleNotify},
		Listen:   "localhost:8080",
		Alone:    true,
	},
	{
		Name:     "serve-auth",
		Modules:  []string{moduleAuth},
		Routes:   []string{moduleAuth},
		Services: []string{moduleAuth},
		Listen:   ":8000",
	},
	{
		Name:    "serve-api",
		Modules: []string{moduleVideos, moduleWeb},
		Routes:  []string{moduleVideos, moduleWeb},
		Listen:  ":8001",
	},
	{
		Name:     "work",
		Modules:  []string{moduleVideos, moduleProcessing, moduleNotify},
		Services: []string{moduleVideos, moduleProcessing, moduleNotify},
		Listen:   ":8002", // health only
	},
}

// Find gives the target of that name.
func Find(name string) (Target, error) {
	for _, t := range targets {
		if t.Name == name {
			return t, nil
		}
	}
	return Target{}, fmt.Errorf("there is no target %q", name)
}

func (t Target) has(module string) bool    { return slices.Contains(t.Modules, module) }
func (t Target) serves(module string) bool { return slices.Contains(t.Routes, module) }
func (t Target) runs(module string) bool   { return slices.Contains(t.Services, module) }

// keepsFiles says whether the target reads or writes videos and archives.
func (t Target) keepsFiles() bool { return t.has(moduleVideos) }

// mails says whether the target sends mails.
func (t Target) mails() bool { return t.runs(moduleAuth) || t.runs(moduleNotify) }

// talks says whether the target sends events, or acts on them.
func (t Target) talks() bool { return t.has(moduleVideos) }

// verifies says whether the target judges access tokens that another process has signed.
func (t Target) verifies() bool { return len(t.Routes) > 0 && !t.has(moduleAuth) }
