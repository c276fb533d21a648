package presenter

import (
	"math"
	"net"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/fiapx/fiapx/modules/auth/internal/domain"
	"github.com/fiapx/fiapx/platform/fault"
)

// A browser's refresh token lives in a cookie that no script can read. The prefix makes browsers insist on https, on the
// exact host and on this path (RFC 6265bis, 4.1.3.2), so that no neighbour under the same domain can plant one. Plain http
// is for a browser on the same machine; elsewhere there is no cookie, and the token stands in the answer.
const (
	secureCookie = "__Host-fiapx-refresh"
	localCookie  = "fiapx-refresh"
	// The browser is recognised by a second cookie, which stays when its user signs out; it opens nothing.
	secureDevice = "__Host-fiapx-device"
	localDevice  = "fiapx-device"
	deviceAge    = 400 * 24 * 60 * 60 // seconds; browsers keep none for longer
)

var errForeignPage = fault.New(fault.Forbidden, "auth.foreign_page",
	"This request came from a page of another site, so the browser's session was not used; open the service's own page.")

// fromOurPage guards what a cookie authorises, or sets, against other sites. It needs no secret: browsers say where a request
// comes from. Programs that are no browsers say nothing, and have no cookie that a foreign page could use.
func fromOurPage(r *http.Request) error {
	if err := http.NewCrossOriginProtection().Check(r); err != nil {
		return errForeignPage.Because(err)
	}
	return nil
}

// cookieName is empty where a cookie would travel in the open.
func cookieName(c echo.Context) string {
	if c.Scheme() == "https" {
		return secureCookie
	}
	host := c.Request().Host
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	if ip := net.ParseIP(strings.Trim(host, "[]")); host == "localhost" || ip != nil && ip.IsLoopback() {
		return localCookie
	}
	return ""
}

// refreshCookie is the token that the browser sent, or none.
func refreshCookie(c echo.Context) string { return cookieValue(c, cookieName(c)) }

func deviceName(c echo.Context) string {
	return map[string]string{secureCookie: secureDevice, localCookie: localDevice}[cookieName(c)]
}

func cookieValue(c echo.Context, name string) string {
	if name == "" {
		return ""
	}
	cookies := c.Request().CookiesNamed(name)
	if len(cookies) != 1 { // two of one name are somebody's attempt to plant one
		return ""
	}
	return cookies[0].Value
}

// keepInCookie puts the refresh token into a cookie that ends with the browser's visit, or with the session where the user
// wants to be remembered. It says whether there can be one.
func (p *Presenter) keepInCookie(c echo.Context, g domain.Grant) bool {
	name := cookieName(c)
	if name == "" {
		return false
	}
	age := 0
	if g.Remember {
		age = max(1, int(math.Ceil(g.SessionEnds.Sub(p.now()).Seconds())))
	}
	setCookie(c, name, g.RefreshToken, age)
	return true
}

// device is what the browser is recognised by from now on: what it sent, or something new.
func device(c echo.Context) string {
	if sent := cookieValue(c, deviceName(c)); sent != "" && len(sent) <= maxDevice {
		return sent
	}
	return domain.NewDevice()
}

// maxDevice bounds what a made-up cookie can be; it is hashed before it is stored.
const maxDevice = 64

func keepDevice(c echo.Context, device string) {
	if name := deviceName(c); name != "" {
		setCookie(c, name, device, deviceAge)
	}
}

// dropCookie has the browser forget the token, if it has one.
func dropCookie(c echo.Context) {
	if name := cookieName(c); name != "" && len(c.Request().CookiesNamed(name)) > 0 {
		setCookie(c, name, "", -1)
	}
}

// setCookie takes the age of http.Cookie: seconds, 0 for as long as the visit, less for never.
func setCookie(c echo.Context, name, value string, age int) {
	c.SetCookie(&http.Cookie{ //nolint:gosec // G124: not Secure over http on this machine only, where some browsers would drop it
		Name: name, Value: value, Path: "/", MaxAge: age, HttpOnly: true, Secure: strings.HasPrefix(name, "__Host-"), SameSite: http.SameSiteStrictMode,
	})
}

// presented is the refresh token of a request, and whether the cookie had it.
func presented(c echo.Context, inBody *string) (token string, cookie bool, err error) {
	if inBody != nil {
		return *inBody, false, nil
	}
	token = refreshCookie(c)
	if token == "" {
		return "", false, fault.Fieldf("refresh_token", "required", "A refresh token is missing; send it in refresh_token, or sign in with cookie.")
	}
	return token, true, fromOurPage(c.Request())
}

// worthless says that the browser may as well forget the token.
func worthless(err error) bool { return fault.KindOf(err) == fault.Unauthenticated }

func yes(b *bool) bool { return b != nil && *b }
