package testgrid

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/slload/slload/circuit"
	"github.com/slload/slload/llsd"
	"github.com/slload/slload/message"
)

var (
	failNoRegion  = &failure{"no_region", "There is no region with that public seed."}
	failNotReady  = &failure{"not_ready", "The avatar isn't in its region yet, or leaves it just now."}
	failElsewhere = &failure{"foreign", "This region takes avatars from its own grid's agent domain only."}
)

// publicSeed is a region's public seed, where OpenSim's regions have theirs: at
// their names in lower case.
func (g *Grid) publicSeed(r *region) string {
	return g.base + "/" + url.PathEscape(strings.ToLower(r.name))
}

// servePublicSeed tells anybody what a region offers to agent domains.
func (g *Grid) servePublicSeed(at *region, w http.ResponseWriter) {
	request := g.base + "/region/" + url.PathEscape(strings.ToLower(at.name)) + "/rez_avatar/request"
	writeLLSD(w, llsd.ContentTypeXML, map[string]any{
		"connect": true, "capabilities": map[string]any{"rez_avatar/request": request},
	})
}

// serveRequest refuses other agent domains: the grid's own needs no HTTP for
// its regions.
func (g *Grid) serveRequest(w http.ResponseWriter, r *http.Request) {
	if g.regionNamed(r.PathValue("region")) == nil {
		http.NotFound(w, r)
		return
	}
	writeLLSD(w, llsd.ContentTypeXML, failElsewhere.notPlaced())
}

// notPlaced is a failure as rez_avatar/place answers it.
func (f *failure) notPlaced() map[string]any {
	return map[string]any{"connect": false, "reason": f.reason, "message": f.message}
}

// placeRequest is where an avatar is wanted. Options are names of what else
// the answer should hold, as other logins have them: the protocol leaves to
// the agent domain how it tells of inventories and friends.
type placeRequest struct {
	Seed     string      `llsd:"public_region_seed_capability"`
	Position *[3]float32 `llsd:"position"`
	Options  []string    `llsd:"options"`
}

// servePlace puts the avatar into a region, takes it to another if it is in
// one, and takes it out where none is named.
func (g *Grid) servePlace(v *domainVisit, w http.ResponseWriter, r *http.Request) {
	var asked placeRequest
	if !readLLSD(w, r, loginBodyLimit, &asked) {
		return
	}
	if asked.Seed == "" {
		g.takeOut(v)
		writeLLSD(w, llsd.ContentTypeXML, map[string]any{"connect": false})
		return
	}
	answer, fail := g.place(r.Context(), v, &asked)
	if fail != nil {
		g.stats.loginsRefused.Add(1)
		answer = fail.notPlaced()
	}
	writeLLSD(w, llsd.ContentTypeXML, asTrees(answer))
}

func (g *Grid) place(ctx context.Context, v *domainVisit, asked *placeRequest) (map[string]any, *failure) {
	at, fail := g.wanted(v, asked)
	switch {
	case fail != nil:
		return nil, fail
	case g.closing.Load():
		return nil, failClosing
	}
	if s := g.directory.standsIn(v); s != nil {
		if s, fail = s.entry.region.moveVisitor(ctx, s, at); fail != nil {
			return nil, fail
		}
		return g.placement(s, at, nil), nil
	}
	s, old, fail := g.directory.enter(v.first, v.last, func(*account) (spot, *failure) { return at, nil }, time.Now())
	for _, s := range old {
		s.entry.region.drop(s)
	}
	if fail != nil {
		return nil, fail
	}
	if !g.directory.visitPlaced(v, s) {
		g.directory.leave(s, nil)
		return nil, failPresence
	}
	g.stats.logins.Add(1)
	v.events.put("AlertMessage", map[string]any{"AlertData": []any{map[string]any{"Message": greeting}}})
	return g.placement(s, at, asked.Options), nil
}

// wanted is the place that a request means: without a position the one in that
// region where the resident was last, or lives, or else its middle.
func (g *Grid) wanted(v *domainVisit, asked *placeRequest) (spot, *failure) {
	name, err := url.PathUnescape(strings.TrimPrefix(asked.Seed, g.base+"/"))
	to := g.regionNamed(name)
	if err != nil || to == nil || to.down.Load() {
		return spot{}, failNoRegion
	}
	if asked.Position != nil {
		p := asked.Position
		pos := message.Vector3{X: p[0], Y: p[1], Z: p[2]}
		if !finiteVector(pos) {
			return spot{}, &failure{"key", "The position is none."}
		}
		return spot{to, settle(pos), defaultLook}, nil
	}
	home, last := g.directory.places(v, g.regions)
	for _, known := range []spot{last, home} {
		if known.region == to {
			return known, nil
		}
	}
	return spot{to, settle(message.Vector3{X: regionSize / 2, Y: regionSize / 2}), defaultLook}, nil
}

// placement tells a client of the region that its avatar was put into.
func (g *Grid) placement(s *session, at spot, options []string) map[string]any {
	r := s.entry.region
	host := r.addr.Addr().String()
	fields := map[string]any{
		"connect": true, "agent_id": s.agentID, "session_id": s.id, "secure_session_id": s.secureID, "circuit_code": int32(s.code),
		"sim_host": host, "sim_ip": host, "sim_port": int32(r.addr.Port()), "sim_access": "PG",
		"region_id": r.id, "region_x": int32(r.x), "region_y": int32(r.y),
		"region_size_x": int32(regionSize), "region_size_y": int32(regionSize),
		"region_seed_capability": g.seedURL(s), "position": reals(at.pos), "look_at": reals(at.look),
	}
	for _, option := range options {
		if make := optional[option]; make != nil {
			fields[option] = make(g, s)
		}
	}
	return fields
}

// takeOut ends a visit: its avatar leaves the world without a word of its
// client.
func (g *Grid) takeOut(v *domainVisit) {
	for _, s := range g.directory.takeOut(v) {
		s.entry.region.kick(s, "The agent domain took you out of the world.")
	}
}

// moveTime bounds how long regions take to send an avatar from one to another.
const moveTime = 5 * time.Second

// moveVisitor takes an avatar of this region to a place, as a teleport does,
// and gives its session there.
func (r *region) moveVisitor(ctx context.Context, s *session, at spot) (*session, *failure) {
	type outcome struct {
		s    *session
		fail *failure
	}
	done := make(chan outcome, 1)
	err := r.loop.Post(ctx, func(now circuit.Instant) {
		c := r.clients[s.agentID]
		switch {
		case c == nil || c.session != s || !c.arrived:
			done <- outcome{nil, failNotReady}
			return
		case at.region == r:
			r.teleportLocal(now, c, at.pos, at.look, viaLocation)
			done <- outcome{s, nil}
			return
		case r.grid.directory.full(at.region):
			done <- outcome{nil, failFull}
			return
		}
		to, _ := r.grid.directory.lookIn(s, at)
		if to == nil || !r.sendAway(c, to, at, false, func() { done <- outcome{to, nil} }) {
			done <- outcome{nil, failNotReady}
		}
	})
	if err != nil {
		return nil, failNotReady
	}
	timer := time.NewTimer(moveTime)
	defer timer.Stop()
	select {
	case o := <-done:
		return o.s, o.fail
	case <-ctx.Done():
	case <-timer.C:
	}
	return nil, failNotReady
}

// sendAway sends an avatar to a place in another region, where it has a
// session. Untold says that its client won't hear where to go.
func (r *region) sendAway(c *client, to *session, at spot, untold bool, told func()) bool {
	if c.motion.seat != 0 {
		c.motion.stand()
	}
	body := c.motion
	body.pos, body.velocity = at.pos, message.Vector3{}
	return r.send(c, to, &newcomer{motion: body, look: at.look, untold: untold}, told)
}
