package message

import (
	"testing"

	"github.com/google/uuid"
	"github.com/slload/slload/internal/captured"
)

// receiver is what a loop does with a body: number, table lookup, decode into a
// reused struct, call of a handler.
type receiver struct {
	messages [NumMessages]Message
	handlers [NumMessages]func(Message)
}

func (r *receiver) receive(body []byte) error {
	number, n, err := ReadNumber(body)
	if err != nil {
		return err
	}
	id, ok := Lookup(number)
	if !ok {
		return &UnknownError{number}
	}
	m := r.messages[id]
	if _, err := m.DecodeBody(body[n:]); err != nil {
		return err
	}
	r.handlers[id](m)
	return nil
}

func benchmarkDecode(b *testing.B, m Message) {
	body, err := m.AppendBody(AppendNumber(nil, m.ID().Number()))
	if err != nil {
		b.Fatal(err)
	}
	calls := 0
	var r receiver
	r.messages[m.ID()] = New(m.ID())
	r.handlers[m.ID()] = func(Message) { calls++ }
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		if err := r.receive(body); err != nil {
			b.Fatal(err)
		}
	}
	if calls == 0 {
		b.Fatal("the handler was not called")
	}
}

func benchmarkEncode(b *testing.B, m Message) {
	var pkt, scratch []byte
	b.ReportAllocs()
	for b.Loop() {
		var err error
		if pkt, err = AppendPacket(pkt[:0], 0, 7, m, &scratch); err != nil {
			b.Fatal(err)
		}
	}
	b.SetBytes(int64(len(pkt)))
}

func sampleChat() *ChatFromSimulator {
	return &ChatFromSimulator{ChatData: ChatFromSimulatorChatData{
		FromName: Text("Load Bot17"), SourceID: uuid.New(), OwnerID: uuid.New(), SourceType: 1, ChatType: 1, Audible: 1,
		Position: Vector3{128, 128, 25}, Message: Text("hello from the load test"),
	}}
}

func sampleTerse(objects int) *ImprovedTerseObjectUpdate {
	m := &ImprovedTerseObjectUpdate{RegionData: ImprovedTerseObjectUpdateRegionData{RegionHandle: 1000<<40 | 1000<<8, TimeDilation: 65535}}
	for range objects {
		m.ObjectData = append(m.ObjectData, ImprovedTerseObjectUpdateObjectData{Data: make([]byte, 60)})
	}
	return m
}

func sampleObjects(n int) *ObjectUpdate {
	m := &ObjectUpdate{RegionData: ObjectUpdateRegionData{RegionHandle: 1000<<40 | 1000<<8, TimeDilation: 65535}}
	for range n {
		m.ObjectData = append(m.ObjectData, ObjectUpdateObjectData{
			ID: 4711, FullID: uuid.New(), PCode: 9, Material: 3, Scale: Vector3{0.5, 0.5, 0.5}, ObjectData: make([]byte, 60),
			PathCurve: 16, ProfileCurve: 1, TextureEntry: make([]byte, 46), NameValue: Text("Title STRING RW SV "), Text: Text(""),
		})
	}
	return m
}

func sampleAgentUpdate() *AgentUpdate {
	return &AgentUpdate{AgentData: AgentUpdateAgentData{
		AgentID: uuid.New(), SessionID: uuid.New(), BodyRotation: Quaternion{0, 0, 0.7}, HeadRotation: Quaternion{0, 0, 0.7},
		CameraCenter: Vector3{128, 128, 25}, CameraAtAxis: Vector3{1, 0, 0}, CameraLeftAxis: Vector3{0, 1, 0}, CameraUpAxis: Vector3{0, 0, 1},
		Far: 64, ControlFlags: 1,
	}}
}

func BenchmarkDecodeChatFromSimulator(b *testing.B) { benchmarkDecode(b, sampleChat()) }
func BenchmarkDecodeTerse10(b *testing.B)           { benchmarkDecode(b, sampleTerse(10)) }
func BenchmarkDecodeObjectUpdate1(b *testing.B)     { benchmarkDecode(b, sampleObjects(1)) }
func BenchmarkDecodeObjectUpdate5(b *testing.B)     { benchmarkDecode(b, sampleObjects(5)) }
func BenchmarkDecodeAgentUpdate(b *testing.B)       { benchmarkDecode(b, sampleAgentUpdate()) }
func BenchmarkEncodeTerse10(b *testing.B)           { benchmarkEncode(b, sampleTerse(10)) }
func BenchmarkEncodeChatFromSimulator(b *testing.B) { benchmarkEncode(b, sampleChat()) }

// BenchmarkEncodeAgentUpdateBody is the encoding alone, BenchmarkEncodeAgentUpdate
// the whole packet, zero-coded.
func BenchmarkEncodeAgentUpdateBody(b *testing.B) {
	var m Message = sampleAgentUpdate()
	var body []byte
	b.ReportAllocs()
	for b.Loop() {
		body, _ = m.AppendBody(body[:0])
	}
	b.SetBytes(int64(len(body)))
}

func BenchmarkEncodeAgentUpdate(b *testing.B) { benchmarkEncode(b, sampleAgentUpdate()) }

func BenchmarkZeroDecode(b *testing.B) {
	plain, _ := sampleObjects(5).AppendBody(nil)
	coded := ZeroEncode(nil, plain)
	out := make([]byte, 0, MaxBody)
	b.SetBytes(int64(len(plain)))
	b.ReportAllocs()
	for b.Loop() {
		out, _ = ZeroDecode(out[:0], coded, MaxBody)
	}
	if len(out) != len(plain) {
		b.Fatal("decoded to another length")
	}
}

func BenchmarkZeroEncode(b *testing.B) {
	plain, _ := sampleObjects(5).AppendBody(nil)
	var out []byte
	b.SetBytes(int64(len(plain)))
	b.ReportAllocs()
	for b.Loop() {
		out = ZeroEncode(out[:0], plain)
	}
}

// BenchmarkCapture receives a real simulator's datagrams one after another.
func BenchmarkCapture(b *testing.B) {
	datagrams := captured.Bots(b)
	var r receiver
	for id := range ID(NumMessages) {
		r.messages[id], r.handlers[id] = New(id), func(Message) {}
	}
	scratch := make([]byte, 0, MaxBody)
	i := 0
	b.ReportAllocs()
	for b.Loop() {
		p, err := ParsePacket(datagrams[i].Data)
		if err != nil {
			b.Fatal(err)
		}
		body, err := p.Decoded(scratch)
		if err != nil {
			b.Fatal(err)
		}
		if err := r.receive(body); err != nil {
			b.Fatal(err)
		}
		if i++; i == len(datagrams) {
			i = 0
		}
	}
}
