package main

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"
)

// child starts an embedded grid that is gone when the test ends.
func child(t *testing.T) *childGrid {
	t.Helper()
	var log bytes.Buffer
	g, err := startChild(gridFlags{regions: 1, interest: 30}, "secret", &logging{level: "warn", format: "text"}, &log)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := g.stop(); err != nil || log.Len() > 0 {
			t.Errorf("stop: %v, it logged %q", err, log.String())
		}
	})
	return g
}

func answers(t *testing.T, uri string) bool {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, uri, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(req)
	if err != nil {
		return false
	}
	resp.Body.Close()
	return true
}

func TestTheEmbeddedGridIsAProcessThatTellsItsCPU(t *testing.T) {
	t.Parallel()
	g := child(t)
	if !answers(t, g.loginURI) {
		t.Fatalf("nobody answers at %s", g.loginURI)
	}
	for end := time.Now().Add(time.Minute); g.cpuSeconds() <= 0; {
		if time.Now().After(end) {
			t.Fatal("it never told what CPU it used")
		}
		if !answers(t, g.loginURI) {
			t.Fatal("it went away")
		}
	}
	ctx, release := g.guard(t.Context())
	release()
	if err := g.stop(); err != nil {
		t.Error(err)
	}
	if answers(t, g.loginURI) {
		t.Error("it still answers")
	}
	if err := context.Cause(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("after its orderly end the context ended with %v", err)
	}
}

func TestAGridThatDiesEndsTheRun(t *testing.T) {
	g := child(t)
	ctx, release := g.guard(t.Context())
	defer release()
	if err := g.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	<-ctx.Done()
	err := context.Cause(ctx)
	if err == nil || !strings.Contains(err.Error(), "the embedded grid ended in the middle of the run") || exitCode(err) != exitInternal {
		t.Errorf("the run ends with %v, exit code %d", err, exitCode(err))
	}
}
