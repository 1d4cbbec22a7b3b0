package testgrid

import (
	"strconv"
	"time"

	"github.com/slload/slload/message"
)

// loginRequest is what of a login's parameters decides; XML-RPC and LLSD bring
// the same.
type loginRequest struct {
	First   string   `llsd:"first"`
	Last    string   `llsd:"last"`
	Passwd  string   `llsd:"passwd"`
	Start   string   `llsd:"start"`
	Options []string `llsd:"options"`
}

// failure is why a login is refused: a word for programs, a sentence for people.
type failure struct{ reason, message string }

// OpenSim says `key` for nearly everything.
var (
	failIncomplete = &failure{"key", "Incomplete login credentials: first, last and passwd are all needed."}
	failName       = &failure{"key", "First and last name can have 63 bytes each."}
	failPassword   = &failure{"key", "Wrong name or password."}
	failPresence   = &failure{"presence", "Already logged in: the old session was ended, log in again."}
	failNowhere    = &failure{"key", "There is no such start location."}
	failFull       = &failure{"key", "The region is full; start in another one or raise its capacity."}
	failDown       = &failure{"key", "Error connecting to the desired location. Try connecting to another region."}
	failClosing    = &failure{"key", "The grid is shutting down."}
)

// longestName keeps what carries names within one datagram.
const longestName = 63

// answer is a failure as a login response's fields.
func (f *failure) answer() map[string]any {
	return map[string]any{"login": "false", "reason": f.reason, "message": f.message}
}

// login decides about one login and gives the response's fields. Strings and
// integers mean the same in both forms; ids are uuid.UUID.
func (g *Grid) login(r *loginRequest) map[string]any {
	s, fail := g.admit(r)
	if fail != nil {
		g.stats.loginsRefused.Add(1)
		g.log.Debug("login refused", "first", r.First, "last", r.Last, "reason", fail.reason, "why", fail.message)
		return fail.answer()
	}
	g.stats.logins.Add(1)
	return g.welcome(s, r)
}

func (g *Grid) admit(r *loginRequest) (*session, *failure) {
	if fail := g.checkCredentials(r); fail != nil {
		return nil, fail
	}
	at, err := parseStart(r.Start)
	if err != nil {
		return nil, &failure{"key", err.Error()}
	}
	s, old, fail := g.directory.enter(r.First, r.Last, func(a *account) (spot, *failure) { return g.entrance(at, a) }, time.Now())
	for _, s := range old {
		s.entry.region.drop(s)
	}
	return s, fail
}

// checkCredentials tells why nobody is let in with them; nil where one may be.
func (g *Grid) checkCredentials(r *loginRequest) *failure {
	switch {
	case g.closing.Load():
		return failClosing
	case r.First == "" || r.Last == "" || r.Passwd == "":
		return failIncomplete
	case len(r.First) > longestName || len(r.Last) > longestName:
		return failName
	case !passwordMatches(r.Passwd, g.cfg.Password):
		return failPassword
	}
	return nil
}

// greeting is the message of the day.
const greeting = "Welcome to the embedded grid."

// entrance is where a login with that start location puts a resident: elsewhere,
// where that region is down.
func (g *Grid) entrance(at start, a *account) (spot, *failure) {
	where, fail := g.resolve(at, a)
	if fail != nil {
		return where, fail
	}
	if where.region = g.standing(where.region); where.region == nil {
		return where, failDown
	}
	return where, nil
}

// resolve finds the place that a start location means for a resident.
func (g *Grid) resolve(at start, a *account) (spot, *failure) {
	switch {
	case at.kind == "url":
		if r := g.regionNamed(at.region); r != nil {
			return spot{r, settle(at.pos), defaultLook}, nil
		}
		return spot{}, failNowhere
	case at.kind == "last" && a.visited:
		return a.lastAt, nil
	}
	return a.lives(g.regions), nil
}

// welcome makes the fields of a successful login. What comes only when asked
// for is in options.go.
func (g *Grid) welcome(s *session, r *loginRequest) map[string]any {
	at := s.entry.region
	fields := map[string]any{
		"login":               "true",
		"agent_id":            s.agentID,
		"session_id":          s.id,
		"secure_session_id":   s.secureID,
		"circuit_code":        int32(s.code),
		"sim_ip":              at.addr.Addr().String(),
		"sim_port":            int32(at.addr.Port()),
		"region_x":            int32(at.x),
		"region_y":            int32(at.y),
		"region_size_x":       int32(regionSize),
		"region_size_y":       int32(regionSize),
		"seed_capability":     g.seedURL(s),
		"look_at":             looseVector(s.entry.look),
		"first_name":          s.first,
		"last_name":           s.last,
		"home":                g.homeText(s),
		"start_location":      startLocation(r.Start),
		"agent_access":        "M",
		"agent_access_max":    "A",
		"message":             greeting,
		"seconds_since_epoch": int32(s.created.Unix()),
		"max-agent-groups":    int32(42),
		"http_port":           int32(0),
	}
	for _, option := range r.Options {
		if make := optional[option]; make != nil {
			fields[option] = make(g, s)
		}
	}
	return fields
}

func startLocation(start string) string {
	at, _ := parseStart(start) // it was read before
	return at.kind
}

// homeText is a home location in the loose notation that viewers expect.
func (g *Grid) homeText(s *session) string {
	at := g.directory.homeOf(s.agentID, g.regions)
	return "{'region_handle':[r" + strconv.Itoa(int(at.region.x)) + ",r" + strconv.Itoa(int(at.region.y)) + "], 'position':" +
		looseVector(at.pos) + ", 'look_at':" + looseVector(at.look) + "}"
}

// looseVector writes [rX,rY,rZ], LLSD notation that isn't quite: no such thing
// as a space is allowed in it.
func looseVector(v message.Vector3) string {
	b := []byte("[")
	for i, f := range [...]float32{v.X, v.Y, v.Z} {
		if i > 0 {
			b = append(b, ',')
		}
		b = strconv.AppendFloat(append(b, 'r'), float64(f), 'f', -1, 32)
	}
	return string(append(b, ']'))
}
