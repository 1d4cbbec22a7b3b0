package testgrid

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/slload/slload/llsd"
	"github.com/slload/slload/testgrid/faults"
	"github.com/slload/slload/xmlrpc"
)

// misbehave stands before next and lets some requests fail as the grid's
// faults say.
func (g *Grid) misbehave(next http.Handler) http.Handler {
	if g.fate == nil {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		place, name := g.placeOf(r)
		met, hit := g.fate.Fate(place, name, time.Since(g.began))
		if hit {
			g.log.Debug("request meets a fault", "place", place, "capability", name, "fault", met.Kind)
		}
		switch {
		case !hit:
			next.ServeHTTP(w, r)
		case met.Kind == faults.Slow:
			if g.pause(r.Context(), met.Wait) {
				next.ServeHTTP(w, r)
			}
		default:
			g.fail(met, next, w, r)
		}
	})
}

// placeOf tells what a request is for; empty where that is none of the places
// of faults.
func (g *Grid) placeOf(r *http.Request) (place, name string) {
	path := r.URL.Path
	switch {
	case (path == "/" || path == authPath) && r.Method == http.MethodPost:
		return faults.Login, ""
	case strings.HasPrefix(path, "/agent_seed_cap/"):
		return faults.Seed, ""
	case strings.HasPrefix(path, "/cap/event_queue/"):
		return faults.EventQueue, "event_queue"
	case strings.HasPrefix(path, "/cap/"):
		return faults.Capability, strings.TrimPrefix(path[:strings.LastIndexByte(path, '/')], "/cap/")
	case strings.HasPrefix(path, "/CAPS/"):
		return faults.Seed, ""
	case strings.HasPrefix(path, "/CE/"):
		return faults.EventQueue, "EventQueueGet"
	}
	id, _, _ := strings.Cut(strings.TrimPrefix(strings.TrimPrefix(path, aisPath), "/"), "/")
	if c, known := g.lookUp(id); known {
		return faults.Capability, c.name
	}
	return "", ""
}

// pause waits, and tells whether the client and the grid are still there.
func (g *Grid) pause(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-g.ending:
		return false
	default:
	}
	if d <= 0 {
		return true
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
	case <-g.ending:
	}
	return false
}

// fail carries out a fault on a request.
func (g *Grid) fail(met faults.Met, next http.Handler, w http.ResponseWriter, r *http.Request) {
	if met.Kind != faults.Lose && met.Kind != faults.WrongIDs && met.Kind != faults.Trickle {
		_, _ = io.Copy(io.Discard, io.LimitReader(r.Body, loginBodyLimit)) // or net/http doesn't see the client go
		if met.Kind != faults.Indeterminate && !g.pause(r.Context(), met.Wait) {
			return
		}
	}
	switch met.Kind {
	case faults.Error:
		w.WriteHeader(met.Status)
	case faults.Hang:
		g.pause(r.Context(), hangTime)
		panic(http.ErrAbortHandler)
	case faults.Garbage:
		writeBody(w, llsd.ContentTypeXML, garbage(met.Noise))
	case faults.Cut:
		w.Header().Set("Content-Length", strconv.Itoa(1<<10))
		_, _ = io.WriteString(w, "<llsd><map>")
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	case faults.Endless:
		g.writeForEver(w, r)
	case faults.Trickle:
		g.trickle(met.Wait, bufferAnswer(next, r), w, r)
	case faults.Lose:
		bufferAnswer(next, r)
		panic(http.ErrAbortHandler)
	case faults.WrongIDs:
		answer := bufferAnswer(next, r)
		id := strconv.Itoa(int(uint32(met.Noise) >> 1))
		body := eventID.ReplaceAll(answer.body.Bytes(), []byte("<key>id</key><integer>"+id+"</integer>"))
		answer.header.Del("Content-Length") // the new id may be longer
		answer.body.Reset()
		answer.body.Write(body)
		answer.copyTo(w)
	case faults.Refuse, faults.Presence, faults.Indeterminate:
		g.stats.loginsRefused.Add(1)
		g.answerLogin(w, r, g.refusal(met))
	}
}

// hangTime bounds a request that is never answered: longer than clients wait.
const hangTime = 10 * time.Minute

// eventID is the id in an event queue's answer.
var eventID = regexp.MustCompile(`<key>id</key><integer>\d+</integer>`)

// garbage begins as an answer does, and goes on as no answer may.
func garbage(noise uint64) []byte {
	return []byte("<llsd><map><key>login</key><map>\x00</llsd>" + strconv.FormatUint(noise, 36) + "<&>")
}

// refusal is the answer of a login that isn't granted.
func (g *Grid) refusal(met faults.Met) map[string]any {
	switch met.Kind {
	case faults.Presence:
		return failPresence.answer()
	case faults.Indeterminate:
		return map[string]any{
			"login": "indeterminate", "next_url": g.LoginURI(), "next_method": "login_to_simulator",
			"next_duration": met.Wait.Seconds(), "message": "Ask again.",
		}
	}
	reason := met.Reason
	if reason == "" {
		reason = "key"
	}
	return (&failure{reason, "Refused on purpose."}).answer()
}

// answerLogin writes in the form in which was asked.
func (g *Grid) answerLogin(w http.ResponseWriter, r *http.Request, fields map[string]any) {
	if mediaType, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";"); mediaType == llsd.ContentTypeXML {
		if r.URL.Path == authPath {
			fields["authenticated"] = false
		}
		writeLLSD(w, llsd.ContentTypeXML, fields)
		return
	}
	answer, err := xmlrpc.MarshalResponse(fields)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	writeBody(w, xmlrpc.ContentType, answer)
}

// mostEndless bounds an endless answer, in bytes: more than clients read.
const mostEndless = 256 << 20

// writeForEver writes until the client has had enough.
func (g *Grid) writeForEver(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", llsd.ContentTypeXML)
	_, _ = io.WriteString(w, "<llsd><array>")
	line := []byte(strings.Repeat("<string>and so on</string>", 1<<10))
	for sent := 0; sent < mostEndless && g.pause(r.Context(), 0); sent += len(line) {
		if _, err := w.Write(line); err != nil {
			break
		}
	}
	panic(http.ErrAbortHandler)
}

// trickle writes the answer byte by byte.
func (g *Grid) trickle(each time.Duration, answer *bufferedAnswer, w http.ResponseWriter, r *http.Request) {
	body := bytes.Clone(answer.body.Bytes())
	answer.body.Reset()
	answer.header.Set("Content-Length", strconv.Itoa(len(body)))
	answer.copyTo(w)
	control := http.NewResponseController(w)
	for i := range body {
		if _, err := w.Write(body[i : i+1]); err != nil || control.Flush() != nil || !g.pause(r.Context(), each) {
			panic(http.ErrAbortHandler)
		}
	}
}

// bufferedAnswer is an answer that can still be changed.
type bufferedAnswer struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func bufferAnswer(next http.Handler, r *http.Request) *bufferedAnswer {
	b := &bufferedAnswer{header: http.Header{}}
	next.ServeHTTP(b, r)
	return b
}

// Header makes it an http.ResponseWriter.
func (b *bufferedAnswer) Header() http.Header { return b.header }

// WriteHeader makes it an http.ResponseWriter.
func (b *bufferedAnswer) WriteHeader(status int) {
	if b.status == 0 {
		b.status = status
	}
}

// Write makes it an http.ResponseWriter.
func (b *bufferedAnswer) Write(p []byte) (int, error) {
	b.WriteHeader(http.StatusOK)
	return b.body.Write(p)
}

func (b *bufferedAnswer) copyTo(w http.ResponseWriter) {
	for key, values := range b.header {
		w.Header()[key] = values
	}
	if b.status != 0 {
		w.WriteHeader(b.status)
	}
	_, _ = w.Write(b.body.Bytes()) // the client has gone
}
