package web

import (
	"crypto/rand"
	"crypto/subtle"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
)

// cookie is where a browser keeps the token.
const cookie = "slload_token"

// minToken is the length of the shortest token.
const minToken = 16

// guard lets in who may watch.
type guard struct {
	token string // "": everybody on this machine
	drew  bool   // the token is ours
}

// newGuard is that of a server at an address.
func newGuard(at netip.Addr, token string) (guard, error) {
	switch {
	case token == "" && at.IsLoopback():
		return guard{}, nil
	case token == "":
		return guard{token: rand.Text(), drew: true}, nil
	case len(token) < minToken:
		return guard{}, fmt.Errorf("the token has %d letters: want %d at least", len(token), minToken)
	}
	return guard{token: token}, nil
}

// wrap puts the guard before next.
func (g guard) wrap(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		head := w.Header()
		head.Set("Cache-Control", "no-store")
		head.Set("X-Content-Type-Options", "nosniff")
		head.Set("Referrer-Policy", "no-referrer")
		head.Set("Cross-Origin-Resource-Policy", "same-origin")
		switch {
		case r.Method != http.MethodGet && r.Method != http.MethodHead:
			http.Error(w, "only GET is served here", http.StatusMethodNotAllowed)
		case g.token == "" && !direct(r.Host):
			http.Error(w, "ask for this page by its address, such as 127.0.0.1", http.StatusForbidden)
		case g.token != "" && g.same(r.URL.Query().Get("token")):
			// The token goes out of the address bar, and so out of histories.
			http.SetCookie(w, &http.Cookie{Name: cookie, Value: g.token, Path: "/", HttpOnly: true, SameSite: http.SameSiteStrictMode})
			to := url.URL{Path: "/" + strings.TrimLeft(r.URL.Path, `/\`)} // browsers take one for the other
			http.Redirect(w, r, to.EscapedPath(), http.StatusSeeOther)
		case g.token != "" && !g.knows(r):
			http.Error(w, "this needs the token: open the address that slload told when it began, or send Authorization: Bearer", http.StatusUnauthorized)
		default:
			next.ServeHTTP(w, r)
		}
	})
}

// direct tells whether host is an address or localhost. A name could be a
// stranger's, who had it point here to read with the browser's help.
func direct(host string) bool {
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	if strings.EqualFold(host, "localhost") {
		return true
	}
	_, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return err == nil
}

// knows tells whether the request has the token, as browsers or as programs
// send it.
func (g guard) knows(r *http.Request) bool {
	if c, err := r.Cookie(cookie); err == nil && g.same(c.Value) {
		return true
	}
	bearer, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	return ok && g.same(bearer)
}

func (g guard) same(token string) bool {
	return subtle.ConstantTimeCompare([]byte(token), []byte(g.token)) == 1
}
