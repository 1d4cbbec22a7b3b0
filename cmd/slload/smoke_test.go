package main

import (
	"bytes"
	"errors"
	"log/slog"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/slload/slload/agent"
	"github.com/slload/slload/behaviors"
	"github.com/slload/slload/internal/target"
)

func TestACheckThatFailsDecidesTheExitCode(t *testing.T) {
	var out bytes.Buffer
	report, err := newReporter("text", "slload.smoke", &out)
	if err != nil {
		t.Fatal(err)
	}
	account := agent.Account{First: "Load", Last: "Bot1", Password: "open sesame"}
	s, err := newStage(t.Context(), &castFlags{}, new(target.Guard), []agent.Account{account}, newStory(nil, "none"), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	cast := &behaviors.Cast{Rand: rand.New(rand.NewPCG(1, 2)), LoggedOut: []agent.Options{s.options(account)}}
	err = (&smokeFlags{}).check(t.Context(), s, cast, []behaviors.Check{
		{Name: "bad packet", Behavior: "parse_packets", With: map[string]string{"hex": "00"}},
		{Name: "chat echo", Behavior: "chat"},
	}, report)
	if code := exitCode(errors.Join(err, s.close())); code != exitThreshold || !strings.Contains(err.Error(), "1 of 2 checks failed") {
		t.Errorf("exit code %d: %v", code, err)
	}
	for _, want := range []string{"fail", "bad packet: decode datagram 1:", "pass", "1 passed, 1 failed, 0 skipped"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the report lacks %q:\n%s", want, out.String())
		}
	}
}
