package udp

import (
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// bubble runs a test on a memory network whose time is the bubble's.
func bubble(t *testing.T, test func(r *rig, network *Memory)) {
	synctest.Test(t, func(t *testing.T) {
		network := NewMemory()
		r := &rig{TB: t, server: network.Conn(Config{Listen: netip.MustParseAddrPort("127.0.0.1:9000")}), client: network.Conn(Config{})}
		r.toServer = r.know(r.server.Local(0))
		test(r, network)
	})
}

// arrivals reads until nothing came for a minute, and tells what came when.
func (r *rig) arrivals(c Conn) (texts []string, after []time.Duration) {
	r.Helper()
	start, batch := time.Now(), make([]Packet, 4)
	for {
		before := time.Now()
		if err := c.Wait(time.Minute); err != nil {
			r.Fatal(err)
		}
		if time.Since(before) == time.Minute {
			return texts, after
		}
		n, err := c.ReadBatch(batch)
		if err != nil {
			r.Fatal(err)
		}
		for _, p := range batch[:n] {
			texts = append(texts, string(p.Data))
			after = append(after, time.Unix(0, p.Time).Sub(start))
		}
	}
}

func TestMemoryFilter(t *testing.T) {
	bubble(t, func(r *rig, network *Memory) {
		delays := map[byte][]time.Duration{
			'd': {30 * time.Millisecond},
			'e': {30 * time.Millisecond},
			'l': nil,
			't': {0, 50 * time.Millisecond},
		}
		network.Filter = func(_, to Addr, data []byte) []time.Duration {
			if to != r.toServer {
				t.Errorf("filtered a datagram to %v", to)
			}
			if d, ok := delays[data[0]]; ok {
				return d
			}
			return []time.Duration{0}
		}
		r.say(r.endpoint(), "delayed", "lost", "twice", "even later", "plain")
		texts, after := r.arrivals(r.server)
		ms := time.Millisecond
		if diff := cmp.Diff([]string{"twice", "plain", "delayed", "even later", "twice"}, texts); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff([]time.Duration{0, 0, 30 * ms, 30 * ms, 50 * ms}, after); diff != "" {
			t.Error(diff)
		}
	})
}

func TestMemoryKeepsOrderOfEqualDelays(t *testing.T) {
	bubble(t, func(r *rig, network *Memory) {
		network.Filter = func(Addr, Addr, []byte) []time.Duration { return []time.Duration{time.Millisecond} }
		e, want := r.endpoint(), []string{}
		for i := range 100 {
			want = append(want, string(rune('A'+i)))
			r.say(e, want[i])
		}
		texts, _ := r.arrivals(r.server)
		if diff := cmp.Diff(want, texts); diff != "" {
			t.Error(diff)
		}
	})
}

func TestMemoryWaitIsExact(t *testing.T) {
	bubble(t, func(r *rig, network *Memory) {
		start := time.Now()
		if err := r.server.Wait(time.Minute); err != nil || time.Since(start) != time.Minute {
			t.Fatalf("Wait(1m) = %v after %v", err, time.Since(start))
		}
		e := r.endpoint()
		go func() {
			time.Sleep(time.Second)
			r.say(e, "one second later")
		}()
		start = time.Now()
		if err := r.server.Wait(time.Minute); err != nil || time.Since(start) != time.Second {
			t.Fatalf("Wait = %v after %v, want the datagram after 1s", err, time.Since(start))
		}
		r.hear(r.server, "one second later")
	})
}

func TestMemoryDataIsTheReaders(t *testing.T) {
	bubble(t, func(r *rig, network *Memory) {
		data := []byte("as written")
		if _, err := r.client.WriteBatch([]Packet{{Data: data, Endpoint: r.endpoint(), Peer: r.toServer}}); err != nil {
			t.Fatal(err)
		}
		copy(data, "over again")
		r.hear(r.server, "as written")
	})
}
