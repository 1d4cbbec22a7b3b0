package agent

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/slload/slload/circuit"
	"github.com/slload/slload/internal/reason"
)

// awaited is a text that somebody waits for an agent to hear. That agent's
// loop owns it, until heard has the time at which it came.
type awaited struct {
	op    string
	from  uuid.UUID
	text  string
	heard chan circuit.Instant // has room for one
}

// roundTrip sends a text by send, on a's loop, and waits until hearer has heard
// it. It reports op, once, however it ends, on a's loop.
func (a *Agent) roundTrip(ctx context.Context, op string, hearer *Agent, text string, send func(now circuit.Instant, sent *circuit.Instant) error) error {
	planned := intended(ctx, a.loop.Now())
	w := &awaited{op: op, from: a.ID, text: text, heard: make(chan circuit.Instant, 1)}
	var sent circuit.Instant // a's loop owns it
	end, err := a.exchange(ctx, hearer, w, func(now circuit.Instant) error { return send(now, &sent) })
	if err != nil {
		hearer.post(func(circuit.Instant) { hearer.forget(w) })
	}
	a.post(func(now circuit.Instant) {
		if err != nil {
			end = now
		}
		if sent == 0 { // it never was
			sent = end
		}
		a.opt.Observer.Done(op, planned, sent, max(end, sent), roundTripReason(err))
	})
	return err
}

// exchange has hearer listen, then the text sent, and waits.
func (a *Agent) exchange(ctx context.Context, hearer *Agent, w *awaited, send func(now circuit.Instant) error) (end circuit.Instant, err error) {
	if err := checkText(w.op, w.text); err != nil {
		return 0, err
	}
	if hearer != a {
		err := hearer.do(ctx, func(circuit.Instant) error {
			hearer.heard = append(hearer.heard, w)
			return nil
		})
		if err != nil {
			return 0, err
		}
	}
	err = a.do(ctx, func(now circuit.Instant) error {
		if hearer == a { // one call does for both
			a.heard = append(a.heard, w)
		}
		return send(now)
	})
	if err != nil {
		return 0, err
	}
	return a.listen(ctx, hearer, w)
}

// longestText is how many bytes of a line or an instant message simulators
// carry; they cut what is longer, and it would never be recognised.
const longestText = 1023

func checkText(op, text string) error {
	if text == "" || len(text) > longestText || !utf8.ValidString(text) || strings.ContainsRune(text, 0) {
		return &failure{"bad_text", fmt.Sprintf("%s of %d bytes: give 1 to %d bytes of UTF-8 without a NUL: others don't come back as they were", op, len(text), longestText)}
	}
	return nil
}

// listen waits until the text has been heard.
func (a *Agent) listen(ctx context.Context, hearer *Agent, w *awaited) (end circuit.Instant, err error) {
	select {
	case end = <-w.heard:
		return end, nil
	case <-ctx.Done():
		err = context.Cause(ctx)
	case <-hearer.done:
		err = hearer.gone()
	case <-a.done:
		err = a.gone()
	}
	select {
	case end = <-w.heard: // both at once: it happened
		return end, nil
	default:
		return 0, fmt.Errorf("wait for %s: %w", w.op, err)
	}
}

func roundTripReason(err error) string {
	var lost *LostError
	if errors.As(err, &lost) {
		return agentLeft
	}
	return reason.Of(err)
}

// hear ends the first wait, if any, for this text.
func (a *Agent) hear(op string, at circuit.Instant, from uuid.UUID, text []byte) {
	for _, w := range a.heard {
		if w.op == op && w.from == from && w.text == string(text) {
			w.heard <- at
			a.forget(w)
			return
		}
	}
}

func (a *Agent) forget(w *awaited) {
	if i := slices.Index(a.heard, w); i >= 0 {
		a.heard = slices.Delete(a.heard, i, i+1)
	}
}
