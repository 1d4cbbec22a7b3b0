package agent

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/slload/slload/circuit"
	"github.com/slload/slload/message"
)

// The tick of every agent: it must not allocate.
func BenchmarkAgentUpdate(b *testing.B) {
	s := newStill(b)
	now := circuit.Now()
	b.ReportAllocs()
	for b.Loop() {
		now = now.Add(time.Second)
		s.agent.sendDue(now)
	}
}

// A line that nobody listens to, as most are: nothing but a look.
func BenchmarkChatNobodyListensTo(b *testing.B) {
	r := newRegion()
	r.agent.heard = []*awaited{{op: OpChat, from: self, text: "mine", heard: make(chan circuit.Instant, 1)}}
	m, ev := lineFrom(uuid.New(), "somebody else's"), &circuit.Event{}
	b.ReportAllocs()
	for b.Loop() {
		r.chat(ev, m)
	}
}

// One's own line, among others that are awaited.
func BenchmarkChatEchoHeard(b *testing.B) {
	r := newRegion()
	other := &awaited{op: OpChat, from: self, text: "another", heard: make(chan circuit.Instant, 1)}
	mine := &awaited{op: OpChat, from: self, text: "mine", heard: make(chan circuit.Instant, 1)}
	m, ev := lineFrom(self, "mine"), &circuit.Event{}
	b.ReportAllocs()
	for b.Loop() {
		r.agent.heard = append(r.agent.heard[:0], other, mine)
		r.chat(ev, m)
		<-mine.heard
	}
}

func BenchmarkTerseUpdate(b *testing.B) {
	r := newRegion()
	r.scene.self = 1 << 20
	m := &message.ImprovedTerseObjectUpdate{ObjectData: make([]message.ImprovedTerseObjectUpdateObjectData, 10)}
	for i := range m.ObjectData {
		m.ObjectData[i].Data = make([]byte, 60)
	}
	b.ReportAllocs()
	for b.Loop() {
		r.terseUpdate(nil, m)
	}
}

// The same avatars come into view and go out of it.
func BenchmarkObjectUpdate(b *testing.B) {
	r := newRegion()
	m := &message.ObjectUpdate{ObjectData: make([]message.ObjectUpdateObjectData, 10)}
	gone := &message.KillObject{ObjectData: make([]message.KillObjectObjectData, 10)}
	for i := range m.ObjectData {
		m.ObjectData[i] = message.ObjectUpdateObjectData{ID: 1000 + uint32(i), PCode: pcodeAvatar, ObjectData: make([]byte, 76)}
		gone.ObjectData[i].ID = m.ObjectData[i].ID
	}
	b.ReportAllocs()
	for b.Loop() {
		r.objectUpdate(nil, m)
		r.killObject(nil, gone)
	}
}
