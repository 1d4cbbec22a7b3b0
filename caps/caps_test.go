package caps

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/slload/slload/internal/reason"
	"github.com/slload/slload/llsd"
)

const secret = "/CAPS/0123-secret/"

func serve(t *testing.T, h http.HandlerFunc) (*http.Client, string) {
	t.Helper()
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	return srv.Client(), srv.URL + secret
}

func TestSeedAsksForNamesAndGetsURLs(t *testing.T) {
	client, url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		// "OpenSim wants Content-Type: application/llsd+xml to the letter"
		if r.Method != http.MethodPost || r.Header.Get("Content-Type") != "application/llsd+xml" {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		var names []string
		if err := llsd.Decode(body, &names); err != nil {
			t.Error(err)
		}
		if diff := cmp.Diff([]string{"EventQueueGet", "GetTexture"}, names); diff != "" {
			t.Errorf("names asked for (-want +got):\n%s", diff)
		}
		w.Header().Set("Content-Type", "text/html") // OpenSim's label
		io.WriteString(w, `<llsd><map><key>EventQueueGet</key><string>http://127.0.0.1/eq</string></map></llsd>`)
	})
	got, err := Seed(t.Context(), client, url, []string{"EventQueueGet", "GetTexture"})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]string{"EventQueueGet": "http://127.0.0.1/eq"}, got); diff != "" {
		t.Errorf("capabilities (-want +got):\n%s", diff)
	}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func status(r *http.Request, code int, body string) *http.Response {
	return &http.Response{StatusCode: code, Body: io.NopCloser(strings.NewReader(body)), Request: r}
}

func TestSeedRetriesWhatPasses(t *testing.T) {
	for _, tt := range []struct {
		name  string
		codes []int // 0: the connection is cut
		tries int
		fails string
	}{
		{"at once", []int{200}, 1, ""},
		{"404 under concurrent logins", []int{404, 404, 200}, 3, ""},
		{"capabilities not ready", []int{503, 200}, 2, ""},
		{"cut", []int{0, 200}, 2, ""},
		{"refused for good", []int{403, 200}, 1, "http_403"},
		{"never there", []int{404, 404, 404, 404, 404, 404, 200}, 6, "http_404"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				tries := 0
				client := &http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
					code := tt.codes[tries]
					tries++
					if code == 0 {
						return nil, io.ErrUnexpectedEOF
					}
					return status(r, code, "<llsd><map/></llsd>"), nil
				})}
				_, err := Seed(t.Context(), client, "http://127.0.0.1"+secret, Names)
				if tries != tt.tries || reason.Of(err) != tt.fails {
					t.Errorf("%d tries, error %v; want %d, %q", tries, err, tt.tries, tt.fails)
				}
			})
		})
	}
}

func TestSeedStopsWaitingWhenCancelled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := &http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
			return status(r, 503, ""), nil
		})}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		start := time.Now()
		_, err := Seed(ctx, client, "http://127.0.0.1"+secret, Names)
		var s *StatusError
		if !errors.Is(err, context.DeadlineExceeded) || !errors.As(err, &s) {
			t.Errorf("error %v; want the deadline and the last answer", err)
		}
		if took := time.Since(start); took != time.Second {
			t.Errorf("took %v, want 1s", took)
		}
	})
}

func TestCallFailures(t *testing.T) {
	for _, tt := range []struct {
		name, reason string
		handle       http.HandlerFunc
	}{
		{"status", "http_500", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) }},
		{"garbage", "bad_body", func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "<html>no</html>") }},
		{"too long", "bad_body", func(w http.ResponseWriter, _ *http.Request) {
			chunk := make([]byte, 1<<20)
			for range MaxBody>>20 + 1 {
				w.Write(chunk)
			}
		}},
		{"cut short", "reset", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100")
			io.WriteString(w, "<llsd>")
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			client, url := serve(t, tt.handle)
			var out any
			err := Call(t.Context(), client, http.MethodPost, "GetTexture", url, map[string]any{}, &out)
			if reason.Of(err) != tt.reason {
				t.Fatalf("error %v has reason %q, want %q", err, reason.Of(err), tt.reason)
			}
			if strings.Contains(err.Error(), "secret") || !strings.Contains(err.Error(), "GetTexture") {
				t.Errorf("the error tells the URL or doesn't name the capability: %v", err)
			}
		})
	}
}

func TestUnreachableKeepsTheURLSecret(t *testing.T) {
	srv := httptest.NewServer(nil)
	url := srv.URL + secret
	srv.Close()
	err := Call(t.Context(), &http.Client{}, http.MethodGet, "GetTexture", url, nil, nil)
	if reason.Of(err) != reason.Refused || strings.Contains(err.Error(), "secret") {
		t.Errorf("error %v, reason %q", err, reason.Of(err))
	}
}

func TestBadURLIsNotTold(t *testing.T) {
	err := Call(t.Context(), &http.Client{}, http.MethodGet, "GetTexture", "http://127.0.0.1:secret/", nil, nil)
	if reason.Of(err) != "bad_url" || strings.Contains(err.Error(), "secret") {
		t.Errorf("error %v, reason %q; want bad_url without the address", err, reason.Of(err))
	}
}

func TestOperationNamesAreFew(t *testing.T) {
	if !slices.IsSorted(Names) {
		t.Error("Names is not sorted: Operation searches it")
	}
	for name, want := range map[string]string{"GetTexture": "caps.GetTexture", "Made-Up/1": "caps.other", "": "caps.other"} {
		if got := Operation(name); got != want {
			t.Errorf("Operation(%q) = %q, want %q", name, got, want)
		}
	}
}
