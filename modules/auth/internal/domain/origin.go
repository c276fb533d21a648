package domain

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Origin is where a request came from, as far as it can be told.
type Origin struct {
	Address string // the client's, as the trusted proxies say it
	Agent   string // what the client calls itself; anybody's to write
}

// Key is what attempts are counted under.
func (o Origin) Key() string { return ClientKey(o.Address) }

const (
	maxAddress = 64
	maxAgent   = 200
)

// NewOrigin cuts both short and drops what could steer a terminal: they are shown to people later.
func NewOrigin(address, agent string) Origin {
	return Origin{Address: plain(address, maxAddress), Agent: plain(agent, maxAgent)}
}

func plain(s string, limit int) string {
	s = strings.Map(func(r rune) rune {
		if r == utf8.RuneError || !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, s)
	for len(s) > limit {
		_, size := utf8.DecodeLastRuneInString(s)
		s = s[:len(s)-size]
	}
	return s
}
