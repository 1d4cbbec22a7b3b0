package eq

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/slload/slload/caps"
	"github.com/slload/slload/internal/captured"
	"github.com/slload/slload/internal/reason"
	"github.com/slload/slload/message"
)

func TestFailuresHaveReasons(t *testing.T) {
	for _, tt := range []struct {
		name   string
		url    string
		step   step
		reason string
	}{
		{"nobody listens", "http://127.0.0.1/", step{err: syscall.ECONNREFUSED}, "refused"},
		{"cut off", "http://127.0.0.1/", step{err: io.ErrUnexpectedEOF}, "reset"},
		{"forbidden", "http://127.0.0.1/", step{status: 403}, "http_403"},
		{"no URL", "http://127.0.0.1:x/secret", step{}, "bad_url"},
		{"no LLSD", "http://127.0.0.1/", step{status: 200, body: "<html/>"}, "bad_body"},
		{"too long", "http://127.0.0.1/", step{status: 200, body: strings.Repeat(" ", caps.MaxBody+1)}, "bad_body"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := &Poller{HTTP: &http.Client{Transport: &simulator{steps: []step{tt.step}}}, URL: tt.url}
			_, err := p.poll(t.Context())
			if reason.Of(err) != tt.reason || strings.Contains(fmt.Sprint(err), "secret") {
				t.Errorf("error %v, reason %q; want %q", err, reason.Of(err), tt.reason)
			}
		})
	}
}

// A whole poll over a real socket, with a body as OpenSim writes it: numbers
// wider than 31 bits come as binary.
func TestEventBecomesAMessage(t *testing.T) {
	const enable = `<llsd><map><key>events</key><array><map>
<key>message</key><string>EnableSimulator</string>
<key>body</key><map><key>SimulatorInfo</key><array><map>
<key>Handle</key><binary>AAPpAAAD6AA=</binary><key>IP</key><binary>fwAAAQ==</binary><key>Port</key><integer>9001</integer>
</map></array></map></map></array><key>id</key><integer>1</integer></map></llsd>`
	first := true
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if ct := r.Header.Get("Content-Type"); ct != "application/llsd+xml" {
			t.Errorf("Content-Type %q: OpenSim answers 404 to it", ct)
		}
		if !first {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		first = false
		w.Header().Set("Content-Type", "text/html") // as OpenSim labels it
		io.WriteString(w, enable)
	}))
	defer srv.Close()
	var got []Event
	p := &Poller{HTTP: srv.Client(), URL: srv.URL}
	if err := p.Run(t.Context(), func(e Event) { got = append(got, e) }); !errors.Is(err, ErrGone) {
		t.Fatal(err)
	}
	if len(got) != 1 {
		t.Fatalf("%d events", len(got))
	}
	if got[0].Message != nil {
		t.Errorf("message %T before anybody wants it", got[0].Message)
	}
	if err := got[0].Fill(); err != nil {
		t.Fatal(err)
	}
	m, ok := got[0].Message.(*message.EnableSimulator)
	if !ok {
		t.Fatalf("message is %T", got[0].Message)
	}
	want := message.EnableSimulatorSimulatorInfo{Handle: 256256<<32 | 256000, IP: [4]byte{127, 0, 0, 1}, Port: 9001}
	if diff := cmp.Diff(want, m.SimulatorInfo); diff != "" {
		t.Errorf("EnableSimulator (-want +got):\n%s", diff)
	}
}

// An event that can't be read is no message of zeros, and the others of its
// answer are read.
func TestEventsThatCantBeRead(t *testing.T) {
	const begin, end = "<llsd><map><key>id</key><integer>1</integer><key>events</key><array>", "</array></map></llsd>"
	event := func(body string) string {
		return "<map><key>message</key><string>EnableSimulator</string>" + body + "</map>"
	}
	good := event("<key>body</key><map><key>SimulatorInfo</key><array><map><key>Port</key><integer>9001</integer></map></array></map>")
	for _, tt := range []struct{ name, doc, text string }{
		{"a body of no map", begin + event("<key>body</key><array/>") + good + end, "an array of 0"},
		{"a scalar that is none", begin + event("<key>body</key><map><key>a</key><integer>one</integer></map>") + good + end, "one"},
		{"no LLSD type", begin + event("<key>body</key><map><key>a</key><unheard/></map>") + good + end, "unheard"},
		{"another shape", begin + event("<key>body</key><map><key>SimulatorInfo</key><string>none</string></map>") + good + end, "block SimulatorInfo"},
		{"no body", begin + event("") + good + end, "it has no body"},
		{"a body of nothing", begin + event("<key>body</key><undef/>") + good + end, "it has no body"},
		{"notation, a body of no map", "{'id':i1,'events':[{'message':'EnableSimulator','body':[]}," +
			"{'message':'EnableSimulator','body':{'SimulatorInfo':[{'Port':i9001}]}}]}", "an array of 0"},
	} {
		_, got, err := decode([]byte(tt.doc))
		if err != nil || len(got) != 2 {
			t.Errorf("%s: %d events, %v", tt.name, len(got), err)
			continue
		}
		if err := got[0].Fill(); err == nil || !strings.Contains(err.Error(), tt.text) || !strings.Contains(err.Error(), "EnableSimulator") {
			t.Errorf("%s: the error is %v", tt.name, err)
		}
		if err := got[0].Fill(); err != nil || got[0].Message != nil {
			t.Errorf("%s: it said twice, %v, or is %v", tt.name, err, got[0].Message)
		}
		err = got[1].Fill()
		if m, ok := got[1].Message.(*message.EnableSimulator); !ok || err != nil || m.SimulatorInfo.Port != 9001 {
			t.Errorf("%s: the other event is %v, %v", tt.name, got[1].Message, err)
		}
	}
}

func FuzzAnswer(f *testing.F) {
	f.Add(events(1, "EnableSimulator", "Unknown").body)
	captured.SeedHTTP(f, "events/*.xml", func(doc []byte) { f.Add(string(doc)) })
	f.Add("<llsd><map><key>events</key><string>none</string></map></llsd>")
	f.Fuzz(func(t *testing.T, body string) {
		s := &simulator{steps: []step{{status: 200, body: body}}}
		p := &Poller{HTTP: &http.Client{Transport: s}, URL: "http://127.0.0.1/"}
		got, err := p.poll(t.Context())
		if err != nil && got != nil {
			t.Errorf("both events and an error: %v, %v", got, err)
		}
		for _, e := range got {
			err := e.Fill()
			if _, known := message.ByName(e.Name); known != (e.Message != nil) && err == nil {
				t.Errorf("%s is a %T", e.Name, e.Message)
			}
			if err != nil && e.Message != nil {
				t.Errorf("both a message and an error: %v, %v", e.Message, err)
			}
		}
	})
}
