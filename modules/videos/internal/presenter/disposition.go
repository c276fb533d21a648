package presenter

import (
	"fmt"
	"strings"

	"github.com/fiapx/fiapx/modules/videos/internal/domain"
)

// disposition is Content-Disposition after RFC 6266: the whole name in filename*, and for old clients what of it is
// plain ASCII.
func disposition(job domain.Job) string {
	full := domain.ArchiveName(job)
	ascii := job
	ascii.Filename = plain(job.Filename)
	header := `attachment; filename="` + domain.ArchiveName(ascii) + `"`
	return header + "; filename*=UTF-8''" + extended(full)
}

func plain(name string) string {
	return strings.Map(func(r rune) rune {
		if r < 0x20 || r > 0x7e || r == '"' || r == '\\' || r == '%' || r == ';' {
			return -1
		}
		return r
	}, name)
}

// extended is an ext-value of RFC 8187.
func extended(s string) string {
	var b strings.Builder
	for i := range len(s) {
		c := s[i]
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', strings.IndexByte("!#$&+-.^_`|~", c) >= 0:
			b.WriteByte(c)
		default:
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}
