package app

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/fiapx/fiapx/modules/auth"
	"github.com/fiapx/fiapx/modules/notify"
	"github.com/fiapx/fiapx/modules/processing"
	"github.com/fiapx/fiapx/modules/videos"
	"github.com/fiapx/fiapx/modules/web"
	"github.com/fiapx/fiapx/platform/authn"
	"github.com/fiapx/fiapx/platform/run"
)

// builders construct the modules.
var builders = map[string]func(*process) error{
	moduleAuth:       buildAuth,
	moduleVideos:     buildVideos,
	moduleProcessing: buildProcessing,
	moduleNotify:     buildNotify,
	moduleWeb:        buildWeb,
}

func buildAuth(p *process) (err error) {
	p.auth, err = auth.New(p.cfg.Auth, auth.Deps{
		DB: p.dbs[moduleAuth], Cache: p.cache, Log: p.log, Now: p.now, KeyDir: p.cfg.keys(),
		Mail: p.mail, Post: p.cfg.Mail,
	})
	if err != nil {
		return err
	}
	if err := p.openVerifier(); err != nil {
		return err
	}
	if p.target.serves(moduleAuth) {
		p.auth.Routes(p.server.Root(), p.verifier)
	}
	if p.target.runs(moduleAuth) {
		p.services = append(p.services, p.auth.Services()...)
	}
	return nil
}

// openVerifier judges tokens by auth's own keys where auth is, and by those that it publishes elsewhere.
func (p *process) openVerifier() error {
	if p.verifier != nil || len(p.target.Routes) == 0 {
		return nil
	}
	keys, err := p.openKeys()
	if err != nil {
		return err
	}
	truth, err := p.openTruth()
	if err != nil {
		return err
	}
	revocations := authn.NewRecall(authn.NewRevocations(p.cache).Strict(), truth, p.now)
	cfg := authn.Config{Issuer: p.cfg.Auth.Issuer, Audience: p.cfg.Auth.Audience}
	exchange, err := p.openExchange()
	if err != nil {
		return err
	}
	p.verifier = authn.NewVerifier(keys, revocations, cfg, p.now).WithKeys(exchange)
	return nil
}

// openExchange is who makes access tokens of API keys: auth, in this process or over HTTP.
func (p *process) openExchange() (authn.Exchanger, error) {
	if p.auth != nil {
		return p.auth.Exchanger(), nil
	}
	remote, err := authn.NewRemoteExchange(p.cfg.JWKSURL, &http.Client{})
	if err != nil {
		return nil, fmt.Errorf("FIAPX_JWKS_URL: %w", err)
	}
	return remote, nil
}

// openTruth is what is asked about revocations while the cache does not know: auth's database, or auth itself.
func (p *process) openTruth() (authn.Revocations, error) {
	if p.auth != nil {
		return p.auth.Revocations(), nil
	}
	feed, err := authn.NewFeedRevocations(p.cfg.JWKSURL, &http.Client{}, p.now, p.log)
	if err != nil {
		return nil, fmt.Errorf("FIAPX_JWKS_URL: %w", err)
	}
	return feed, nil
}

// openAccounts is who knows which accounts are closed: auth, in this process or over HTTP.
func (p *process) openAccounts() (videos.Accounts, error) {
	if p.auth != nil {
		return p.auth, nil
	}
	remote, err := authn.NewRemoteAccounts(p.cfg.JWKSURL, &http.Client{})
	if err != nil {
		return nil, fmt.Errorf("FIAPX_JWKS_URL: %w", err)
	}
	return remote, nil
}

func (p *process) openKeys() (authn.Keys, error) {
	if p.auth != nil {
		return p.auth.Keys(), nil
	}
	remote, err := authn.NewRemoteKeys(p.cfg.JWKSURL, &http.Client{}, p.log)
	if err != nil {
		return nil, fmt.Errorf("FIAPX_JWKS_URL: %w", err)
	}
	p.services = append(p.services, remote.Service())
	p.server.Ready("signing keys", remote.Ready)
	return remote, nil
}

func buildVideos(p *process) (err error) {
	deps := videos.Deps{
		DB: p.dbs[moduleVideos], Beats: p.beats, Blobs: p.blobs, Bus: p.bus, Cache: p.cache, Log: p.log, Now: p.now, Version: p.cfg.Version,
	}
	if p.target.serves(moduleVideos) {
		deps.Prober = processing.Prober(p.cfg.Processing)
	}
	if p.videos, err = videos.New(p.cfg.Videos, deps); err != nil {
		return err
	}
	if err := p.openVerifier(); err != nil {
		return err
	}
	if p.target.serves(moduleVideos) {
		p.videos.Routes(p.server.Root(), p.verifier)
		accounts, err := p.openAccounts()
		if err != nil {
			return err
		}
		p.services = append(p.services, p.videos.Departed(accounts))
	}
	switch {
	case p.target.runs(moduleVideos):
		p.services = append(p.services, p.videos.Services()...)
	case p.kafka != nil: // over the memory of this process nobody would hear
		p.services = append(p.services, p.videos.Messenger())
	}
	return nil
}

func buildProcessing(p *process) (err error) {
	deps := processing.Deps{Queue: p.videos.Queue(), Bus: p.bus, Blobs: p.blobs, Log: p.log, Metrics: p.metrics}
	if p.cfg.Drain {
		deps.Drained = func() { p.finish() }
	}
	p.processing, err = processing.New(p.cfg.Processing, deps)
	if err == nil && p.target.runs(moduleProcessing) {
		p.services = append(p.services, p.processing.Services()...)
	}
	return err
}

func buildNotify(p *process) (err error) {
	p.notify, err = notify.New(p.cfg.Notify, notify.Deps{
		DB: p.dbs[moduleNotify], Jobs: p.videos.Notices(), Bus: p.bus, Mail: p.mail, Post: p.cfg.Mail, Log: p.log, Now: p.now,
	})
	if err == nil && p.target.runs(moduleNotify) {
		p.services = append(p.services, p.notify.Services()...)
	}
	return err
}

func buildWeb(p *process) (err error) {
	specs, err := p.specifications()
	if err != nil {
		return err
	}
	p.web, err = web.New(p.cfg.Web, web.Deps{Specs: specs, Version: p.cfg.Version, Log: p.log})
	if err == nil && p.target.serves(moduleWeb) {
		p.web.Routes(p.server.Root())
	}
	return err
}

// specifications are those of all routes that the page's address has: in a split deployment a proxy puts serve-auth there too.
func (p *process) specifications() ([]*web.Spec, error) {
	accounts, err := auth.Specification()
	if err != nil {
		return nil, err
	}
	return []*web.Spec{accounts, p.videos.OpenAPI()}, nil
}

const (
	sweepEvery = time.Hour
	// Half-written files of other processes may still grow; after a day nobody comes back to them.
	stagingAge = 24 * time.Hour
)

// sweeper removes what crashed processes left half-written. A process that is alone with its data knows at its start
// that nobody writes, and leaves nothing.
func (p *process) sweeper() run.Service {
	age := stagingAge
	if p.target.Alone {
		age = 0
	}
	return run.Service{Name: "storage sweeper", Grace: time.Second, Run: func(ctx context.Context) error {
		tick := time.NewTicker(sweepEvery)
		defer tick.Stop()
		for ; ; age = stagingAge {
			if n, err := p.blobs.Sweep(ctx, p.now().Add(-age)); err != nil {
				p.log.WarnContext(ctx, "half-written files not removed", "err", err)
			} else if n > 0 {
				p.log.InfoContext(ctx, "half-written files removed", "files", n)
			}
			select {
			case <-ctx.Done():
				return nil
			case <-tick.C:
			}
		}
	}}
}
