package auth

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/fiapx/fiapx/modules/auth/internal/service/throttle"
	"github.com/fiapx/fiapx/modules/auth/internal/usecase"
	"github.com/fiapx/fiapx/platform/config"
)

// Config is what an operator may set. The defaults are in the tags.
type Config struct {
	Issuer    string `env:"FIAPX_AUTH_ISSUER,JWT_ISSUER" default:"fiap-x-auth" help:"iss of the access tokens"`
	Audience  string `env:"FIAPX_AUTH_AUDIENCE" default:"fiapx-api" help:"aud of the access tokens"`
	Algorithm string `env:"FIAPX_AUTH_ALGORITHM" default:"EdDSA" help:"signature of the access tokens: EdDSA or ES256"`

	KeyRotation time.Duration `env:"FIAPX_AUTH_KEY_ROTATION" default:"720h" help:"how long a signing key is used; older ones verify until their tokens have expired"`
	KEK         config.Secret `env:"FIAPX_AUTH_KEK" help:"key-encryption key of the signing keys in the database, 32 bytes in base64; several, the newest first, while it is changed; a file in the data folder when empty"`
	KEKFile     string        `env:"FIAPX_AUTH_KEK_FILE" help:"file with the key-encryption key, in place of FIAPX_AUTH_KEK"`
	KeyFiles    []string      `env:"FIAPX_AUTH_KEY_FILES" help:"files with signing keys (PEM or JSON Web Key), in place of those in the database; the first key signs, all are published; read again when they change"`

	AccessTTL          time.Duration `env:"FIAPX_AUTH_ACCESS_TTL" default:"15m" help:"lifetime of an access token"`
	RefreshTTL         time.Duration `env:"FIAPX_AUTH_REFRESH_TTL" default:"720h" help:"lifetime of a session"`
	RememberAccessTTL  time.Duration `env:"FIAPX_AUTH_REMEMBER_ACCESS_TTL" default:"30m" help:"lifetime of the first access token with remember_me"`
	RememberRefreshTTL time.Duration `env:"FIAPX_AUTH_REMEMBER_REFRESH_TTL" default:"2160h" help:"lifetime of a session with remember_me"`
	RefreshGrace       time.Duration `env:"FIAPX_AUTH_REFRESH_GRACE" default:"10s" help:"how long a spent refresh token still gives its successor"`

	PasswordMin  int           `env:"FIAPX_AUTH_PASSWORD_MIN" default:"12" help:"shortest password, in characters"`
	PasswordList string        `env:"FIAPX_AUTH_PASSWORD_LIST" help:"file with passwords that are refused beside the common ones, one a line"`
	Hashes       int           `env:"FIAPX_AUTH_HASHES" default:"4" help:"password hashes at once, 19 MiB each"`
	HashWait     time.Duration `env:"FIAPX_AUTH_HASH_WAIT" default:"100ms" help:"how long a sign-in waits for its turn to be hashed"`
	FailureFloor time.Duration `env:"FIAPX_AUTH_FAILURE_FLOOR" default:"250ms" help:"shortest time a refused sign-in takes"`

	PairAttempts   int64         `env:"FIAPX_AUTH_PAIR_ATTEMPTS" default:"5" help:"wrong guesses of one client on one account"`
	PairWindow     time.Duration `env:"FIAPX_AUTH_PAIR_WINDOW" default:"5m" help:"the time they are counted over"`
	AccountGuesses int64         `env:"FIAPX_AUTH_ACCOUNT_GUESSES" default:"10" help:"wrong guesses on one account before strangers are slowed down"`
	ClientGuesses  int64         `env:"FIAPX_AUTH_CLIENT_GUESSES" default:"50" help:"wrong guesses of one client on any account"`
	ClientAttempts int64         `env:"FIAPX_AUTH_CLIENT_ATTEMPTS" default:"600" help:"sign-ins of one client, right or wrong"`
	Registrations  int64         `env:"FIAPX_AUTH_REGISTRATIONS" default:"50" help:"registrations of one client"`
	ClientWindow   time.Duration `env:"FIAPX_AUTH_CLIENT_WINDOW" default:"15m" help:"the time guesses, sign-ins and registrations are counted over"`
	TokenCalls     int64         `env:"FIAPX_AUTH_TOKEN_CALLS" default:"600" help:"refresh and validate calls of one client a minute"`

	AuditRetention time.Duration `env:"FIAPX_AUTH_AUDIT_RETENTION" default:"8760h" help:"how long the audit log goes back, 720h or more; 0 keeps it for ever"`

	Mails MailConfig
}

const (
	lowestPasswordMin  = 8
	highestPasswordMin = 64
	shortestRotation   = time.Hour
	shortestAudit      = 720 * time.Hour // the table itself refuses to forget earlier
)

// Validate reports everything that is wrong, by the name of the variable.
func (c Config) Validate() error {
	var errs []error
	bad := func(variable, remedy string, args ...any) {
		errs = append(errs, fmt.Errorf(variable+" "+remedy, args...))
	}
	if c.Issuer == "" {
		bad("FIAPX_AUTH_ISSUER", "is empty; name who issues the tokens")
	}
	if c.Audience == "" {
		bad("FIAPX_AUTH_AUDIENCE", "is empty; name whom the tokens are for")
	}
	if !slices.Contains([]string{"EdDSA", "ES256"}, c.Algorithm) {
		bad("FIAPX_AUTH_ALGORITHM", "is %q; use EdDSA or ES256", c.Algorithm)
	}
	if c.PasswordMin < lowestPasswordMin || c.PasswordMin > highestPasswordMin {
		bad("FIAPX_AUTH_PASSWORD_MIN", "is %d; use %d to %d", c.PasswordMin, lowestPasswordMin, highestPasswordMin)
	}
	if c.Hashes < 1 {
		bad("FIAPX_AUTH_HASHES", "is %d; use 1 or more", c.Hashes)
	}
	if c.KeyRotation < shortestRotation {
		bad("FIAPX_AUTH_KEY_ROTATION", "is %s; use %s or more, like 720h", c.KeyRotation, shortestRotation)
	}
	if c.KEK != "" && c.KEKFile != "" {
		bad("FIAPX_AUTH_KEK", "and FIAPX_AUTH_KEK_FILE are both set; use one")
	}
	if c.AuditRetention != 0 && c.AuditRetention < shortestAudit {
		bad("FIAPX_AUTH_AUDIT_RETENTION", "is %s; use %s or more, or 0 for ever", c.AuditRetention, shortestAudit)
	}
	if c.FailureFloor < 0 || c.RefreshGrace < 0 || c.HashWait < 0 {
		bad("FIAPX_AUTH_FAILURE_FLOOR, FIAPX_AUTH_REFRESH_GRACE and FIAPX_AUTH_HASH_WAIT", "must not be negative")
	}
	return errors.Join(append(errs, c.positive()...)...)
}

func (c Config) positive() (errs []error) {
	for _, v := range []struct {
		variable string
		value    time.Duration
	}{
		{"FIAPX_AUTH_ACCESS_TTL", c.AccessTTL},
		{"FIAPX_AUTH_REFRESH_TTL", c.RefreshTTL},
		{"FIAPX_AUTH_REMEMBER_ACCESS_TTL", c.RememberAccessTTL},
		{"FIAPX_AUTH_REMEMBER_REFRESH_TTL", c.RememberRefreshTTL},
		{"FIAPX_AUTH_VERIFY_TTL", c.Mails.VerifyTTL},
		{"FIAPX_AUTH_RESET_TTL", c.Mails.ResetTTL},
		{"FIAPX_AUTH_PAIR_WINDOW", c.PairWindow},
		{"FIAPX_AUTH_CLIENT_WINDOW", c.ClientWindow},
	} {
		if v.value < time.Second {
			errs = append(errs, fmt.Errorf("%s is %s; use a second or more, like 15m", v.variable, v.value))
		}
	}
	for _, v := range []struct {
		variable string
		value    int64
	}{
		{"FIAPX_AUTH_PAIR_ATTEMPTS", c.PairAttempts},
		{"FIAPX_AUTH_ACCOUNT_GUESSES", c.AccountGuesses},
		{"FIAPX_AUTH_CLIENT_GUESSES", c.ClientGuesses},
		{"FIAPX_AUTH_CLIENT_ATTEMPTS", c.ClientAttempts},
		{"FIAPX_AUTH_REGISTRATIONS", c.Registrations},
		{"FIAPX_AUTH_TOKEN_CALLS", c.TokenCalls},
		{"FIAPX_AUTH_MAIL_REQUESTS", c.Mails.MailRequests},
		{"FIAPX_AUTH_ACCOUNT_MAILS", c.Mails.AccountMails},
	} {
		if v.value < 1 {
			errs = append(errs, fmt.Errorf("%s is %d; use 1 or more, a limit cannot be switched off", v.variable, v.value))
		}
	}
	return errs
}

func (c Config) lifetimes() usecase.Lifetimes {
	return usecase.Lifetimes{
		Access: c.AccessTTL, Refresh: c.RefreshTTL,
		RememberAccess: c.RememberAccessTTL, RememberRefresh: c.RememberRefreshTTL,
	}
}

func (c Config) limits() throttle.Limits {
	perClient := func(count int64) throttle.Limit { return throttle.Limit{Count: count, Window: c.ClientWindow} }
	return throttle.Limits{
		Pair:           throttle.Limit{Count: c.PairAttempts, Window: c.PairWindow},
		Account:        perClient(c.AccountGuesses),
		ClientFailures: perClient(c.ClientGuesses),
		ClientAttempts: perClient(c.ClientAttempts),
		Register:       perClient(c.Registrations),
		TokenCalls:     throttle.Limit{Count: c.TokenCalls, Window: time.Minute},
		MailRequests:   perClient(c.Mails.MailRequests),
		Mails:          throttle.Limit{Count: c.Mails.AccountMails, Window: time.Hour},
	}
}
