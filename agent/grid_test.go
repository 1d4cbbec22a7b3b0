package agent

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/slload/slload/llsd"
	"github.com/slload/slload/xmlrpc"
)

// grid is the HTTP half of a grid that plays a script: login service, seed
// capability and event queue, as an http.RoundTripper.
type grid struct {
	t testing.TB

	mu    sync.Mutex
	login []loginAnswer  // the nth for the nth call; the last repeats
	seed  []int          // statuses, likewise
	caps  map[string]any // what the seed gives
	done  int            // status of the answer to done: true
	gone  bool           // there is no event queue any more
	asked []string       // what came, in order
	queue chan string    // LLSD documents that polls are answered with

	// domain answers what an agent domain is asked; nil where it is none. See
	// domainGrid.
	domain func(r *http.Request, body []byte) (status int, answer string, err error)
}

// loginAnswer is a refusal with a reason, an HTTP status, or a welcome.
type loginAnswer struct {
	reason string
	status int
	noSeed bool
}

const (
	password = "open sesame"
	loginURI = "http://grid.test/login"
	seedURL  = "http://grid.test/seed/only-for-the-agent"
	queueURL = "http://grid.test/queue/only-for-the-agent"

	featuresURL = "http://grid.test/features/only-for-the-agent"

	// httpTime is how long the grid takes for each answer.
	httpTime = 30 * time.Millisecond
)

var regionID = uuid.NewSHA1(uuid.Nil, []byte("region"))

func agentIDOf(first string) uuid.UUID    { return uuid.NewSHA1(uuid.Nil, []byte("agent "+first)) }
func sessionOf(agent uuid.UUID) uuid.UUID { return uuid.NewSHA1(agent, []byte("session")) }

func newGrid(t testing.TB) *grid {
	return &grid{
		t: t, login: []loginAnswer{{}}, seed: []int{http.StatusOK}, done: http.StatusOK,
		caps: map[string]any{"EventQueueGet": queueURL}, queue: make(chan string),
	}
}

// note records what was asked.
func (g *grid) note(format string, args ...any) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.asked = append(g.asked, fmt.Sprintf(format, args...))
}

// got gives what was asked so far.
func (g *grid) got() []string {
	g.mu.Lock()
	defer g.mu.Unlock()
	return slices.Clone(g.asked)
}

// next takes the answer whose turn it is.
func next[T any](g *grid, answers *[]T) T {
	g.mu.Lock()
	defer g.mu.Unlock()
	got := (*answers)[0]
	if len(*answers) > 1 {
		*answers = (*answers)[1:]
	}
	return got
}

func (g *grid) RoundTrip(r *http.Request) (*http.Response, error) {
	var body []byte
	var err error
	if r.Body != nil {
		if body, err = io.ReadAll(r.Body); err != nil {
			return nil, err
		}
	}
	select {
	case <-time.After(httpTime):
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
	status, answer := http.StatusNotFound, ""
	switch r.URL.String() {
	case loginURI:
		status, answer = g.logIn(body)
	case seedURL:
		status, answer = g.giveSeed(body)
	case queueURL:
		status, answer, err = g.poll(r, body)
	case featuresURL:
		status, answer = http.StatusOK, "<llsd><map><key>MaxAgentGroups</key><integer>42</integer></map></llsd>"
	default:
		if g.domain != nil {
			status, answer, err = g.domain(r, body)
			break
		}
		g.t.Errorf("grid: nobody lives at %s", r.URL)
	}
	if err != nil {
		return nil, err
	}
	return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(answer)), Request: r}, nil
}

func (g *grid) logIn(body []byte) (int, string) {
	asked, marshal, err := readLogin(body)
	if err != nil {
		g.t.Errorf("grid: login call %q: %v", body, err)
		return http.StatusBadRequest, ""
	}
	a := next(g, &g.login)
	form := ""
	if _, ok := asked["agree_to_tos"].(bool); ok { // XML-RPC has text for it
		form = " by LLSD"
	}
	g.note("login %s %s at %s%s", asked["first"], asked["last"], asked["start"], form)
	if a.status != 0 {
		return a.status, ""
	}
	answer := map[string]any{"login": "false", "reason": a.reason, "message": "no"}
	if a.reason == "" {
		answer = g.welcome(asked["first"].(string))
	}
	if a.noSeed {
		answer["seed_capability"] = ""
	}
	text, err := marshal(answer)
	if err != nil {
		g.t.Errorf("grid: %v", err)
	}
	return http.StatusOK, string(text)
}

// readLogin reads a login call in either form, and gives how to answer in it.
func readLogin(body []byte) (asked map[string]any, marshal func(any) ([]byte, error), err error) {
	if bytes.Contains(body, []byte("<llsd>")) {
		err = llsd.Decode(body, &asked)
		return asked, llsd.MarshalXML, err
	}
	_, params, err := xmlrpc.UnmarshalRequest(body)
	if err == nil && len(params) == 1 {
		asked, _ = params[0].(map[string]any)
	}
	return asked, xmlrpc.MarshalResponse, err
}

func (g *grid) welcome(first string) map[string]any {
	id := agentIDOf(first)
	return map[string]any{
		"login": "true", "first_name": first, "last_name": "Tester",
		"agent_id": id.String(), "session_id": sessionOf(id).String(), "secure_session_id": uuid.NewString(),
		"circuit_code": int32(len(first)) + int32(id[0]), "sim_ip": simulatorAddr.Addr().String(), "sim_port": int32(simulatorAddr.Port()),
		"region_x": int32(256000), "region_y": int32(256000), "seed_capability": seedURL,
	}
}

func (g *grid) giveSeed(body []byte) (int, string) {
	var names []string
	if err := llsd.Decode(body, &names); err != nil || !slices.Contains(names, "EventQueueGet") {
		g.t.Errorf("grid: seed call for %v: %v", names, err)
	}
	status := next(g, &g.seed)
	g.note("seed %d", status)
	answer, err := llsd.MarshalXML(g.caps)
	if err != nil {
		g.t.Errorf("grid: %v", err)
	}
	return status, string(answer)
}

// poll holds until there is something to say, or 58 s, as OpenSim does.
func (g *grid) poll(r *http.Request, body []byte) (int, string, error) {
	var ask struct {
		Ack  any  `llsd:"ack"`
		Done bool `llsd:"done"`
	}
	if err := llsd.Decode(body, &ask); err != nil {
		g.t.Errorf("grid: poll %q: %v", bytes.TrimSpace(body), err)
	}
	g.note("poll ack %v done %t", ask.Ack, ask.Done)
	if g.gone {
		return http.StatusNotFound, "", nil
	}
	if ask.Done {
		return g.done, "<llsd><undef/></llsd>", nil
	}
	select {
	case events := <-g.queue:
		return http.StatusOK, events, nil
	case <-time.After(58 * time.Second):
		return http.StatusBadGateway, "", nil
	case <-r.Context().Done():
		return 0, "", r.Context().Err()
	}
}
