package circuit

import (
	"fmt"
	"net/netip"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/slload/slload/message"
)

func TestDuplicateIsAckedAgainAndDeliveredOnce(t *testing.T) {
	s := newScene(t)
	p := s.open()
	p.sends("reliable 7 ChatFromSimulator(hello)")
	p.expects("1 PacketAck(7)", 20*ms)
	p.sends("reliable resent 7 ChatFromSimulator(hello)")
	p.expects("2 PacketAck(7)", 20*ms)
	s.hears("(hello)")
	if got := p.circuit.Stats().Duplicates; got != 1 {
		t.Errorf("%d duplicates counted, want 1", got)
	}
}

func TestReorderedPacketsAreDeliveredAsTheyCome(t *testing.T) {
	s := newScene(t)
	p := s.open()
	p.sends("reliable 3 ChatFromSimulator(c)", "reliable 1 ChatFromSimulator(a)", "2 ChatFromSimulator(b)")
	s.hears("(c)", "(a)", "(b)")
}

func TestPeersSequenceRunsThroughU32(t *testing.T) {
	s := newScene(t)
	p := s.open()
	p.sends(
		"reliable 4294967294 ChatFromSimulator(a)",
		"reliable 4294967295 ChatFromSimulator(b)",
		"reliable 0 ChatFromSimulator(c)",
		"reliable 1 ChatFromSimulator(d)",
		"reliable resent 4294967295 ChatFromSimulator(b)",
	)
	s.hears("(a)", "(b)", "(c)", "(d)")
	p.expects("1 PacketAck(4294967294,4294967295,0,1,4294967295)", 20*ms)
}

func TestViewersSequenceWrapsAt24Bits(t *testing.T) {
	s := newScene(t)
	p := s.open()
	p.sends(
		"reliable 16777214 ChatFromSimulator(a)",
		"reliable 0 ChatFromSimulator(b)",
		"reliable 16777215 ChatFromSimulator(late)",
		"reliable resent 16777214 ChatFromSimulator(a)",
		"reliable resent 0 ChatFromSimulator(b)",
	)
	s.hears("(a)", "(b)", "(late)")
}

func TestOwnSequenceCountsThroughU32(t *testing.T) {
	s := newScene(t)
	p := s.open()
	p.circuit.sequence = 0xFFFFFF
	p.says("past")
	p.expects("16777216 ChatFromViewer(past)", 0) // a viewer's would wrap to 0
	p.circuit.sequence = 0xFFFFFFFF - 1
	last, first := p.saysReliably("last"), p.saysReliably("first")
	p.expects("reliable 4294967295 ChatFromViewer(last)", 0)
	p.expects("reliable 0 ChatFromViewer(first)", 0)
	p.sends("1 PacketAck(0)", "2 PacketAck(4294967295)")
	s.turn()
	if last.calls != 1 || first.calls != 1 {
		t.Errorf("acks across the wrap: done called %d and %d times, want once each", last.calls, first.calls)
	}
}

func TestZerocodedPacketIsDelivered(t *testing.T) {
	s := newScene(t, func(cfg *Config) {
		cfg.Dispatch.On(message.IDAgentUpdate, func(ev *Event) {
			cfg.Observer.Count(ev.ID.String(), 1)
		})
	})
	p := s.open()
	data := packetBytes(t, "reliable 7 AgentUpdate")
	if message.Flags(data[0])&message.FlagZerocoded == 0 {
		t.Fatal("AgentUpdate should be zero-coded")
	}
	p.sendsBytes(data)
	p.expects("1 PacketAck(7)", 20*ms)
	if s.counts["AgentUpdate"] != 1 {
		t.Error("a zero-coded message was not delivered")
	}
}

func TestTrailingBytesAreTolerated(t *testing.T) {
	s := newScene(t)
	p := s.open()
	p.sendsBytes(append(packetBytes(t, "1 ChatFromSimulator(hello)"), 1, 2, 3))
	s.hears("(hello)")
	if got := s.loop.Stats().Trailing; got != 1 {
		t.Errorf("%d messages with trailing bytes counted, want 1", got)
	}
}

func TestMalformedPacketsAreCountedByReason(t *testing.T) {
	tests := []struct{ name, reason, packet string }{
		{"six bytes", "short", "\x00\x00\x00\x00\x01\x00"},
		{"more acks than bytes", "acks", "\x10\x00\x00\x00\x01\x00\x01\x05"},
		{"extra header too long", "extra", "\x00\x00\x00\x00\x01\x09\x01\x02"},
		{"coded extra header too long", "extra", "\x80\x00\x00\x00\x01\x09\x01\x02"},
		{"number cut off", "number", "\x00\x00\x00\x00\x01\x00\xFF"},
		{"coded number cut off", message.ErrZeroRun.Reason(), "\x80\x00\x00\x00\x01\x00\xFF\xFF\x00"},
		{"run cut off", message.ErrZeroRun.Reason(), "\x80\x00\x00\x00\x01\x00\x01\x01\x00"},
		{"expansion", "expansion", "\x80\x00\x00\x00\x01\x00\x01" + string(make([]byte, 300)) + "\x01"},
		{"number nobody has", "unknown_message", "\x00\x00\x00\x00\x01\x00\xFF\xFF\xEE\xEE"},
		{"body cut off", "body", "\x00\x00\x00\x00\x01\x00\x01\x05"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newScene(t)
			p := s.open()
			p.sendsBytes([]byte(tt.packet))
			s.turn()
			if diff := cmp.Diff(map[string]uint64{tt.reason: 1}, s.loop.Stats().Malformed); diff != "" {
				t.Errorf("malformed (-want +got):\n%s", diff)
			}
		})
	}
}

func TestMalformedReliablePacketIsAcked(t *testing.T) {
	s := newScene(t)
	p := s.open()
	p.sendsBytes([]byte("\x40\x00\x00\x00\x09\x00\x01\x05"))
	p.expects("1 PacketAck(9)", 20*ms) // or the peer would send it for ever
}

func TestExtraHeaderIsSkipped(t *testing.T) {
	s := newScene(t)
	p := s.open()
	plain := packetBytes(t, "1 ChatFromSimulator(hello)")
	withExtra := append([]byte{0, 0, 0, 0, 1, 3, 'a', 'b', 'c'}, plain[6:]...)
	coded := append([]byte{byte(message.FlagZerocoded), 0, 0, 0, 2, 3}, message.ZeroEncode(nil, withExtra[6:])...)
	p.sendsBytes(withExtra)
	p.sendsBytes(coded)
	s.hears("(hello)", "(hello)")
}

func TestUnhandledMessagesAreCountedAndAcked(t *testing.T) {
	s := newScene(t)
	p := s.open()
	p.sends("reliable 3 SimStats", "4 SimStats")
	p.expects("1 PacketAck(3)", 20*ms)
	want := map[message.ID]uint64{message.IDSimStats: 2}
	if diff := cmp.Diff(want, s.loop.Stats().Unhandled); diff != "" {
		t.Errorf("unhandled (-want +got):\n%s", diff)
	}
}

func TestReceiveTimeIsTheKernels(t *testing.T) {
	tests := []struct {
		name   string
		kernel time.Duration // before the turn's clock
		none   bool
		want   time.Duration // At before Now
	}{
		{"a little ago", 3 * ms, false, 3 * ms},
		{"no kernel time", 0, true, 0},
		{"the wall clock stepped back since", -time.Hour, false, 0},
		{"the wall clock stepped ahead since", time.Hour, false, 10 * ms},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var now, at Instant
			s := newScene(t, func(cfg *Config) {
				cfg.Dispatch.On(message.IDChatFromSimulator, func(ev *Event) { now, at = ev.Now, ev.At })
			})
			p := s.open()
			s.turn()
			s.now = s.now.Add(10 * ms)
			p.sends("1 ChatFromSimulator(x)")
			raw := &s.conn.arrived[0]
			if raw.Time -= int64(tt.kernel); tt.none {
				raw.Time = 0
			}
			s.turn()
			if got := now.Sub(at); got != tt.want {
				t.Errorf("the packet came %v before the turn, want %v", got, tt.want)
			}
		})
	}
}

func TestBacklogKeepsItsReceiveTime(t *testing.T) {
	// More than one batch waits: the second one came before the first one
	// was read, and must not be clamped to that.
	var last time.Duration
	s := newScene(t, func(cfg *Config) {
		cfg.Dispatch.On(message.IDChatFromSimulator, func(ev *Event) { last = ev.Now.Sub(ev.At) })
	})
	p := s.open()
	s.turn()
	for seq := range 2 * readBatch {
		p.sends(fmt.Sprintf("%d ChatFromSimulator(x)", seq+1))
	}
	s.now = s.now.Add(50 * ms)
	s.turn()
	if last != 50*ms {
		t.Errorf("the last packet of a backlog came %v before the turn, want 50ms", last)
	}
}

func TestReceivingLeavesRoomForTheRest(t *testing.T) {
	s := newScene(t)
	p := s.open()
	s.turn()
	fired := 0
	timer := Timer{Fire: func(Instant) { fired++ }}
	s.loop.Schedule(&timer, s.now)
	s.now += tick
	for seq := range readBatch * (maxBatches + 1) {
		p.sends(fmt.Sprintf("%d ChatFromSimulator(x)", seq+1))
	}
	if wait := s.turn(); wait != 0 {
		t.Errorf("the loop waits %v though more has come", wait)
	}
	if len(s.heard) != readBatch*maxBatches || fired != 1 {
		t.Errorf("%d packets and %d timers in one turn, want %d and 1", len(s.heard), fired, readBatch*maxBatches)
	}
}

func TestTapSeesBothWays(t *testing.T) {
	var seen []string
	s := newScene(t)
	tap := func(_ Instant, out bool, local, peer netip.AddrPort, data []byte) {
		seen = append(seen, fmt.Sprint(out, " ", local, " ", peer, " ", describe(t, data)))
	}
	s.loop.tap, s.loop.out.tap = tap, tap
	p := s.open()
	p.sends("reliable 7 ChatFromSimulator(hello)")
	s.turn()
	p.says("hi")
	s.turn()
	want := []string{
		"false 127.1.0.0:40000 127.0.0.1:9000 reliable 7 ChatFromSimulator(hello)",
		"true 127.1.0.0:40000 127.0.0.1:9000 1 ChatFromViewer(hi) acks 7",
	}
	if diff := cmp.Diff(want, seen); diff != "" {
		t.Errorf("tapped (-want +got):\n%s", diff)
	}
}
