package auth

import (
	"context"
	"errors"
	"time"

	"github.com/fiapx/fiapx/modules/auth/internal/domain"
	"github.com/fiapx/fiapx/modules/auth/internal/repository"
	"github.com/fiapx/fiapx/modules/auth/internal/service/post"
	"github.com/fiapx/fiapx/modules/auth/internal/usecase"
	"github.com/fiapx/fiapx/platform/database/outbox"
	"github.com/fiapx/fiapx/platform/mail"
	"github.com/fiapx/fiapx/platform/mail/courier"
	"github.com/fiapx/fiapx/platform/run"
)

// MailConfig is what an operator may set of the mails about accounts.
type MailConfig struct {
	VerifyEmail  bool          `env:"FIAPX_VERIFY_EMAIL" default:"false" help:"sign-in needs a confirmed e-mail address; a link is mailed at registration"`
	VerifyTTL    time.Duration `env:"FIAPX_AUTH_VERIFY_TTL" default:"48h" help:"how long the link in such a mail works"`
	ResetTTL     time.Duration `env:"FIAPX_AUTH_RESET_TTL" default:"1h" help:"how long the link of a forgotten password works"`
	MailRequests int64         `env:"FIAPX_AUTH_MAIL_REQUESTS" default:"20" help:"links by mail that one client may ask for in FIAPX_AUTH_CLIENT_WINDOW"`
	AccountMails int64         `env:"FIAPX_AUTH_ACCOUNT_MAILS" default:"5" help:"links by mail to one account in an hour, whoever asks"`
}

// errNoMail is for the operator, who would lock every new user out.
var errNoMail = errors.New("FIAPX_VERIFY_EMAIL needs mail: set FIAPX_SMTP_HOST, or FIAPX_MAIL_DIR to write mails into a folder; or remove it")

// mailing sends the mails about accounts. The zero value sends none.
type mailing struct {
	post    usecase.Post
	drafts  usecase.Drafts
	courier *courier.Courier
}

func newMailing(cfg MailConfig, deps Deps, basis usecase.Basis, store *repository.Store) (mailing, error) {
	if deps.Mail == nil {
		if cfg.VerifyEmail {
			return mailing{}, errNoMail
		}
		return mailing{}, nil
	}
	desk, err := post.New(deps.Post.Link)
	if err != nil {
		return mailing{}, err
	}
	table := outbox.New(deps.DB, repository.MailTable)
	drafts := usecase.Drafts{
		Basis: basis, Users: store, Mails: store, Tokens: store, Purger: table,
		Lives: map[domain.Purpose]time.Duration{domain.ForVerify: cfg.VerifyTTL, domain.ForReset: cfg.ResetTTL},
	}
	m := mailing{drafts: drafts, courier: courier.New(courier.Courier{
		Name: "auth-mail", Outbox: table, Sender: deps.Mail, Attempts: deps.Post.Attempts, Retry: deps.Post.Retry,
		Now: deps.Now, Log: deps.Log,
		Write: func(ctx context.Context, id string) (mail.Message, error) { return write(ctx, drafts, desk, id) },
	})}
	m.post = usecase.Post{On: true, Verify: cfg.VerifyEmail, Ring: m.courier.Ring}
	return m, nil
}

func write(ctx context.Context, drafts usecase.Drafts, desk *post.Desk, id string) (mail.Message, error) {
	draft, err := drafts.Draft(ctx, id)
	if errors.Is(err, domain.ErrMailObsolete) {
		return mail.Message{}, courier.ErrObsolete
	}
	if err != nil {
		return mail.Message{}, err
	}
	return desk.Write(draft)
}

// services of the mails; any number of processes may run them.
func (m *Module) mailServices() []run.Service {
	if m.mailing.courier == nil {
		return nil
	}
	return []run.Service{
		m.mailing.courier.Service(),
		{Name: "auth-mail-sweep", Run: m.every(sweepEvery, m.mailing.drafts.Sweep), Grace: grace},
	}
}
