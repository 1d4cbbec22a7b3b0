package agent_test

import (
	"context"
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/slload/slload/agent"
	"github.com/slload/slload/internal/witness"
	"github.com/slload/slload/message"
)

// Journeys of our own agents through a real OpenSimulator.
const (
	teleports = "../testdata/captures/opensim-0.9.2-teleport.pcap"
	crossings = "../testdata/captures/opensim-0.9.2-crossing.pcap"
)

// leg is a part of a captured journey: what the client asked for, if it asked,
// and where OpenSim then put it.
type leg struct {
	request   *message.TeleportLocationRequest // nil: it walked over a border
	elsewhere uint64                           // handle of the region that it came to; 0: the same one
	at        message.Vector3
}

// legs reads a journey out of its capture.
func legs(t *testing.T, said []saying) (list []leg) {
	var asked *message.TeleportLocationRequest
	for i, c := range said {
		switch m := open(t, c.data).(type) {
		case *message.TeleportLocationRequest:
			asked = m
		case *message.TeleportLocal:
			list = append(list, leg{asked, 0, m.Info.Position})
			asked = nil
		case *message.AgentMovementComplete:
			if i > 20 { // the first is the login's
				list = append(list, leg{asked, m.Data.RegionHandle, m.Data.Position})
				asked = nil
			}
		}
	}
	return list
}

// travel logs an agent in to the playback of a journey and has it ask for what
// the captured client asked for: it must get to where OpenSim put that one,
// or some metres on, as far as that one walked before its next request.
func travel(t *testing.T, name string, want int, walks float64) {
	p := newPlayback(t, name)
	route := legs(t, p.said)
	if len(route) != want {
		t.Fatalf("the capture has %d legs, want %d", len(route), want)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	played := make(chan error, 1)
	loop := startLoop(t, witness.Hearing)
	go func() { played <- p.play(ctx) }()
	defer func() {
		cancel()
		if err := <-played; err != nil {
			t.Error(err)
		}
	}()
	a, err := agent.Login(ctx, agent.Options{
		Loop: loop, LoginURI: p.http.URL, HTTP: witness.Client(t, oneRequestEach), Neighbours: true,
		Account: agent.Account{First: "Load", Last: "Bot101"},
	})
	if err != nil {
		t.Fatal(err)
	}
	changes := make(chan agent.RegionChanged, 8)
	defer agent.Subscribe(a, func(e agent.RegionChanged) { changes <- e })()
	for i, l := range route {
		if l.request == nil {
			p.walkOn <- true
		} else if err := a.TeleportTo(ctx, l.request.Info.RegionHandle, l.request.Info.Position); err != nil {
			t.Fatalf("leg %d: %v", i, err)
		}
		if l.elsewhere != 0 {
			checkChange(ctx, t, fmt.Sprint("leg ", i), l, changes)
		}
		if s, err := a.State(ctx); err != nil || apart(s.Position, l.at) > walks {
			t.Errorf("leg %d ended at %v, %v; OpenSim said %v", i, s.Position, err, l.at)
		}
	}
}

func checkChange(ctx context.Context, t *testing.T, where string, l leg, changes <-chan agent.RegionChanged) {
	t.Helper()
	select {
	case e := <-changes:
		if got := uint64(e.To.X)<<32 | uint64(e.To.Y); got != l.elsewhere || e.Crossed != (l.request == nil) {
			t.Errorf("%s led to %+v; want %#x", where, e, l.elsewhere)
		}
	case <-ctx.Done():
		t.Fatalf("%s: the agent never came to %#x", where, l.elsewhere)
	}
}

func apart(a, b message.Vector3) float64 {
	return math.Hypot(float64(a.X-b.X), float64(a.Y-b.Y))
}

// To a region, inside it, and to a third.
func TestAgentLivesThroughCapturedTeleports(t *testing.T) {
	t.Parallel()
	travel(t, teleports, 3, 0.1)
}

// To the border, over it, and again: neighbours have circuits already.
func TestAgentLivesThroughCapturedCrossings(t *testing.T) {
	t.Parallel()
	travel(t, crossings, 4, 16)
}
