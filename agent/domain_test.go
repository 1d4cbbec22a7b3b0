package agent

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/slload/slload/internal/reason"
	"github.com/slload/slload/llsd"
	"github.com/slload/slload/login"
	"github.com/slload/slload/message"
	"github.com/slload/slload/ogp"
)

// domainGrid makes the grid an agent domain besides, at the same host. Its
// answers are by path; a func is called for one.
type domainGrid struct {
	g       *grid
	answers map[string]any
	events  chan string // that the domain's queue brings
}

const domainBase = "http://grid.test"

func byDomain(o *Options) { o.Protocol, o.LoginURI, o.Start = OGP, domainBase, "uri:Testing&10&20&30" }

// domain has the world's grid offer one.
func (w *world) domain() *domainGrid {
	d := &domainGrid{g: w.grid, events: make(chan string)}
	d.answers = map[string]any{
		ogp.AuthPath: map[string]any{"authenticated": true, "agent_seed_capability": domainBase + "/agent-seed/only-for-the-agent"},
		"/agent-seed/only-for-the-agent": map[string]any{"capabilities": map[string]any{
			ogp.CapPlace: domainBase + "/place/only-for-the-agent", ogp.CapEventQueue: domainBase + "/domain-queue/only-for-the-agent",
		}},
		"/place/only-for-the-agent": placement(nil),
	}
	w.grid.domain = d.answer
	return d
}

// placement is a place in the world's region.
func placement(changes map[string]any) map[string]any {
	id := agentIDOf("Ann")
	fields := map[string]any{
		"connect": true, "agent_id": id, "session_id": sessionOf(id), "secure_session_id": uuid.New(), "circuit_code": int32(7),
		"sim_ip": simulatorAddr.Addr().String(), "sim_port": int32(simulatorAddr.Port()),
		"region_x": int32(256000), "region_y": int32(256256), "region_seed_capability": seedURL,
		"position": []any{10.0, 20.0, 30.0},
	}
	for key, value := range changes {
		fields[key] = value
	}
	return fields
}

func (d *domainGrid) answer(r *http.Request, body []byte) (int, string, error) {
	path, _, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/only")
	if path == "domain-queue" {
		return d.poll(r, body)
	}
	d.g.note("%s", path)
	switch answer := d.answers[r.URL.Path].(type) {
	case nil:
		return http.StatusNotFound, "", nil
	case string:
		return http.StatusOK, answer, nil
	default:
		text, err := llsd.MarshalXML(answer)
		return http.StatusOK, string(text), err
	}
}

func (d *domainGrid) poll(r *http.Request, body []byte) (int, string, error) {
	var ask struct {
		Ack  any  `llsd:"ack"`
		Done bool `llsd:"done"`
	}
	if err := llsd.Decode(body, &ask); err != nil {
		return 0, "", err
	}
	d.g.note("domain poll ack %v done %t", ask.Ack, ask.Done)
	if ask.Done {
		return http.StatusOK, "<llsd><undef/></llsd>", nil
	}
	select {
	case events := <-d.events:
		return http.StatusOK, events, nil
	case <-r.Context().Done():
		return 0, "", r.Context().Err()
	}
}

// An agent of an agent domain enters its region as any other, and polls the
// domain's event queue besides.
func TestLoginByAgentDomain(t *testing.T) {
	inWorld(t, func(w *world) {
		d := w.domain()
		a := w.enter("Ann", byDomain)
		w.hears("UseCircuitCode", "CompleteAgentMovement", "AgentThrottle", "AgentHeightWidth", "RegionHandshakeReply")
		w.measures(loginOps, "login.auth", "caps.seed", "login.handshake", "login")
		if got := w.grid.got(); len(got) != 6 || strings.Join(got[:3], ", ") != "cgi-bin/auth.cgi, agent-seed, place" {
			t.Errorf("the grid was asked %q", got)
		}
		if a.ID != agentIDOf("Ann") {
			t.Errorf("agent %v", a.ID)
		}
		if _, err := a.Domain(); err != nil {
			t.Error(err)
		}
		heard := make(chan QueueEvent, 1)
		defer Subscribe(a, func(e QueueEvent) { heard <- e })()
		d.events <- "<llsd><map><key>id</key><integer>5</integer><key>events</key><array><map><key>message</key>" +
			"<string>AlertMessage</string><key>body</key><map><key>AlertData</key><array><map><key>Message</key>" +
			"<string>hello</string></map></array></map></map></array></map></llsd>"
		e := <-heard
		if m, ok := e.Message.(*message.AlertMessage); !ok || message.String(m.AlertData.Message) != "hello" {
			t.Errorf("the domain's queue brought %v", e)
		}
		w.elapse(soon)
		if err := a.Logout(w.Context()); err != nil {
			t.Error(err)
		}
		w.elapse(soon)
		text := strings.Join(w.grid.got(), ", ")
		for _, want := range []string{"domain poll ack <nil> done false", "domain poll ack 5 done false", "domain poll ack 5 done true"} {
			if !strings.Contains(text, want) {
				t.Errorf("the grid was asked %s; %s is missing", text, want)
			}
		}
		checkNoSecrets(t, "the log", w.logged.String())
	})
}

func TestLoginByAgentDomainFails(t *testing.T) {
	answer := func(path string, value any) func(*domainGrid) {
		return func(d *domainGrid) { d.answers[path] = value }
	}
	for _, tt := range []struct {
		name   string
		script func(*domainGrid)
		reason string
		is     error
	}{
		{"wrong password", answer(ogp.AuthPath, map[string]any{"authenticated": false, "reason": "key"}), "key", login.ErrWrongPassword},
		{"no such region", answer("/place/only-for-the-agent", map[string]any{"connect": false, "reason": "no_region"}), "no_region", ogp.ErrRegionUnknown},
		{"no place capability", answer("/agent-seed/only-for-the-agent", map[string]any{"capabilities": map[string]any{}}), "no_capability", nil},
		{"no agent seed", answer("/agent-seed/only-for-the-agent", nil), "http_404", nil},
		{"malformed LLSD", answer("/place/only-for-the-agent", "<llsd><map>"), "bad_body", nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				tt.script(w.domain())
				opt := w.options("Ann")
				byDomain(&opt)
				a, err := Login(w.Context(), opt)
				checkLoginError(t, a, err, "auth", tt.reason, tt.is)
				w.measures(loginOps, "login.auth "+tt.reason, "login "+tt.reason)
			})
		})
	}
}

// A domain that has no queue, and one who wants none, take nothing away.
func TestAgentDomainWithoutQueue(t *testing.T) {
	for name, change := range map[string]func(*world, *domainGrid, *Options){
		"none": func(_ *world, d *domainGrid, _ *Options) {
			d.answers["/agent-seed/only-for-the-agent"] = map[string]any{ogp.CapPlace: domainBase + "/place/only-for-the-agent"}
		},
		"not wanted": func(_ *world, _ *domainGrid, o *Options) { o.NoEventQueue = true },
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				d := w.domain()
				a := w.enter("Ann", byDomain, func(o *Options) { change(w, d, o) })
				if err := a.Logout(w.Context()); err != nil {
					t.Error(err)
				}
				if text := strings.Join(w.grid.got(), ", "); strings.Contains(text, "domain poll") {
					t.Errorf("the grid was asked %s", text)
				}
			})
		})
	}
}

// An agent that is lost leaves no poll behind: the bubble would not end.
func TestLostAgentLeavesItsDomainsQueue(t *testing.T) {
	inWorld(t, func(w *world) {
		w.domain()
		a := w.enter("Ann", byDomain)
		w.says(a, kick)
		<-a.Done()
		w.elapse(soon)
		if text := strings.Join(w.grid.got(), ", "); !strings.Contains(text, "domain poll ack <nil> done true") {
			t.Errorf("the grid was asked %s", text)
		}
	})
}

// PlaceAvatar is a teleport whose way the domain tells.
func TestPlaceAvatar(t *testing.T) {
	inWorld(t, func(w *world) {
		east, d := w.addEast(), w.domain()
		a := w.enter("Ann", byDomain)
		w.settle()
		d.answers["/place/only-for-the-agent"] = placement(map[string]any{
			"sim_port": int32(eastAddr.Port()), "region_x": int32(eastHandle >> 32), "region_y": int32(eastHandle & 0xFFFFFFFF),
		})
		if err := a.PlaceAvatar(w.Context(), domainBase+"/east", message.Vector3{X: 1, Y: 2, Z: 3}); err != nil {
			t.Fatal(err)
		}
		w.told(east, "UseCircuitCode", "CompleteAgentMovement", "AgentThrottle", "AgentHeightWidth", "RegionHandshakeReply")
		if in := w.region(a); in != "East" {
			t.Errorf("the agent stands in %s", in)
		}
		w.hears() // no request goes to the region that it leaves
		d.answers["/place/only-for-the-agent"] = map[string]any{"connect": false, "message": "full"}
		var refused *ogp.PlaceError
		if err := a.PlaceAvatar(w.Context(), domainBase+"/full", message.Vector3{}); !errors.As(err, &refused) || refused.Message != "full" {
			t.Errorf("got %v", err)
		}
		w.measures([]string{OpTeleport}, "teleport", "teleport not_placed")
	})
}

func TestWithoutADomainNobodyIsPlaced(t *testing.T) {
	inWorld(t, func(w *world) {
		a := w.enter("Ann")
		err := a.PlaceAvatar(w.Context(), domainBase, message.Vector3{})
		if reason.Of(err) != "no_agent_domain" || !strings.Contains(err.Error(), "Protocol") {
			t.Errorf("got %v", err)
		}
	})
}

func TestThereIsNoOtherProtocol(t *testing.T) {
	inWorld(t, func(w *world) {
		opt := w.options("Ann")
		opt.Protocol = "telnet"
		_, err := Login(w.Context(), opt)
		if err == nil || !strings.Contains(err.Error(), `no login protocol "telnet": give one of xmlrpc, llsd, ogp`) {
			t.Errorf("got %v", err)
		}
	})
}
