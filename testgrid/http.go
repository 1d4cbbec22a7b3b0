package testgrid

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"github.com/slload/slload/llsd"
	"github.com/slload/slload/xmlrpc"
)

// newServer makes the HTTP server. There is no write timeout: the event queue
// holds its answers back.
func (g *Grid) newServer() *http.Server {
	return &http.Server{
		Handler:           g.handler(),
		ReadHeaderTimeout: 10 * time.Second,
		IdleTimeout:       time.Minute, // OpenSim: Keep-Alive: timeout=60
		MaxHeaderBytes:    16 << 10,
		ErrorLog:          slog.NewLogLogger(g.log.Handler(), slog.LevelWarn),
		ConnContext:       withRequestCount,
	}
}

// handler answers every request. What goes wrong on purpose stands in front of
// it.
func (g *Grid) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /{$}", g.serveLogin)
	mux.HandleFunc("POST "+authPath, g.serveAuth)
	mux.HandleFunc("POST /agent_seed_cap/{id}", g.serveAgentSeed)
	for name, handle := range domainHandlers {
		mux.HandleFunc("/cap/"+name+"/{id}", g.serveDomainCapability(handle))
	}
	mux.HandleFunc("POST /region/{region}/rez_avatar/request", g.serveRequest)
	mux.HandleFunc("POST /CAPS/{seed}/{$}", g.serveSeedPath)
	mux.HandleFunc("POST /CE/{id}", g.serveCapability)
	mux.HandleFunc("POST /UPLOAD/{id}", g.serveUploader)
	mux.HandleFunc(aisPath+"{id}", g.serveTree)
	mux.HandleFunc(aisPath+"{id}/{rest...}", g.serveTree)
	mux.HandleFunc("/{id}", g.serveCapability)
	mux.HandleFunc("/{id}/{$}", g.serveCapability) // as in /<id>/?texture_id=...
	return g.limitRequests(g.misbehave(mux))
}

// loginBodyLimit is many times what a login takes.
const loginBodyLimit = 64 << 10

// serveLogin takes both forms of login at the same address, and tells them apart
// by content type.
func (g *Grid) serveLogin(w http.ResponseWriter, r *http.Request) {
	if mediaType, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";"); mediaType == llsd.ContentTypeXML {
		g.serveLLSDLogin(w, r)
		return
	}
	g.serveXMLRPCLogin(w, r)
}

// methodNotFound is the common fault code of XML-RPC for what isn't there.
const methodNotFound = -32601

func (g *Grid) serveXMLRPCLogin(w http.ResponseWriter, r *http.Request) {
	method, params, err := readCall(http.MaxBytesReader(w, r.Body, loginBodyLimit))
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	if method != "login_to_simulator" {
		fault := xmlrpc.Fault{Code: methodNotFound, Message: "there is no method " + strconv.Quote(method)}
		writeBody(w, xmlrpc.ContentType, xmlrpc.MarshalFault(fault))
		return
	}
	var login loginRequest // stays empty, and is refused, where parameters aren't what they should be
	if len(params) > 0 {
		_ = llsd.Convert(params[0], &login)
	}
	fields := g.login(&login)
	writeEncoded(w, xmlrpc.ContentType, func(dst []byte) ([]byte, error) { return xmlrpc.AppendResponse(dst, fields) })
}

// readCall reads an XML-RPC call, of which it keeps nothing.
func readCall(r io.Reader) (method string, params []any, err error) {
	held := answers.Get().(*[]byte)
	defer answers.Put(held)
	body := bytes.NewBuffer((*held)[:0])
	if _, err := body.ReadFrom(r); err != nil {
		return "", nil, err
	}
	if *held = body.Bytes(); cap(*held) > mostKeptAnswer {
		*held = nil
	}
	return xmlrpc.UnmarshalRequest(body.Bytes())
}

func (g *Grid) serveLLSDLogin(w http.ResponseWriter, r *http.Request) {
	var login loginRequest
	if !readLLSD(w, r, loginBodyLimit, &login) {
		return
	}
	writeLLSD(w, llsd.ContentTypeXML, asTrees(g.login(&login)))
}

// serveSeedPath finds the seed of `/CAPS/<id>0000/`.
func (g *Grid) serveSeedPath(w http.ResponseWriter, r *http.Request) {
	id, ok := strings.CutSuffix(r.PathValue("seed"), "0000")
	c, known := g.lookUp(id)
	if !ok || !known || c.name != seedName {
		http.NotFound(w, r)
		return
	}
	g.serveSeed(c.session, w, r)
}

func (g *Grid) serveCapability(w http.ResponseWriter, r *http.Request) {
	c, known := g.lookUp(r.PathValue("id"))
	if !known && r.Method == http.MethodGet {
		if at := g.regionNamed(r.PathValue("id")); at != nil {
			g.servePublicSeed(at, w)
			return
		}
	}
	if !known || strings.TrimSuffix(r.URL.Path, "/") != capabilityPath(c.name, c.id) {
		http.NotFound(w, r)
		return
	}
	capabilityHandlers[c.name](g, c.session, w, r)
}

// serveTree finds the capability of a path that goes on below its own.
func (g *Grid) serveTree(w http.ResponseWriter, r *http.Request) {
	c, known := g.lookUp(r.PathValue("id"))
	if !known || capabilityPath(c.name, c.id) != aisPath+c.id.String() {
		http.NotFound(w, r)
		return
	}
	capabilityHandlers[c.name](g, c.session, w, r)
}

func (g *Grid) lookUp(text string) (capability, bool) {
	id, err := uuid.Parse(text)
	if err != nil {
		return capability{}, false
	}
	return g.directory.capability(id)
}

// requestCount counts the requests of one connection.
type requestCount struct{}

func withRequestCount(ctx context.Context, _ net.Conn) context.Context {
	return context.WithValue(ctx, requestCount{}, new(atomic.Int64))
}

// limitRequests closes a connection with its last allowed request.
func (g *Grid) limitRequests(next http.Handler) http.Handler {
	limit := int64(g.cfg.RequestsPerConn)
	if limit < 0 {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if n, ok := r.Context().Value(requestCount{}).(*atomic.Int64); ok && n.Add(1) >= limit {
			w.Header().Set("Connection", "close")
		}
		next.ServeHTTP(w, r)
	})
}
