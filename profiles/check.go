package profiles

import (
	"fmt"
	"net/url"
	"regexp"
	"strings"

	"github.com/slload/slload/internal/nearest"
)

// Bounds on what a profile may ask for: far above what one grid can take, and
// low enough that a plan fits into memory.
const (
	maxAgents    = 1_000_000
	maxSessions  = 5_000_000
	maxStages    = 1_000
	maxBehaviors = 64
	maxRegions   = 10_000
	maxName      = 64
	maxWeight    = 1_000_000
	maxDraw      = 4096 // metres
)

const nameRunes = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-"

var (
	nameForm     = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]*$`)
	behaviorForm = regexp.MustCompile(`^[a-z][a-z0-9_-]*$`)
	opForm       = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_.-]*$`)
	envForm      = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)
	startForm    = regexp.MustCompile(`^(last|home|uri:[^&]+&\d+&\d+&\d+)$`)
)

// check says everything that is wrong with a resolved profile.
func (p *Profile) check() Errors {
	var e Errors
	if !nameForm.MatchString(p.Name) || len(p.Name) > maxName {
		e.failf("name", "%q is no name: want up to %d letters, digits, dots, dashes and underscores", p.Name, maxName)
	}
	p.Grid.check(&e)
	p.Accounts.check(&e)
	p.checkSets(&e)
	p.Agent.check(&e)
	checkDuration(&e, "warmup", p.Warmup)
	checkDuration(&e, "cooldown", p.Cooldown)
	if len(e) == 0 {
		p.checkLength(&e)
	}
	if p.Warmup > 0 && len(p.Groups) == 0 && p.Agents.Executor == RampingAgents && len(p.Agents.Stages) < 2 {
		e.failf("warmup", "follows the first stage, and no stage follows it: add one to agents.stages")
	}
	p.checkVerdict(&e)
	oneOf(&e, "on_loss", p.OnLoss, Relogin, Replace, Leave)
	if len(p.Groups) > 0 {
		p.Placement.check(&e) // else it was checked with the one set
	}
	p.checkFaults(&e)
	if len(p.Placement.Regions) > 0 && p.Grid.Start != "last" {
		e.failf("grid.start", "placement says where agents start: drop one of the two")
	}
	return e
}

func (g *Grid) check(e *Errors) {
	if !startForm.MatchString(g.Start) {
		e.failf("grid.start", "%q is no start location: want last, home or uri:Region&x&y&z", g.Start)
	}
	switch g.LoginProtocol {
	case "", XMLRPC, LLSD, OGP:
	default:
		e.failf("grid.login_protocol", "%q is no login protocol: want xmlrpc, llsd or ogp", g.LoginProtocol)
	}
	if g.LoginURI == "" {
		return
	}
	u, err := url.Parse(g.LoginURI)
	switch {
	case err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https"):
		e.failf("grid.login_uri", "%q is no address: want one such as http://127.0.0.1:9000/", redact(g.LoginURI))
	case u.User != nil:
		// It would end up in every log and result.
		e.failf("grid.login_uri", "must not hold a user or a password: accounts says where they come from")
	}
}

// redact cuts what may be a password out of something that failed to be an
// address.
func redact(uri string) string {
	if at := strings.LastIndexByte(uri, '@'); at >= 0 {
		return "..." + uri[at:]
	}
	return uri
}

func (s *AccountSource) check(e *Errors) {
	if s.PasswordEnv != "" && !envForm.MatchString(s.PasswordEnv) {
		// Not quoted: somebody may have put the password itself here.
		e.failf("accounts.password_env", "wants the name of an environment variable, such as %s", DefaultPasswordEnv)
	}
	if s.CSV != "" {
		if s.First != "" || s.Last != "" {
			e.failf("accounts.csv", "names come from the file: drop first and last, or csv")
		}
		return
	}
	if (s.First == "") != (s.Last == "") {
		e.failf("accounts", "wants first and last together, such as first: %s and last: %q", defaultFirst, defaultLast)
		return
	}
	if s.First != "" && !strings.Contains(s.First+s.Last, "{n}") {
		e.failf("accounts", "gives every agent the name %s %s: put {n}, the agent's number, into one of the two", s.First, s.Last)
	}
}

func (a *Agent) check(e *Errors) {
	checkRate(e, "agent.update_rate", a.UpdateRate)
	checkRate(e, "agent.idle_update_rate", a.IdleUpdateRate)
	if !(a.Throttle >= 1e3 && a.Throttle <= 1e9) {
		e.failf("agent.throttle", "%v is out of range: want 1kbit/s to 1000Mbit/s", a.Throttle)
	}
	if !(a.DrawDistance >= 1 && a.DrawDistance <= maxDraw) {
		e.failf("agent.draw_distance", "%v is out of range: want 1 to %d metres", a.DrawDistance, maxDraw)
	}
}

func (g *Group) checkBehaviors(e *Errors) {
	for i, b := range g.Behaviors {
		key := fmt.Sprintf("behaviors[%d]", i)
		switch {
		case b.Do == "":
			e.failf(key, "do is missing: want the name of a behaviour")
		case !behaviorForm.MatchString(b.Do):
			e.failf(key+".do", "%q is no behaviour's name: want small letters, digits and dashes", b.Do)
		}
		b.checkRates(e, key, g.Think)
	}
	checkDuration(e, "think", g.Think)
	if g.Think > 0 && g.weights() == 0 {
		e.failf("think", "no behaviour has a weight: give one to those between which agents think")
	}
}

// checkRates wants one of the three ways to say how often.
func (b *Behavior) checkRates(e *Errors, key string, think Duration) {
	switch {
	case b.Rate == 0 && b.SwarmRate == 0 && b.Weight == 0:
		e.failf(key, "rate is missing: want one such as 0.5/s, or swarm_rate, or weight and think")
		return
	case b.Rate != 0 && b.SwarmRate != 0, b.Weight != 0 && (b.Rate != 0 || b.SwarmRate != 0):
		e.failf(key, "rate, swarm_rate and weight exclude each other: drop two of them")
		return
	case b.Rate != 0:
		checkRate(e, key+".rate", b.Rate)
	case b.SwarmRate != 0:
		checkRate(e, key+".swarm_rate", b.SwarmRate)
	case b.Weight < 0 || b.Weight > maxWeight:
		e.failf(key+".weight", "%d is out of range: want 1 to %d", b.Weight, maxWeight)
	case think == 0:
		e.failf(key+".weight", "needs think: how long an agent waits between two behaviours, such as think: 5s")
	case b.Even:
		e.failf(key+".even", "has no place beside weight")
	}
}

// checkVerdict checks what the run is judged by.
func (p *Profile) checkVerdict(e *Errors) {
	for i, t := range p.Thresholds {
		if back := new(Threshold); back.UnmarshalText([]byte(t.String())) != nil || *back != t {
			e.failf(fmt.Sprintf("thresholds[%d]", i), "%+v has no written form", t)
		}
	}
	seen := map[string]bool{}
	for i, op := range p.Primary {
		key := fmt.Sprintf("primary[%d]", i)
		if !opForm.MatchString(op) {
			e.failf(key, "%q is no operation: want one such as login or msg.chat", op)
		}
		if seen[op] {
			e.failf(key, "%s is there twice", op)
		}
		seen[op] = true
	}
}

func (pl *Placement) check(e *Errors) {
	if len(pl.Regions) == 0 {
		if pl.given() {
			e.failf("placement", "regions is missing: want the names of the regions to fill")
		}
		return
	}
	if len(pl.Regions) > maxRegions {
		e.failf("placement.regions", "has %d entries, at most %d are allowed", len(pl.Regions), maxRegions)
	}
	for i, r := range pl.Regions {
		if strings.TrimSpace(r) == "" || strings.ContainsAny(r, "&\n") {
			e.failf(fmt.Sprintf("placement.regions[%d]", i), "%q is no region's name", r)
		}
	}
	oneOf(e, "placement.layout", pl.Layout, Crowd, Spread)
	if len(pl.Spot) != 3 {
		e.failf("placement.spot", "wants three numbers: [x, y, z]")
		return
	}
	for i, v := range pl.Spot {
		if !(v >= 0 && v <= 8192) {
			e.failf(fmt.Sprintf("placement.spot[%d]", i), "%v is out of range: want 0 to 8192 metres", v)
		}
	}
}

func checkRate(e *Errors, key string, r Rate) {
	if !(r >= minRate && r <= maxRate) {
		e.failf(key, "%g/s is out of range: want a rate from 0.000001/s to 1000000/s", float64(r))
	}
}

func checkDuration(e *Errors, key string, d Duration) {
	if d < 0 || d > maxDuration {
		e.failf(key, "%v is out of range: want a duration from 0s to 8760h", d)
	}
}

// oneOf checks a word out of a few.
func oneOf[T ~string](e *Errors, key string, got T, want ...T) {
	known := make([]string, len(want))
	for i, w := range want {
		if got == w {
			return
		}
		known[i] = string(w)
	}
	e.failf(key, "unknown %q: want %s%s", got, strings.Join(known, ", "), nearest.Hint(string(got), known))
}
