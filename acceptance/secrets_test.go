//go:build acceptance

package acceptance

import (
	"regexp"
	"testing"
)

// secrets are what must not be in a log, whatever its level.
var secrets = map[string]*regexp.Regexp{
	"an e-mail address": regexp.MustCompile(`[\w.+-]+(@|%40)[\w-]+\.[a-z]{2,}`),
	"a signed token":    regexp.MustCompile(`eyJ[\w-]{10,}\.`),
	"an API key":        regexp.MustCompile(`fiapx_[A-Za-z0-9]{16,}`),
	"a password hash":   regexp.MustCompile(`\$(argon2id|2[aby])\$`),
	"a password":        regexp.MustCompile(`(?i)green bicycles`),
	"a credential":      regexp.MustCompile(`(?i)bearer [\w-]{8,}|refresh_token"?[=:]"?[\w-]{8,}`),
}

// logsKeepSecrets looks through what every process wrote while all scenarios ran, at the level of debugging.
func (w *world) logsKeepSecrets(t *testing.T) {
	for _, p := range w.d.processes {
		log := p.log.String()
		if len(log) < 1000 {
			t.Errorf("%s logged only %d bytes; there is nothing to look through", p.name, len(log))
		}
		for what, form := range secrets {
			for i, at := range form.FindAllStringIndex(log, -1) {
				if i < 3 {
					t.Errorf("%s: %s is in the log: ...%s...", p.name, what, log[max(0, at[0]-200):min(len(log), at[1]+20)])
				}
			}
		}
	}
}
