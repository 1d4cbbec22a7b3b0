package circuit

import (
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/slload/slload/message"
)

func TestWantDeliversToOtherOnThatCircuitOnly(t *testing.T) {
	var got []string
	s := newScene(t, func(cfg *Config) {
		cfg.Dispatch.Other = func(ev *Event) { got = append(got, ev.Circuit.Owner.(string)+" "+ev.ID.String()) }
	})
	a := s.open(func(cfg *CircuitConfig) { cfg.Owner = "a" })
	b := s.open(func(cfg *CircuitConfig) { cfg.Owner = "b" })
	a.circuit.Want(message.IDSimStats, true)
	a.circuit.Want(message.IDChatFromSimulator, true)
	for _, p := range []*peer{a, b} {
		p.sends("1 SimStats", "2 ChatFromSimulator(x)")
	}
	s.turn()
	a.circuit.Want(message.IDSimStats, false)
	a.sends("3 SimStats")
	s.hears("(x)", "(x)") // the table's own handlers have theirs as well
	if diff := cmp.Diff([]string{"a SimStats", "a ChatFromSimulator"}, got); diff != "" {
		t.Errorf("delivered to Other (-want +got):\n%s", diff)
	}
}

func TestEventTellsItsPacket(t *testing.T) {
	var got Event
	s := newScene(t, func(cfg *Config) {
		cfg.Dispatch.On(message.IDChatFromSimulator, func(ev *Event) { got = *ev })
	})
	p := s.open()
	data := packetBytes(t, "reliable 7 ChatFromSimulator(hello)")
	p.sendsBytes(data)
	s.turn()
	if got.Loop != s.loop || got.Circuit != p.circuit || got.ID != message.IDChatFromSimulator ||
		got.Number != message.IDChatFromSimulator.Number() || got.Flags&message.FlagReliable == 0 ||
		got.Size != len(data) || got.Peer != p.addr || got.Endpoint != p.endpoint || got.Now != s.now {
		t.Errorf("event %+v", got)
	}
	body, _ := parseMessage(t, "ChatFromSimulator(hello)").AppendBody(nil)
	if diff := cmp.Diff(body, got.Body); diff != "" {
		t.Errorf("body (-want +got):\n%s", diff)
	}
}

func TestHandlerMayCloseTheCircuit(t *testing.T) {
	s := newScene(t, func(cfg *Config) {
		cfg.Dispatch.On(message.IDSimStats, func(ev *Event) { ev.Circuit.Close(ev.Now, nil) })
		cfg.Dispatch.Other = func(*Event) { t.Error("delivered on a closed circuit") }
	})
	p := s.open()
	p.circuit.Want(message.IDSimStats, true)
	p.sends("reliable 1 SimStats", "2 SimStats")
	p.expects("1 PacketAck(1)", 0)
	if got := s.loop.Stats().Unknown; got != 1 {
		t.Errorf("%d packets of unknown peers, want the one after the close", got)
	}
}

func TestUnknownMessagesGoToWhoAsksForThem(t *testing.T) {
	var got Event
	s := newScene(t, func(cfg *Config) {
		cfg.Dispatch.Unknown = func(ev *Event) { got = *ev }
	})
	p := s.open()
	p.sendsBytes([]byte("\x00\x00\x00\x00\x01\x00\xFF\xFF\xEE\xEEbody"))
	s.turn()
	if got.ID != message.NoID || got.Number != 0xFFFFEEEE || string(got.Body) != "body" || got.Circuit != p.circuit {
		t.Errorf("event %+v", got)
	}
}

func TestStrangersAreCountedAndIgnored(t *testing.T) {
	s := newScene(t)
	p := s.stranger()
	p.sends("reliable 1 ChatFromSimulator(x)")
	p.expectsNothing(100 * ms)
	s.hears()
	if got := s.loop.Stats().Unknown; got != 1 {
		t.Errorf("%d packets of unknown peers, want 1", got)
	}
}

// serve makes a scene a server that lets in who comes with a UseCircuitCode of
// 1000 or more.
func serve(cfg *Config) {
	observer := cfg.Observer
	cfg.Dispatch.On(message.IDUseCircuitCode, func(ev *Event) {
		observer.Count("admitted", int(ev.Message.(*message.UseCircuitCode).CircuitCode.Code))
	})
	cfg.Accept = func(ev *Event) bool {
		m, ok := ev.Message.(*message.UseCircuitCode)
		if !ok || m.CircuitCode.Code < 1000 {
			return false
		}
		_, err := ev.Loop.Open(CircuitConfig{
			Peer: ev.Peer.AddrPort(), Endpoint: ev.Endpoint, HasEndpoint: true, Code: m.CircuitCode.Code, PingEvery: -1,
			OnClose: func(_ Instant, _ *Circuit, err error) {
				if errors.Is(err, ErrReplaced) {
					observer.Count("replaced", 1)
				}
			},
		})
		return err == nil
	}
}

func TestServerAcceptsAPeerWithTheVeryPacket(t *testing.T) {
	s := newScene(t, serve)
	p := s.stranger()
	p.sends("1 ChatFromViewer(early)", "reliable 2 UseCircuitCode(999)")
	p.expectsNothing(100 * ms)
	p.sends("reliable 3 UseCircuitCode(1001)")
	p.expects("1 PacketAck(3)", 20*ms)
	p.sends("reliable resent 3 UseCircuitCode(1001)", "4 ChatFromViewer(hi)")
	p.expects("2 PacketAck(3)", 20*ms)
	s.hears("(hi)")
	if s.counts["admitted"] != 1001 {
		t.Errorf("handlers saw UseCircuitCode %d, want 1001 once", s.counts["admitted"])
	}
	if got := s.loop.Stats().Unknown; got != 2 {
		t.Errorf("%d packets of unknown peers, want 2", got)
	}
}

func TestPeerThatComesBackWithAnotherCodeIsANewCircuit(t *testing.T) {
	s := newScene(t, serve)
	p := s.stranger()
	p.sends("reliable 1 UseCircuitCode(1001)", "reliable 2 ChatFromViewer(a)")
	p.expects("1 PacketAck(1,2)", 20*ms)
	p.sends("reliable 1 UseCircuitCode(1002)", "reliable 2 ChatFromViewer(b)")
	p.expects("1 PacketAck(1,2)", 20*ms)
	s.hears("(a)", "(b)")
	if s.counts["replaced"] != 1 || s.counts["admitted"] != 1001+1002 || s.loop.Stats().Circuits != 1 {
		t.Errorf("counts %v, %d circuits; want one replaced, one open", s.counts, s.loop.Stats().Circuits)
	}
}

func TestServerSurvivesMalformedStrangers(t *testing.T) {
	s := newScene(t, serve)
	p := s.stranger()
	for _, packet := range []string{"", "\x40", "\x00\x00\x00\x00\x01\x00\xFF", "\x00\x00\x00\x00\x01\x00\xFF\xFF\xEE\xEE", "\x00\x00\x00\x00\x01\x00\xFF\xFF\x00\x03\x01"} {
		p.sendsBytes([]byte(packet))
	}
	p.expectsNothing(100 * ms)
	want := map[string]uint64{"short": 2, "number": 1, "body": 1}
	if diff := cmp.Diff(want, s.loop.Stats().Malformed); diff != "" {
		t.Errorf("malformed (-want +got):\n%s", diff)
	}
}

func TestIntendedStartTravelsInTheContext(t *testing.T) {
	if _, ok := Intended(context.Background()); ok {
		t.Error("a plain context has an intended start")
	}
	ctx := WithIntended(context.Background(), 17)
	if at, ok := Intended(ctx); !ok || at != 17 {
		t.Errorf("got %d, %v; want 17, true", at, ok)
	}
	if at, ok := Intended(ctx); ok {
		t.Errorf("the action's second operation was planned for %d, too", at)
	}
}
