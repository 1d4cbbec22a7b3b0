package login

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/slload/slload/internal/reason"
	"github.com/slload/slload/llsd"
	"github.com/slload/slload/xmlrpc"
)

// service is a login service on loopback that answers every call by handle.
func service(t *testing.T, handle http.HandlerFunc) *Client {
	t.Helper()
	server := httptest.NewServer(handle)
	t.Cleanup(server.Close)
	return &Client{HTTP: server.Client(), URI: server.URL + "/"}
}

// answers sends fields as an XML-RPC answer.
func answers(t *testing.T, w io.Writer, fields map[string]any) {
	t.Helper()
	body, err := xmlrpc.MarshalResponse(fields)
	if err != nil {
		t.Error(err)
	}
	w.Write(body)
}

// called reads what an XML-RPC call asks for.
func called(t *testing.T, r *http.Request) (method string, params map[string]any) {
	t.Helper()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		t.Error(err)
	}
	method, all, err := xmlrpc.UnmarshalRequest(body)
	if err != nil || len(all) != 1 {
		t.Errorf("%d parameters, %v", len(all), err)
		return "", nil
	}
	return method, all[0].(map[string]any)
}

func TestLogin(t *testing.T) {
	c := service(t, func(w http.ResponseWriter, r *http.Request) {
		method, params := called(t, r)
		if r.Method != http.MethodPost || r.Header.Get("Content-Type") != "text/xml" || method != "login_to_simulator" {
			t.Errorf("got %s of %s, calling %s", r.Method, r.Header.Get("Content-Type"), method)
		}
		if params["first"] != "Ada" || params["last"] != "Example" || params["passwd"] != "$1$"+md5Hex("correct horse battery") {
			t.Errorf("got %v", params)
		}
		w.Write(grantedXML(t))
	})
	resp, err := c.Login(t.Context(), adaRequest())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(grantedResponse(), *resp, withoutRaw); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// OpenSim serves both forms at one address and labels its answers freely.
func TestLoginByLLSD(t *testing.T) {
	c := service(t, func(w http.ResponseWriter, r *http.Request) {
		var params struct {
			First, Passwd string
			AgreeToTOS    bool `llsd:"agree_to_tos"`
			Options       []string
		}
		var raw map[string]any
		if err := llsd.NewXMLDecoder(r.Body, llsd.Limits{}).Decode(&raw); err != nil {
			t.Error(err)
		}
		if err := llsd.Convert(raw, &params); err != nil || r.Header.Get("Content-Type") != "application/llsd+xml" {
			t.Errorf("%v, content type %s", err, r.Header.Get("Content-Type"))
		}
		if raw["first"] != "Ada" || !params.AgreeToTOS {
			t.Errorf("got %v", raw)
		}
		body, err := llsd.MarshalXML(grantedFields(t, nil))
		if err != nil {
			t.Error(err)
		}
		w.Header().Set("Content-Type", "text/html")
		w.Write(body)
	})
	c.Format = LLSD
	resp, err := c.Login(t.Context(), adaRequest())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(grantedResponse(), *resp, withoutRaw); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestLoginFailures(t *testing.T) {
	answer := func(fields map[string]any) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { answers(t, w, fields) }
	}
	text := func(status int, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(status)
			io.WriteString(w, body)
		}
	}
	for _, tt := range []struct {
		name   string
		handle http.HandlerFunc
		reason string
		text   string
	}{
		{"wrong password", answer(map[string]any{"login": "false", "reason": "key", "message": "No."}),
			"key", "the login failed (key): No.; check the name and the password"},
		{"still present", answer(map[string]any{"login": "false", "reason": "presence"}), "presence", "still logged in"},
		{"second factor", answer(map[string]any{"login": "false", "reason": "mfa_challenge"}), "mfa_challenge", "set a token"},
		{"no seed", answer(grantedFields(t, map[string]any{"seed_capability": ""})), "no_seed", "without a seed capability"},
		{"a fault", text(200, string(xmlrpc.MarshalFault(xmlrpc.Fault{Code: -32601, Message: "no such method"}))),
			"fault", "the login failed (fault): -32601: no such method"},
		{"busy", text(503, "later"), "http_503", "the grid answered HTTP 503 Service Unavailable"},
		{"not there", text(404, "<html>"), "http_404", "the grid answered HTTP 404 Not Found"},
		{"no content", text(204, ""), "http_204", "HTTP 204"},
		{"a web page", text(200, "<!DOCTYPE html><html>"), "bad_body", "can't be read as one of a login service"},
		{"nothing", text(200, ""), "bad_body", "found the end of the document"},
		{"a list", text(200, "<methodResponse><params><param><value>hello</value></param></params></methodResponse>"),
			"bad_body", "it is a string, not a map"},
		{"cut off", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "1000")
			io.WriteString(w, "<methodResponse>")
		}, "reset", "read the answer"},
		{"hung up", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, "reset", "EOF"},
		{"endless", func(w http.ResponseWriter, r *http.Request) {
			for r.Context().Err() == nil {
				if _, err := w.Write(make([]byte, 1<<20)); err != nil {
					return
				}
			}
		}, "bad_body", "longer than 16777216 bytes"},
		{"another place", func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "/nowhere", http.StatusMovedPermanently)
		}, "http_301", "HTTP 301 Moved Permanently, see /nowhere; if that is the login service"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := service(t, tt.handle)
			resp, err := c.Login(t.Context(), adaRequest())
			if err == nil || reason.Of(err) != tt.reason || !strings.Contains(err.Error(), tt.text) {
				t.Errorf("got %v, reason %s: %v\nwant reason %s: %s", resp, reason.Of(err), err, tt.reason, tt.text)
			}
			if err != nil && !strings.HasPrefix(err.Error(), "login at "+c.URI+": ") {
				t.Errorf("the error does not say where: %v", err)
			}
			for _, secret := range []string{"correct horse", md5Hex("correct horse battery"), "0a0b0c0d"} {
				if err != nil && strings.Contains(err.Error(), secret) {
					t.Errorf("the error tells %s: %v", secret, err)
				}
			}
		})
	}
}

func TestLoginWhereNobodyListens(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	uri := "http://" + l.Addr().String() + "/"
	l.Close()
	for _, tt := range []struct{ uri, reason, text string }{
		{uri, reason.Refused, "login at " + uri + ": dial tcp"},
		{"", reason.Other, "no http address; give one like"},
		{"127.0.0.1:9000", reason.Other, "no http address; give one like"},
		{"http://", reason.Other, "no http address; give one like"},
		{"ftp://127.0.0.1/", reason.Other, "login at ftp://127.0.0.1/: the login URI is no http address"},
		{"http://user:pass@" + l.Addr().String() + "/?key=word#x", reason.Refused, "login at " + uri + ": "},
	} {
		c := Client{URI: tt.uri}
		_, err := c.Login(t.Context(), adaRequest())
		if err == nil || reason.Of(err) != tt.reason || !strings.Contains(err.Error(), tt.text) {
			t.Errorf("%q: reason %s, %v", tt.uri, reason.Of(err), err)
		}
		if err != nil && (strings.Contains(err.Error(), "pass") || strings.Contains(err.Error(), "word")) {
			t.Errorf("%q: %v", tt.uri, err)
		}
	}
}

func TestLoginIsSentOn(t *testing.T) {
	var hops []string
	c := service(t, func(w http.ResponseWriter, r *http.Request) {
		method, params := called(t, r)
		hops = append(hops, r.URL.Path+" "+method+" "+params["first"].(string))
		switch r.URL.Path {
		case "/":
			answers(t, w, map[string]any{"login": "indeterminate", "next_url": "/second/", "next_method": "second_login", "next_duration": 0})
		case "/second/":
			answers(t, w, map[string]any{"login": "indeterminate", "next_url": "http://" + r.Host + "/third/", "message": "Nearly there."})
		default:
			w.Write(grantedXML(t))
		}
	})
	resp, err := c.Login(t.Context(), adaRequest())
	if err != nil {
		t.Fatal(err)
	}
	if resp.Last != "Example" {
		t.Errorf("got %v", resp)
	}
	want := []string{"/ login_to_simulator Ada", "/second/ second_login Ada", "/third/ login_to_simulator Ada"}
	if diff := cmp.Diff(want, hops); diff != "" {
		t.Errorf("hops (-want +got):\n%s", diff)
	}
}

// roundTrip is an HTTP transport without a network, for tests of time.
type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// fake is a client whose service answers with fields at once.
func fake(t *testing.T, uri string, fields func(hop int, r *http.Request) map[string]any) *Client {
	hop := 0
	return &Client{URI: uri, HTTP: &http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
		var body strings.Builder
		answers(t, &body, fields(hop, r))
		hop++
		return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(strings.NewReader(body.String())), Request: r}, nil
	})}}
}

func TestRedirectsAreBounded(t *testing.T) {
	for _, tt := range []struct {
		name, uri string
		next      map[string]any
		hops      int
		text      string
	}{
		{"round and round", "http://127.0.0.1/", map[string]any{"next_url": "/"}, MaxHops + 1, "sent on 6 times"},
		{"nowhere", "http://127.0.0.1/", map[string]any{}, 1, "without an address"},
		{"no web address", "http://127.0.0.1/", map[string]any{"next_url": "file:///etc/passwd"}, 1, "without an address that is an http URL"},
		{"broken address", "http://127.0.0.1/", map[string]any{"next_url": "http://[::1"}, 1, "without an address"},
		{"no longer encrypted", "https://127.0.0.1/", map[string]any{"next_url": "http://127.0.0.1/"}, 1, "from https to http"},
		{"too long a wait", "http://127.0.0.1/", map[string]any{"next_url": "/", "next_duration": 61}, 1, "told to wait 61 s"},
		{"for ever", "http://127.0.0.1/", map[string]any{"next_url": "/", "next_duration": 1e30}, 1, "told to wait 1e+30 s"},
		{"back in time", "http://127.0.0.1/", map[string]any{"next_url": "/", "next_duration": -1}, 1, "told to wait -1 s"},
		{"no time", "http://127.0.0.1/", map[string]any{"next_url": "/", "next_duration": "NaN"}, 1, "told to wait NaN s"},
	} {
		hops := 0
		c := fake(t, tt.uri, func(int, *http.Request) map[string]any {
			hops++
			tt.next["login"] = "indeterminate"
			return tt.next
		})
		_, err := c.Login(t.Context(), adaRequest())
		if !errors.Is(err, ErrRedirects) || reason.Of(err) != "redirects" || !strings.Contains(err.Error(), tt.text) || hops != tt.hops {
			t.Errorf("%s: %d hops, %v", tt.name, hops, err)
		}
	}
}

func TestRedirectWaitsAsItIsTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := fake(t, "http://127.0.0.1/", func(hop int, _ *http.Request) map[string]any {
			if hop == 0 {
				return map[string]any{"login": "indeterminate", "next_url": "/2", "next_duration": 2.5}
			}
			return grantedFields(t, nil)
		})
		start := time.Now()
		if _, err := c.Login(t.Context(), adaRequest()); err != nil {
			t.Fatal(err)
		}
		if waited := time.Since(start); waited != 2500*time.Millisecond {
			t.Errorf("waited %v", waited)
		}
	})
}

func TestRedirectWaitEndsWithTheContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := fake(t, "http://127.0.0.1/", func(int, *http.Request) map[string]any {
			return map[string]any{"login": "indeterminate", "next_url": "/2", "next_duration": 30}
		})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		start := time.Now()
		_, err := c.Login(ctx, adaRequest())
		if reason.Of(err) != reason.Timeout || time.Since(start) != time.Second {
			t.Errorf("after %v: %v", time.Since(start), err)
		}
	})
}

// slow is a client whose service never answers.
func slow() *Client {
	return &Client{URI: "http://127.0.0.1/", HTTP: &http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
		<-r.Context().Done()
		return nil, context.Cause(r.Context())
	})}}
}

func TestLoginTimesOut(t *testing.T) {
	for _, tt := range []struct{ set, want time.Duration }{{0, 2 * time.Minute}, {3 * time.Second, 3 * time.Second}} {
		synctest.Test(t, func(t *testing.T) {
			c := slow()
			c.Timeout = tt.set
			start := time.Now()
			_, err := c.Login(t.Context(), adaRequest())
			if reason.Of(err) != reason.Timeout || !strings.Contains(err.Error(), fmt.Sprintf("no answer within %v", tt.want)) {
				t.Errorf("got %v", err)
			}
			if time.Since(start) != tt.want {
				t.Errorf("after %v, want %v", time.Since(start), tt.want)
			}
		})
	}
}

func TestLoginIsCanceled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		_, err := slow().Login(ctx, adaRequest())
		if reason.Of(err) != reason.Canceled {
			t.Errorf("got %v", err)
		}
	})
}
