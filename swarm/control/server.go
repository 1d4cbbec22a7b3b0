package control

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/slload/slload/swarm"
)

// Bounds of a request: who asks may be broken, and must not harm the run.
const (
	maxBody     = 1 << 10
	maxHeader   = 8 << 10
	requestTime = 10 * time.Second
)

// Run is a run that can be steered. Stop ends it as the first Ctrl-C does.
type Run struct {
	*swarm.Control
	Stop func()
}

// scaleRequest is the body of POST /scale.
type scaleRequest struct {
	Agents *int `json:"agents"`
}

// failure is the body of an answer that is no success.
type failure struct {
	Error string `json:"error"`
}

// Serve answers for the run in dir until close is called.
func Serve(dir string, run Run) (closeAll func(), err error) {
	l, remove, err := listen(dir)
	if err != nil {
		return nil, fmt.Errorf("make the control socket of %s: %w", dir, err)
	}
	server := &http.Server{
		Handler: run.handler(), MaxHeaderBytes: maxHeader,
		ReadTimeout: requestTime, WriteTimeout: 2 * requestTime, IdleTimeout: requestTime,
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = server.Serve(l) // it ends with the listener
	}()
	return func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		if server.Shutdown(ctx) != nil { // who asked to stop gets the answer
			_ = server.Close()
		}
		<-ended
		remove()
	}, nil
}

func (r Run) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /status", answer(func(req *http.Request) (swarm.Status, error) { return r.Status(req.Context()) }))
	mux.HandleFunc("POST /pause", r.after(func(req *http.Request) error { return r.Pause(req.Context()) }))
	mux.HandleFunc("POST /resume", r.after(func(req *http.Request) error { return r.Resume(req.Context()) }))
	mux.HandleFunc("POST /stop", answer(func(req *http.Request) (swarm.Status, error) {
		status, err := r.Status(req.Context()) // before: it may be over at once
		r.Stop()
		status.State = swarm.StateEnding
		return status, err
	}))
	mux.HandleFunc("POST /scale", r.after(func(req *http.Request) error {
		var body scaleRequest
		in := json.NewDecoder(req.Body)
		in.DisallowUnknownFields()
		if err := in.Decode(&body); err != nil {
			return &badRequest{fmt.Errorf(`read the request: %w; want {"agents": N}`, err)}
		}
		if body.Agents == nil {
			return &badRequest{errors.New(`how many agents? want {"agents": N}`)}
		}
		return r.Scale(req.Context(), *body.Agents)
	}))
	return mux
}

type badRequest struct{ error }

// after does something and answers with the state after it.
func (r Run) after(do func(req *http.Request) error) http.HandlerFunc {
	return answer(func(req *http.Request) (swarm.Status, error) {
		if err := do(req); err != nil {
			return swarm.Status{}, err
		}
		return r.Status(req.Context())
	})
}

// answer answers with what do gives, within requestTime.
func answer(do func(req *http.Request) (swarm.Status, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, req *http.Request) {
		ctx, cancel := context.WithTimeout(req.Context(), requestTime)
		defer cancel()
		req = req.WithContext(ctx)
		req.Body = http.MaxBytesReader(w, req.Body, maxBody)
		status, err := do(req)
		w.Header().Set("Content-Type", "application/json")
		out := json.NewEncoder(w)
		out.SetEscapeHTML(false)
		if err != nil {
			w.WriteHeader(code(err))
			_ = out.Encode(failure{err.Error()}) // an error means that nobody listens any more
			return
		}
		_ = out.Encode(status)
	}
}

func code(err error) int {
	switch {
	case errors.As(err, new(*badRequest)), errors.As(err, new(*swarm.ConfigError)):
		return http.StatusBadRequest
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return http.StatusServiceUnavailable
	}
	return http.StatusConflict
}
