package cluster

import (
	"errors"
	"log/slog"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
)

// With the workers' token one is a worker, and nothing else.
func TestWhatWorkersMay(t *testing.T) {
	t.Parallel()
	var log atomic.Pointer[slog.Logger]
	e, err := embed("127.0.0.1:0", &doorman{DefaultName, testToken, "the-controllers-own-token"}, TLS{}, &log)
	if err != nil {
		t.Fatal(err)
	}
	defer e.close()
	if err := e.store(t.TempDir()); err != nil {
		t.Fatal(err)
	}
	connect := func(token string, denied chan error) *nats.Conn {
		nc, err := dial("nats://"+e.addr(), "test", token, TLS{}, slog.New(slog.DiscardHandler),
			nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) { denied <- err }))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(nc.Close)
		return nc
	}
	denied := make(chan error, 1)
	worker := connect(testToken, denied)
	s := subjects{DefaultName, "run-1"}
	for _, tt := range []struct {
		subject string
		may     bool
	}{
		{s.join(), true},
		{s.clock(), true},
		{s.beatOf("some-worker"), true},
		{s.frames(3), true},
		{s.beat(), false},
		{s.worker("some-worker"), false},
		{"$JS.API.STREAM.DELETE." + s.stream(), false},
		{"_INBOX.somebody.else", false},
		{"other.join", false},
	} {
		if err := worker.Publish(tt.subject, nil); err != nil {
			t.Fatal(err)
		}
		if err := worker.Flush(); err != nil {
			t.Fatal(err)
		}
		if tt.may {
			select {
			case err := <-denied:
				t.Errorf("%s: %v", tt.subject, err)
			default:
			}
			continue
		}
		select {
		case err := <-denied:
			if !errors.Is(err, nats.ErrPermissionViolation) {
				t.Errorf("%s: %v", tt.subject, err)
			}
		case <-time.After(testLimit):
			t.Errorf("a worker may publish to %s", tt.subject)
		}
	}
	leader := connect("the-controllers-own-token", make(chan error, 1))
	if err := leader.Publish(s.beat(), nil); err != nil || leader.Flush() != nil {
		t.Error(err)
	}
	if _, err := dial("nats://"+e.addr(), "test", "nobodys-token-at-all", TLS{}, slog.New(slog.DiscardHandler)); !errors.As(err, new(*JoinError)) {
		t.Errorf("a wrong token: %v", err)
	}
}
