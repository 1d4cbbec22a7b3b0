package llsd

import (
	"bytes"
	"fmt"
	"testing"
)

// pollAnswer is one answer of the event queue as a simulator with four
// neighbours sends it: two events for each.
func pollAnswer() map[string]any {
	events := []any{}
	for i := range 4 {
		handle := []byte{0, 3, 0xe8, byte(i), 0, 3, 0xe9, 0}
		events = append(events,
			map[string]any{"message": "EnableSimulator", "body": map[string]any{
				"SimulatorInfo": []any{map[string]any{
					"Handle": handle, "IP": []byte{127, 0, 0, 1}, "Port": int32(9001 + i),
					"RegionSizeX": []byte{0, 0, 1, 0}, "RegionSizeY": []byte{0, 0, 1, 0},
				}}}},
			map[string]any{"message": "EstablishAgentCommunication", "body": map[string]any{
				"agent-id": someID, "sim-ip-and-port": fmt.Sprintf("127.0.0.1:%d", 9001+i),
				"seed-capability": fmt.Sprintf("http://127.0.0.1:9000/CAPS/%d-0000/", i),
			}})
	}
	return map[string]any{"id": int32(28733417), "events": events}
}

func BenchmarkDecode(b *testing.B) {
	for _, f := range formats {
		doc, err := f.marshal(pollAnswer())
		if err != nil {
			b.Fatal(err)
		}
		b.Run(f.String(), func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(doc)))
			for b.Loop() {
				var v any
				if err := decode(doc, f.Format, Limits{}, &v); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkDecodeStruct is a poll as eq takes it: from a reader, into a
// struct.
func BenchmarkDecodeStruct(b *testing.B) {
	doc, err := MarshalXML(pollAnswer())
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	b.SetBytes(int64(len(doc)))
	for b.Loop() {
		var poll struct {
			ID     int32 `llsd:"id"`
			Events []struct {
				Message string         `llsd:"message"`
				Body    map[string]any `llsd:"body"`
			} `llsd:"events"`
		}
		if err := NewXMLDecoder(bytes.NewReader(doc), Limits{}).Decode(&poll); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkEncode(b *testing.B) {
	answer := pollAnswer()
	for _, f := range formats {
		b.Run(f.String(), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := f.marshal(answer); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
