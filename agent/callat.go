package agent

import (
	"context"
	"fmt"
	"net/http"

	"github.com/slload/slload/caps"
	"github.com/slload/slload/circuit"
	"github.com/slload/slload/message"
)

// callAt is call for a place below a capability's URL, such as
// "/category/<id>" or "/?texture_id=<id>".
func (a *Agent) callAt(ctx context.Context, method, name, below string, in, out any) error {
	return a.calling(ctx, name, func(url string) error {
		return caps.Call(ctx, a.opt.HTTP, method, name, url+below, in, out)
	})
}

// invoke sends r to the capability that it names and gives the answer's body.
// It reports caps.<name> as call does.
func (a *Agent) invoke(ctx context.Context, below string, r caps.Request) ([]byte, error) {
	var body []byte
	err := a.calling(ctx, r.Name, func(url string) (err error) {
		r.URL = url + below
		body, err = caps.Do(ctx, a.opt.HTTP, r)
		return err
	})
	return body, err
}

// fetch gets raw data from below a capability's URL.
func (a *Agent) fetch(ctx context.Context, name, below string) ([]byte, error) {
	return a.invoke(ctx, below, caps.Request{Method: http.MethodGet, Name: name})
}

// deliver sends m and waits until the simulator has acknowledged it. That says
// that it came, not what became of it.
func (a *Agent) deliver(ctx context.Context, m message.Message) error {
	return a.deliverMade(ctx, func() message.Message { return m })
}

// deliverMade is deliver for a message that is made on the loop.
func (a *Agent) deliverMade(ctx context.Context, made func() message.Message) error {
	acked := make(chan error, 1)
	var m message.Message // the loop's, until it has been sent
	err := a.do(ctx, func(now circuit.Instant) error {
		m = made()
		return a.root.circuit.SendReliable(now, m, func(_ circuit.Instant, err error) { acked <- err })
	})
	if err != nil {
		return err
	}
	select {
	case err := <-acked:
		return err
	case <-ctx.Done():
		return fmt.Errorf("wait for the acknowledgement of %v: %w", m.ID(), context.Cause(ctx))
	}
}
