package testgrid

import (
	"cmp"
	"net/http"
	"strings"
	"time"

	"github.com/slload/slload/llsd"
)

// authPath is where Linden Lab's agent domain took credentials.
const authPath = "/cgi-bin/auth.cgi"

// AuthURI is where clients log in by the Open Grid Protocol.
func (g *Grid) AuthURI() string { return g.base + authPath }

// authRequest is the credentials in all their forms: PyOGP's, plain or hashed,
// and that of the protocol's drafts.
type authRequest struct {
	First      string `llsd:"firstname"`
	Last       string `llsd:"lastname"`
	Password   string `llsd:"password"`
	MD5        string `llsd:"md5-password"`
	Identifier struct {
		First string `llsd:"first_name"`
		Last  string `llsd:"last_name"`
	} `llsd:"identifier"`
	Authenticator struct {
		Secret string `llsd:"secret"`
	} `llsd:"authenticator"`
}

// login is what the credentials say, as other logins say it.
func (a *authRequest) login() *loginRequest {
	r := &loginRequest{First: cmp.Or(a.First, a.Identifier.First), Last: cmp.Or(a.Last, a.Identifier.Last), Passwd: a.Password}
	if hash := cmp.Or(a.MD5, a.Authenticator.Secret); r.Passwd == "" && hash != "" {
		r.Passwd = "$1$" + strings.TrimPrefix(hash, "$1$")
	}
	return r
}

// refused is a failure as the agent domain's auth service answers it.
func (f *failure) refused() map[string]any {
	return map[string]any{"authenticated": false, "reason": f.reason, "message": f.message}
}

// serveAuth answers credentials with the agent's seed.
func (g *Grid) serveAuth(w http.ResponseWriter, r *http.Request) {
	var asked authRequest
	if !readLLSD(w, r, loginBodyLimit, &asked) {
		return
	}
	v, fail := g.authenticate(asked.login())
	if fail != nil {
		g.stats.loginsRefused.Add(1)
		writeLLSD(w, llsd.ContentTypeXML, fail.refused())
		return
	}
	writeLLSD(w, llsd.ContentTypeXML, map[string]any{
		"authenticated": true, "agent_seed_capability": g.base + "/agent_seed_cap/" + v.seed.String(),
	})
}

func (g *Grid) authenticate(r *loginRequest) (*domainVisit, *failure) {
	if fail := g.checkCredentials(r); fail != nil {
		return nil, fail
	}
	v, old, fail := g.directory.begin(r.First, r.Last, time.Now())
	for _, s := range old {
		s.entry.region.drop(s)
	}
	return v, fail
}

type domainHandler func(g *Grid, v *domainVisit, w http.ResponseWriter, r *http.Request)

// domainHandlers is what an agent's capabilities of the domain do.
var domainHandlers = map[string]domainHandler{
	"agent/info":       (*Grid).serveAgentInfo,
	"event_queue":      (*Grid).serveDomainQueue,
	"rez_avatar/place": (*Grid).servePlace,
}

// serveAgentSeed gives the URLs of the domain's capabilities: of a list of
// names as a map of them, of a map with such a list, which is the later form,
// as one with the map.
func (g *Grid) serveAgentSeed(w http.ResponseWriter, r *http.Request) {
	v := g.directory.visitOf(r.PathValue("id"))
	if v == nil || r.PathValue("id") != v.seed.String() {
		http.NotFound(w, r)
		return
	}
	var body any
	if !readLLSD(w, r, seedBodyLimit, &body) {
		return
	}
	inner, later := body.(map[string]any)
	var names []string
	if later {
		body = inner["capabilities"]
	}
	if err := llsd.Convert(body, &names); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	urls := map[string]any{}
	for _, name := range names {
		if domainHandlers[name] != nil {
			urls[name] = g.base + "/cap/" + name + "/" + v.caps.String()
		}
	}
	if later {
		urls = map[string]any{"capabilities": urls, "first_name": v.first, "last_name": v.last}
	}
	writeLLSD(w, llsd.ContentTypeXML, urls)
}

// serveDomainCapability serves the capability of `/cap/<name>/<id>`.
func (g *Grid) serveDomainCapability(handle domainHandler) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		v := g.directory.visitOf(r.PathValue("id"))
		if v == nil || r.PathValue("id") != v.caps.String() {
			http.NotFound(w, r)
			return
		}
		handle(g, v, w, r)
	}
}

// serveDomainQueue is the domain's own event queue, which goes on wherever the
// avatar is.
func (g *Grid) serveDomainQueue(v *domainVisit, w http.ResponseWriter, r *http.Request) {
	g.servePoll(v.events, w, r)
}

// serveAgentInfo tells where the agent is, was and lives, and what circuits of
// its avatar need.
func (g *Grid) serveAgentInfo(v *domainVisit, w http.ResponseWriter, _ *http.Request) {
	home, last := g.directory.places(v, g.regions)
	presence := map[string]any{"status": "offline", "region_url": g.publicSeed(last.region)}
	info := map[string]any{
		"agent_id": v.agentID, "presence": presence, "home": g.location(home), "last": g.location(last),
	}
	if s := g.directory.standsIn(v); s != nil {
		presence["status"], presence["region_url"] = "online", g.publicSeed(s.entry.region)
		info["session_id"], info["secure_session_id"], info["circuit_code"] = s.id, s.secureID, int32(s.code)
	}
	writeLLSD(w, llsd.ContentTypeXML, info)
}

func (g *Grid) location(at spot) map[string]any {
	return map[string]any{"region_url": g.publicSeed(at.region), "position": reals(at.pos), "look_at": reals(at.look)}
}
