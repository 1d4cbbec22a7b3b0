package circuit

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/slload/slload/internal/udp"
	"github.com/slload/slload/message"
)

func TestStatsOfLoopsAddUp(t *testing.T) {
	a := LoopStats{
		PacketsSent: 1, Resent: 2, MailboxDepth: 9, Malformed: map[string]uint64{"short": 1},
		Unhandled: map[message.ID]uint64{message.IDSimStats: 1}, Conn: udp.Counters{KernelDrops: 3},
	}
	b := LoopStats{
		PacketsSent: 10, Resent: 20, MailboxDepth: 4, Malformed: map[string]uint64{"short": 1, "acks": 2},
		Unhandled: map[message.ID]uint64{message.IDSimStats: 2}, Conn: udp.Counters{KernelDrops: 4},
	}
	b.TickLag.Record(ms)
	var sum LoopStats
	sum.Add(a)
	sum.Add(b)
	want := LoopStats{
		PacketsSent: 11, Resent: 22, MailboxDepth: 9, Malformed: map[string]uint64{"short": 2, "acks": 2},
		Unhandled: map[message.ID]uint64{message.IDSimStats: 3}, Conn: udp.Counters{KernelDrops: 7}, TickLag: b.TickLag,
	}
	if diff := cmp.Diff(want, sum); diff != "" {
		t.Errorf("sum (-want +got):\n%s", diff)
	}
	if a.Malformed["short"] != 1 {
		t.Error("adding changed the addend")
	}
}
