package testgrid

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/slload/slload/llsd"
	"github.com/slload/slload/message"
)

// domain is a resident's way to the agent domain: URLs by capability.
type domain struct {
	w    *world
	seed string
	caps map[string]string
}

// ask posts LLSD and gives the answer's fields; nil where there is no answer.
func (w *world) ask(url string, in any) (fields map[string]any, status int) {
	w.t.Helper()
	body, err := llsd.MarshalXML(in)
	if err != nil {
		w.t.Fatal(err)
	}
	answer := w.post(url, llsd.ContentTypeXML, string(body))
	if answer.Code == http.StatusOK {
		if err := llsd.UnmarshalXML(answer.Body.Bytes(), &fields); err != nil {
			w.t.Fatal(err)
		}
	}
	return fields, answer.Code
}

// get is ask without a body.
func (w *world) get(url string) (fields map[string]any, status int) {
	w.t.Helper()
	answer := w.request(context.Background(), http.MethodGet, url, "", "")
	if answer.Code == http.StatusOK {
		if err := llsd.UnmarshalXML(answer.Body.Bytes(), &fields); err != nil {
			w.t.Fatal(err)
		}
	}
	return fields, answer.Code
}

// domainLogin authenticates a resident who must get in.
func (w *world) domainLogin(first string) *domain {
	w.t.Helper()
	got, _ := w.ask(w.grid.AuthURI(), map[string]any{"firstname": first, "lastname": "Tester", "md5-password": hash(password)})
	check(w.t, got["authenticated"] == true, "%s: got %v", first, got)
	d := &domain{w: w, seed: got["agent_seed_capability"].(string)}
	names := []string{"rez_avatar/place", "event_queue", "agent/info", "agent/none"}
	inner, _ := w.ask(d.seed, map[string]any{"capabilities": names})
	check(w.t, inner["first_name"] == first, "the seed says %v", inner)
	if err := llsd.Convert(inner["capabilities"], &d.caps); err != nil || len(d.caps) != 3 {
		w.t.Fatalf("capabilities %v, %v", d.caps, err)
	}
	return d
}

// place puts the avatar into the nth region, and gives the answer.
func (d *domain) place(region int, more ...any) map[string]any {
	d.w.t.Helper()
	asked := map[string]any{
		"public_region_seed_capability": d.w.grid.publicSeed(d.w.grid.regions[region]), "position": []any{100.0, 50.0, 30.0},
	}
	for i := 0; i < len(more); i += 2 {
		asked[more[i].(string)] = more[i+1]
	}
	got, _ := d.w.ask(d.caps["rez_avatar/place"], asked)
	return got
}

// in is what a client knows of its circuit.
func (d *domain) in(placed map[string]any) (in loggedIn) {
	d.w.t.Helper()
	placed["seed_capability"] = placed["region_seed_capability"]
	if err := llsd.Convert(placed, &in); err != nil {
		d.w.t.Fatal(err)
	}
	return in
}

func TestAgentDomain(t *testing.T) {
	inWorld(t, Config{Regions: 4}, func(w *world) {
		d := w.domainLogin("Ann")
		info, _ := w.get(d.caps["agent/info"])
		check(t, info["presence"].(map[string]any)["status"] == "offline" && info["session_id"] == nil, "before: %v", info)
		placed := d.place(3, "options", []any{"inventory-root", "inventory-skeleton", "no-such-thing"})
		region := w.grid.regions[3]
		for key, want := range map[string]any{
			"connect": true, "agent_id": agentID("Ann", "Tester"), "sim_host": "127.0.0.1", "sim_port": int32(region.addr.Port()),
			"region_x": int32(region.x), "region_y": int32(region.y), "region_id": region.id, "sim_access": "PG",
		} {
			check(t, placed[key] == want, "%s is %v, want %v", key, placed[key], want)
		}
		check(t, cmp.Equal(placed["position"], []any{100.0, 50.0, 30.0}), "position %v", placed["position"])
		check(t, placed["inventory-root"] != nil && placed["no-such-thing"] == nil, "options: %v", placed)
		folders, _ := placed["inventory-skeleton"].([]any)
		check(t, len(folders) == len(w.grid.skeleton(agentID("Ann", "Tester"))), "%d folders", len(folders))
		top, _ := folders[0].(map[string]any)
		check(t, top["name"] == "My Inventory" && top["folder_id"] != nil, "the skeleton begins with %v", top)

		// The circuit is as after any other login.
		v := w.viewer(d.in(placed))
		v.arrive()
		check(t, w.clients(3) == 1, "%d clients", w.clients(3))
		urls := w.seed(v.loggedIn, "EventQueueGet")
		check(t, urls["EventQueueGet"] != "", "the region's seed gives %v", urls)

		// The domain's queue runs beside the region's.
		events, _ := w.ask(d.caps["event_queue"], map[string]any{"ack": nil, "done": false})
		first := events["events"].([]any)[0].(map[string]any)
		check(t, first["message"] == "AlertMessage", "the domain's queue brings %v", first)
		m := &message.AlertMessage{}
		check(t, message.FromMap(m, first["body"].(map[string]any)) == nil && message.String(m.AlertData.Message) == greeting, "it says %v", first)

		info, _ = w.get(d.caps["agent/info"])
		presence := info["presence"].(map[string]any)
		check(t, presence["status"] == "online" && presence["region_url"] == w.grid.publicSeed(region), "presence %v", presence)
		check(t, info["circuit_code"] == placed["circuit_code"] && info["session_id"] == placed["session_id"], "info %v", info)

		v.sendReliable(v.logsOut())
		expect[*message.LogoutReply](v)
		_, status := w.ask(d.caps["event_queue"], map[string]any{"ack": nil, "done": true})
		check(t, status == http.StatusNotFound, "after the logout the domain's queue answers %d", status)
		_, status = w.ask(d.seed, []any{"event_queue"})
		check(t, status == http.StatusNotFound, "after the logout the agent seed answers %d", status)
	})
}

// An avatar that is in a region leaves that for the one that it is placed in.
func TestPlaceMovesAnAvatar(t *testing.T) {
	inWorld(t, Config{Regions: 2}, func(w *world) {
		d := w.domainLogin("Ann")
		first := d.in(d.place(0))
		got := d.place(1)
		check(t, got["connect"] == false && got["reason"] == "not_ready", "before it is in: %v", got)
		v := w.viewer(first)
		v.arrive()
		w.seed(first)
		v.sendReliable(v.handshakeReply())
		w.pass(time.Second)
		v.forget()

		check(t, d.place(0)["connect"] == true, "within the region")
		local := expect[*message.TeleportLocal](v)
		check(t, local.Info.Position == message.Vector3{X: 100, Y: 50, Z: 30}, "stands at %v", local.Info.Position)

		moved := d.place(1)
		check(t, moved["connect"] == true && moved["sim_port"] == int32(w.grid.regions[1].addr.Port()), "got %v", moved)
		check(t, moved["session_id"] == first.Session && uint32(moved["circuit_code"].(int32)) == first.Code, "it is another session: %v", moved)
		there := w.viewer(d.in(moved))
		there.sendReliable(there.useCircuitCode())
		there.sendReliable(there.completeMovement())
		in := expect[*message.AgentMovementComplete](there)
		check(t, in.Data.RegionHandle == w.grid.regions[1].handle(), "it is in %d", in.Data.RegionHandle)
		info, _ := w.get(d.caps["agent/info"])
		check(t, info["presence"].(map[string]any)["region_url"] == w.grid.publicSeed(w.grid.regions[1]), "info %v", info)

		got, _ = w.ask(d.caps["rez_avatar/place"], map[string]any{"public_region_seed_capability": ""})
		check(t, got["connect"] == false, "got %v", got)
		kick := expect[*message.KickUser](there)
		check(t, strings.Contains(message.String(kick.UserInfo.Reason), "agent domain"), "kicked: %s", kick.UserInfo.Reason)
		check(t, w.grid.directory.agents() == 0, "somebody is still in")
	})
}

func TestAuthRefuses(t *testing.T) {
	inWorld(t, Config{}, func(w *world) {
		for _, tt := range []struct {
			name   string
			fields map[string]any
			reason string // "": let in
		}{
			{"plain", map[string]any{"firstname": "A", "lastname": "T", "password": password}, ""},
			{"hashed as elsewhere", map[string]any{"firstname": "B", "lastname": "T", "md5-password": "$1$" + hash(password)}, ""},
			{"as the drafts have it", map[string]any{
				"identifier":    map[string]any{"type": "agent", "first_name": "C", "last_name": "T"},
				"authenticator": map[string]any{"type": "hash", "algorithm": "md5", "secret": hash(password)},
			}, ""},
			{"wrong password", map[string]any{"firstname": "A", "lastname": "T", "md5-password": hash("guess")}, "key"},
			{"no name", map[string]any{"md5-password": hash(password)}, "key"},
			{"no password", map[string]any{"firstname": "A", "lastname": "T"}, "key"},
			{"long name", map[string]any{"firstname": strings.Repeat("A", 64), "lastname": "T", "password": password}, "key"},
		} {
			got, status := w.ask(w.grid.AuthURI(), tt.fields)
			in := got["authenticated"] == true && got["agent_seed_capability"] != nil
			refused := got["authenticated"] == false && got["reason"] == tt.reason && got["message"] != ""
			check(t, status == http.StatusOK && in == (tt.reason == "") && refused == (tt.reason != ""), "%s: %d %v", tt.name, status, got)
		}
		for _, body := range []string{"", "<llsd><map>", "<llsd><map><key>firstname</key><array/></map></llsd>"} {
			answer := w.post(authPath, llsd.ContentTypeXML, body)
			check(t, answer.Code == http.StatusBadRequest, "%q: got %d", body, answer.Code)
		}
	})
}

// Somebody who is in already loses that, and gets in at the next try.
func TestAuthEndsWhatWasBefore(t *testing.T) {
	inWorld(t, Config{}, func(w *world) {
		v := w.enter("Ann", at(10, 10, 0))
		fields := map[string]any{"firstname": "Ann", "lastname": "Tester", "password": password}
		got, _ := w.ask(w.grid.AuthURI(), fields)
		check(t, got["authenticated"] == false && got["reason"] == "presence", "got %v", got)
		expect[*message.KickUser](v)
		d := w.domainLogin("Ann")
		again := w.domainLogin("Ann")
		_, status := w.ask(d.caps["rez_avatar/place"], map[string]any{})
		check(t, status == http.StatusNotFound, "the older way in answers %d", status)
		check(t, again.place(0)["connect"] == true, "the newer way in doesn't work")
	})
}

// Requests of one resident that meet leave nothing behind that nobody ends.
func TestVisitsThatMeet(t *testing.T) {
	begin := func(d *directory) *domainVisit {
		v, _, _ := d.begin("Ann", "Tester", time.Now())
		return v
	}
	t.Run("an older one is taken out", func(t *testing.T) {
		d := newDirectory(0)
		older, newer := begin(d), begin(d)
		d.takeOut(older)
		check(t, d.visitOf(newer.seed.String()) == newer && d.visits[newer.agentID] == newer, "the newer one ended with it")
		d.endVisits(time.Now().Add(time.Second))
		check(t, len(d.visits)+len(d.visitCaps) == 0, "%d visits, %d paths are kept", len(d.visits), len(d.visitCaps))
	})
	t.Run("its login is ended while it is placed", func(t *testing.T) {
		d := newDirectory(0)
		v := begin(d)
		s, _, _ := d.enter("Ann", "Tester", func(*account) (spot, *failure) { return spot{}, nil }, time.Now())
		_, _, fail := d.begin("Ann", "Tester", time.Now())
		check(t, fail == failPresence, "the second begins with %v", fail)
		check(t, !d.visitPlaced(v, s), "it is placed with a login that has ended")
		d.endVisits(time.Now().Add(time.Second))
		check(t, len(d.visits)+len(d.visitCaps) == 0, "%d visits, %d paths are kept", len(d.visits), len(d.visitCaps))
	})
}

func TestPlaceRefuses(t *testing.T) {
	inWorld(t, Config{Capacity: 1, Regions: 2}, func(w *world) {
		d := w.domainLogin("Ann")
		for seed, reason := range map[string]string{
			w.grid.base + "/atlantis": "no_region", "http://elsewhere.test/region%201": "no_region", w.grid.base + "/%zz": "no_region",
		} {
			got := d.place(0, "public_region_seed_capability", seed)
			check(t, got["connect"] == false && got["reason"] == reason && got["message"] != "", "%s: got %v", seed, got)
		}
		check(t, d.place(0)["connect"] == true, "Ann isn't let in")
		bob := w.domainLogin("Bob")
		got := bob.place(0)
		check(t, got["connect"] == false && got["message"] == failFull.message, "full: got %v", got)
		check(t, bob.place(1, "position", nil)["connect"] == true, "Bob isn't let in elsewhere")
		for _, body := range []string{"", "<llsd><map>", "<llsd><map><key>position</key><string>here</string></map></llsd>"} {
			answer := w.post(d.caps["rez_avatar/place"], llsd.ContentTypeXML, body)
			check(t, answer.Code == http.StatusBadRequest, "%q: got %d", body, answer.Code)
		}
		for _, url := range []string{"/agent_seed_cap/nobody", "/agent_seed_cap/" + d.caps["event_queue"][strings.LastIndexByte(d.caps["event_queue"], '/')+1:], "/cap/event_queue/nobody"} {
			_, status := w.ask(url, []any{})
			check(t, status == http.StatusNotFound, "%s: got %d", url, status)
		}
		answer := w.post(d.seed, llsd.ContentTypeXML, "<llsd><map><key>capabilities</key><integer>1</integer></map></llsd>")
		check(t, answer.Code == http.StatusBadRequest, "a number of names: got %d", answer.Code)
	})
}

func TestPublicRegionSeed(t *testing.T) {
	inWorld(t, Config{Regions: 2}, func(w *world) {
		got, _ := w.get(w.grid.base + "/region%202")
		request, _ := got["capabilities"].(map[string]any)["rez_avatar/request"].(string)
		check(t, got["connect"] == true && strings.HasPrefix(request, w.grid.base), "got %v", got)
		refusal, _ := w.ask(request, map[string]any{"agent_id": agentID("Ann", "Tester")})
		check(t, refusal["connect"] == false && refusal["message"] == failElsewhere.message, "a foreign domain gets %v", refusal)
		_, status := w.get(w.grid.base + "/region%203")
		check(t, status == http.StatusNotFound, "a region that there isn't: %d", status)
		_, status = w.ask(w.grid.base+"/region/atlantis/rez_avatar/request", map[string]any{})
		check(t, status == http.StatusNotFound, "and its request: %d", status)
	})
}

// Whoever authenticates and never comes is forgotten, before and after being
// placed.
func TestAbandonedVisits(t *testing.T) {
	inWorld(t, Config{SilentAfter: 10 * time.Second}, func(w *world) {
		w.domainLogin("Ann")
		check(t, w.domainLogin("Bob").place(0)["connect"] == true, "Bob isn't let in")
		polled := make(chan int)
		cleo := w.domainLogin("Cleo")
		go func() {
			_, status := w.ask(cleo.caps["event_queue"], map[string]any{"done": false})
			polled <- status
		}()
		w.pass(20 * time.Second)
		d := w.grid.directory
		d.mu.Lock()
		left := len(d.visits) + len(d.visitCaps) + len(d.online)
		d.mu.Unlock()
		check(t, left == 0, "%d things are left over", left)
		check(t, <-polled == http.StatusNotFound, "a poll outlives its visit")
	})
}
