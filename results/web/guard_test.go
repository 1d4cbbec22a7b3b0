package web

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"
)

const secret = "a-token-of-the-test"

func TestWhoMayWatch(t *testing.T) {
	for _, test := range []struct {
		name, token, method, target string
		header                      [2]string
		want                        int
	}{
		{"on this machine", "", "GET", "http://127.0.0.1:80/", [2]string{}, 200},
		{"by its name", "", "GET", "http://localhost:80/", [2]string{}, 200},
		{"IPv6", "", "GET", "http://[::1]:80/", [2]string{}, 200},
		{"a stranger's name that points here", "", "GET", "http://grid.example:80/", [2]string{}, 403},
		{"not to read", "", "POST", "http://127.0.0.1/", [2]string{}, 405},
		{"no token", secret, "GET", "http://10.0.0.5/", [2]string{}, 401},
		{"a wrong token", secret, "GET", "http://10.0.0.5/?token=wrong", [2]string{}, 401},
		{"a part of it", secret, "GET", "http://10.0.0.5/?token=a-token", [2]string{}, 401},
		{"the token", secret, "GET", "http://10.0.0.5/?token=" + secret, [2]string{}, 303},
		{"a browser that has it", secret, "GET", "http://grid.example/", [2]string{"Cookie", cookie + "=" + secret}, 200},
		{"a program that has it", secret, "GET", "http://10.0.0.5/metrics", [2]string{"Authorization", "Bearer " + secret}, 200},
		{"a program that hasn't", secret, "GET", "http://10.0.0.5/metrics", [2]string{"Authorization", "Bearer no"}, 401},
		{"nor another way", secret, "GET", "http://10.0.0.5/metrics", [2]string{"Authorization", "Basic " + secret}, 401},
	} {
		h := guard{token: test.token}.wrap(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
		r, w := httptest.NewRequest(test.method, test.target, nil), httptest.NewRecorder()
		if test.header[0] != "" {
			r.Header.Set(test.header[0], test.header[1])
		}
		h.ServeHTTP(w, r)
		if w.Code != test.want {
			t.Errorf("%s: %d, want %d", test.name, w.Code, test.want)
		}
		if strings.Contains(w.Body.String(), secret) || strings.Contains(w.Header().Get("Location"), secret) {
			t.Errorf("%s: the answer tells the token", test.name)
		}
	}
}

// TestTheTokenLeadsNowhereElse holds against an address that a stranger made.
func TestTheTokenLeadsNowhereElse(t *testing.T) {
	var w *httptest.ResponseRecorder
	for _, path := range []string{"//evil.example/", `/\evil.example/`, `/%5Cevil.example/`, "/%2F%2Fevil.example/"} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		var err error
		r.URL, err = url.Parse("http://10.0.0.5" + path + "?token=" + secret)
		ok(t, err)
		w = httptest.NewRecorder()
		guard{token: secret}.wrap(http.NotFoundHandler()).ServeHTTP(w, r)
		if to := w.Header().Get("Location"); w.Code != 303 || to != "/evil.example/" {
			t.Errorf("%s: %d to %q", path, w.Code, to)
		}
	}
	if c := w.Result().Cookies(); len(c) != 1 || !c[0].HttpOnly || c[0].SameSite != http.SameSiteStrictMode {
		t.Errorf("the cookie is %+v", c)
	}
}

func TestBeyondLoopbackATokenIsNeeded(t *testing.T) {
	for _, test := range []struct {
		at, token string
		want      string // "drawn": some long one
	}{
		{"127.0.0.1", "", ""},
		{"127.9.9.9", "", ""},
		{"::1", "", ""},
		{"127.0.0.1", secret, secret},
		{"0.0.0.0", "", "drawn"},
		{"::", "", "drawn"},
		{"192.168.1.7", "", "drawn"},
		{"192.168.1.7", secret, secret},
	} {
		g, err := newGuard(netip.MustParseAddr(test.at), test.token)
		ok(t, err)
		if drawn := test.want == "drawn"; g.drew != drawn || drawn && len(g.token) < minToken || !drawn && g.token != test.want {
			t.Errorf("at %s with %q: %+v", test.at, test.token, g)
		}
	}
	a, _ := newGuard(netip.IPv4Unspecified(), "")
	b, _ := newGuard(netip.IPv4Unspecified(), "")
	if a.token == b.token {
		t.Error("two tokens are the same")
	}
	if _, err := newGuard(netip.IPv4Unspecified(), "short"); err == nil {
		t.Error("a short token is taken")
	}
}
