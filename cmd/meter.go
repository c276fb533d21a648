package cmd

import (
	"time"

	"github.com/schollz/progressbar/v3"
)

// meter shows on a terminal how far something is; anywhere else it is silent.
type meter struct {
	bar *progressbar.ProgressBar
}

// meter counts to total; -1 is unknown.
func (c *console) meter(total int64, what string) *meter {
	if !isTerminal(c.err) || c.json {
		return &meter{}
	}
	return &meter{progressbar.NewOptions64(total,
		progressbar.OptionSetWriter(c.err), progressbar.OptionSetDescription(what), progressbar.OptionClearOnFinish(),
		progressbar.OptionSetElapsedTime(false), progressbar.OptionSetPredictTime(false),
		progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionFullWidth())}
}

func (m *meter) set(n int64) {
	if m.bar != nil {
		_ = m.bar.Set64(n)
	}
}

func (m *meter) describe(what string) {
	if m.bar != nil {
		m.bar.Describe(what)
	}
}

func (m *meter) end() {
	if m.bar != nil {
		_ = m.bar.Clear()
	}
}
