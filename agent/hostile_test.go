package agent

import (
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/slload/slload/circuit"
	"github.com/slload/slload/internal/captured"
	"github.com/slload/slload/message"
)

// What a simulator may get wrong, or do on purpose.

func TestObjectsAreAskedForOnce(t *testing.T) {
	inWorld(t, func(w *world) {
		a := w.enter("Ann", withoutQueue)
		cached := func(from, n uint32) {
			m := &message.ObjectUpdateCached{}
			for id := from; id < from+n; id++ {
				m.ObjectData = append(m.ObjectData, message.ObjectUpdateCachedObjectData{ID: id})
			}
			w.tells(a, m)
		}
		w.elapse(soon)
		w.heard()
		// Two hundred of the five bytes that an id takes fill a datagram; a
		// viewer without a cache asks for all that it hasn't seen.
		cached(1, 90)
		w.hears("RequestMultipleObjects 90")
		w.tells(a, &message.ObjectUpdate{ObjectData: []message.ObjectUpdateObjectData{{ID: 5, PCode: 9}, {ID: 6, PCode: 9}}})
		cached(4, 4)
		w.hears("RequestMultipleObjects 2")
		cached(5, 2)
		cached(1, 0)
		w.hears()
	})
}

func TestObjectsAreAskedForByTwoHundreds(t *testing.T) {
	s := newStill(t)
	m := &message.ObjectUpdateCached{ObjectData: make([]message.ObjectUpdateCachedObjectData, 255)}
	for i := range m.ObjectData {
		m.ObjectData[i].ID = uint32(i)
	}
	s.conn.keep = true
	s.region.objectUpdateCached(&circuit.Event{Now: circuit.Now()}, m)
	var got []string
	for _, name := range s.sent(t) {
		if strings.HasPrefix(name, "Request") {
			got = append(got, name)
		}
	}
	if diff := cmp.Diff([]string{"RequestMultipleObjects 200", "RequestMultipleObjects 55"}, got); diff != "" {
		t.Errorf("sent (-want +got):\n%s", diff)
	}
}

func TestSceneOfAHostileSimulatorIsBounded(t *testing.T) {
	r := newRegion()
	m := &message.ObjectUpdate{ObjectData: make([]message.ObjectUpdateObjectData, 255)}
	compressed := &message.ObjectUpdateCompressed{ObjectData: make([]message.ObjectUpdateCompressedObjectData, 1)}
	for id := uint32(0); id < 3*maxObjects; {
		for i := range m.ObjectData {
			id++
			m.ObjectData[i] = message.ObjectUpdateObjectData{ID: id * 64, PCode: pcodeAvatar} // nobody's neighbour
		}
		r.objectUpdate(nil, m)
		compressed.ObjectData[0].Data = append(make([]byte, compressedID), 1, byte(id), byte(id>>8), 0xFF, pcodeAvatar, 0)
		r.objectUpdateCompressed(nil, compressed)
	}
	if r.scene.objects.n != maxObjects || len(r.scene.avatars) != maxAvatars || len(r.scene.objects.pages) > maxObjects {
		t.Errorf("%d objects in %d pages, %d avatars; want %d and %d", r.scene.objects.n, len(r.scene.objects.pages), len(r.scene.avatars), maxObjects, maxAvatars)
	}
}

// Numbers that are none would get into AgentUpdates and results.
func TestPositionsThatAreNoNumbersAreIgnored(t *testing.T) {
	r := newRegion()
	r.scene.self = 8
	r.scene.moveTo(message.Vector3{X: 1, Y: 2, Z: 3})
	nan, inf := float32(math.NaN()), float32(math.Inf(-1))
	for _, p := range []message.Vector3{{X: nan}, {Y: inf}, {Z: nan}} {
		r.scene.moveTo(p)
	}
	terse := unhex(t, "08000000"+"00"+"00"+"0000c07f"+"00000040"+"00004040")
	r.terseUpdate(nil, &message.ImprovedTerseObjectUpdate{ObjectData: []message.ImprovedTerseObjectUpdateObjectData{{Data: terse}}})
	if want := (message.Vector3{X: 1, Y: 2, Z: 3}); r.scene.position != want {
		t.Errorf("position %v, want %v", r.scene.position, want)
	}
}

func TestTerseDataOfAnyLength(t *testing.T) {
	r := newRegion()
	r.scene.self = 8
	whole := unhex(t, "08000000"+"00"+"01"+plane+"0000803f"+"00000040"+"00004040")
	for n := range len(whole) {
		r.terseUpdate(nil, &message.ImprovedTerseObjectUpdate{ObjectData: []message.ImprovedTerseObjectUpdateObjectData{{Data: whole[:n]}}})
		if r.scene.position != (message.Vector3{}) {
			t.Fatalf("%d of %d bytes gave the position %v", n, len(whole), r.scene.position)
		}
	}
}

// The number of an object that is gone may be given to another: its motion is
// not the agent's.
func TestOwnNumberIsForgottenWithItsObject(t *testing.T) {
	r := newRegion()
	r.scene.self, r.scene.seat = 8, 3
	r.killObject(nil, &message.KillObject{ObjectData: []message.KillObjectObjectData{{ID: 8}}})
	terse := unhex(t, "08000000"+"00"+"00"+"0000803f"+"00000040"+"00004040")
	r.terseUpdate(nil, &message.ImprovedTerseObjectUpdate{ObjectData: []message.ImprovedTerseObjectUpdateObjectData{{Data: terse}}})
	if r.scene.position != (message.Vector3{}) || r.scene.seat != 0 {
		t.Errorf("position %v, seat %d", r.scene.position, r.scene.seat)
	}
}

func TestStatsOfAHostileSimulator(t *testing.T) {
	r := newRegion()
	r.agent.subs = []subscriber{{func(e RegionStats) {
		if e.FPS != 45 || e.TimeDilation != 0 || e.Agents != mostCounted {
			t.Errorf("stats %+v", e)
		}
	}, &subscription{}}}
	m := &message.SimStats{Stat: make([]message.SimStatsStat, 10_000)}
	for i := range m.Stat {
		m.Stat[i] = message.SimStatsStat{StatID: uint32(i), StatValue: float32(math.NaN())}
	}
	m.Stat[9_997] = message.SimStatsStat{StatID: statAgents, StatValue: 1e30}
	m.Stat[9_998] = message.SimStatsStat{StatID: statTimeDilation, StatValue: float32(math.Inf(1))}
	m.Stat[9_999] = message.SimStatsStat{StatID: statSimFPS, StatValue: 45}
	r.simStats(&circuit.Event{}, m)
}

// A simulator that repeats itself without an end and acknowledges nothing gets
// no more answers than a circuit holds; the others are counted, not logged.
func TestHandshakesWithoutEnd(t *testing.T) {
	inWorld(t, func(w *world) {
		r := w.enter("Ann", withoutQueue).root
		w.elapse(soon)
		w.home.see(func() {
			before := w.logged.String()
			for range 3 * circuit.DefaultUnacked {
				r.handshake(&circuit.Event{Now: circuit.Now(), At: circuit.Now()}, &message.RegionHandshake{})
			}
			if n := w.home.counts[countUnsent]; n != 2*circuit.DefaultUnacked {
				t.Errorf("%d answers were left out, want %d", n, 2*circuit.DefaultUnacked)
			}
			if after := w.logged.String(); after != before {
				t.Errorf("logged:\n%s", after[len(before):])
			}
		})
		w.elapse(time.Second)
	})
}

// opened gives a datagram's message and its blocks.
func opened(f *testing.F, data []byte) (message.ID, []byte) {
	f.Helper()
	p, err := message.ParsePacket(data)
	if err != nil {
		f.Fatal(err)
	}
	body, err := p.Decoded(nil)
	if err != nil {
		f.Fatal(err)
	}
	number, n, err := message.ReadNumber(body)
	if err != nil {
		f.Fatal(err)
	}
	id, _ := message.Lookup(number)
	return id, body[n:]
}

func FuzzSceneMessages(f *testing.F) {
	f.Add(byte(0), []byte{1, 2, 3})
	ids := []message.ID{message.IDObjectUpdate, message.IDObjectUpdateCompressed, message.IDImprovedTerseObjectUpdate,
		message.IDKillObject, message.IDSimStats, message.IDChatFromSimulator, message.IDImprovedInstantMessage}
	for i, id := range ids {
		body, err := message.New(id).AppendBody(nil)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(byte(i), body)
	}
	captured.SeedDatagrams(f, func(data []byte) {
		if id, body := opened(f, data); slices.Contains(ids, id) {
			f.Add(byte(slices.Index(ids, id)), body)
		}
	})
	f.Fuzz(func(t *testing.T, which byte, body []byte) {
		m := message.New(ids[int(which)%len(ids)])
		if _, err := m.DecodeBody(body); err != nil {
			return
		}
		r := newRegion()
		r.scene.self = 8
		r.agent.subs = []subscriber{{func(RegionStats) {}, &subscription{}}, {func(ChatHeard) {}, &subscription{}}, {func(IMReceived) {}, &subscription{}}}
		r.agent.heard = []*awaited{{op: OpChat, text: "x", heard: make(chan circuit.Instant, 1)}}
		ev := &circuit.Event{Now: 1, At: 1}
		switch m := m.(type) {
		case *message.ObjectUpdate:
			r.objectUpdate(ev, m)
		case *message.ObjectUpdateCompressed:
			r.objectUpdateCompressed(ev, m)
		case *message.ImprovedTerseObjectUpdate:
			r.terseUpdate(ev, m)
		case *message.KillObject:
			r.killObject(ev, m)
		case *message.SimStats:
			r.simStats(ev, m)
		case *message.ChatFromSimulator:
			r.chat(ev, m)
		case *message.ImprovedInstantMessage:
			r.instantMessage(ev, m)
		}
		if p := r.scene.position; !finite(p.X) || !finite(p.Y) || !finite(p.Z) {
			t.Errorf("position %v", p)
		}
		if len(r.scene.avatars) > r.scene.objects.n {
			t.Errorf("%d avatars among %d objects", len(r.scene.avatars), r.scene.objects.n)
		}
	})
}
