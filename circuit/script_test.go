package circuit

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/slload/slload/message"
)

// A packet in the tests is one line of text,
//
//	[flags] sequence Message[(arguments)] [acks n,n...]
//
// for example `reliable 7 ChatFromSimulator(hello) acks 1,2`. packetBytes
// makes the datagram, describe reads one.

func packetBytes(t testing.TB, line string) []byte {
	t.Helper()
	words := strings.Fields(line)
	named := map[string]message.Flags{"reliable": message.FlagReliable, "resent": message.FlagResent}
	flags := message.Flags(0)
	for ; len(words) > 0 && named[words[0]] != 0; words = words[1:] {
		flags |= named[words[0]]
	}
	if len(words) < 2 {
		t.Fatalf("packet %q: want a sequence number and a message", line)
	}
	var acks []uint32
	if n := len(words); n == 4 && words[2] == "acks" {
		acks = parseNumbers(t, words[3])
	} else if n != 2 {
		t.Fatalf("packet %q: want `acks n,n...` after the message", line)
	}
	var scratch []byte
	pkt, err := message.AppendPacket(nil, flags, parseNumbers(t, words[0])[0], parseMessage(t, words[1]), &scratch)
	if err != nil {
		t.Fatalf("packet %q: %v", line, err)
	}
	return message.AppendAcks(pkt, acks)
}

func describe(t testing.TB, data []byte) string {
	t.Helper()
	p, err := message.ParsePacket(data)
	if err != nil {
		t.Fatalf("describe % x: %v", data, err)
	}
	var words []string
	if p.Flags&message.FlagReliable != 0 {
		words = append(words, "reliable")
	}
	if p.Flags&message.FlagResent != 0 {
		words = append(words, "resent")
	}
	words = append(words, fmt.Sprint(p.Sequence), describeMessage(t, &p))
	if p.NumAcks() > 0 {
		var acks []string
		for i := range p.NumAcks() {
			acks = append(acks, fmt.Sprint(p.Ack(i)))
		}
		words = append(words, "acks", strings.Join(acks, ","))
	}
	return strings.Join(words, " ")
}

func parseNumbers(t testing.TB, list string) (numbers []uint32) {
	t.Helper()
	for word := range strings.SplitSeq(list, ",") {
		n, err := strconv.ParseUint(word, 10, 32)
		if err != nil {
			t.Fatalf("numbers %q: %v", list, err)
		}
		numbers = append(numbers, uint32(n))
	}
	return numbers
}

// parseMessage knows the arguments of the messages below, and any other
// message without.
func parseMessage(t testing.TB, text string) message.Message {
	t.Helper()
	name, args, _ := strings.Cut(strings.TrimSuffix(text, ")"), "(")
	id, ok := message.ByName(name)
	if !ok {
		t.Fatalf("message %q: no such message", text)
	}
	switch m := message.New(id).(type) {
	case *message.ChatFromSimulator:
		m.ChatData.Message = []byte(args)
		return m
	case *message.ChatFromViewer:
		m.ChatData.Message = []byte(args)
		return m
	case *message.PacketAck:
		for _, n := range parseNumbers(t, args) {
			m.Packets = append(m.Packets, message.PacketAckPackets{ID: n})
		}
		return m
	case *message.StartPingCheck:
		numbers := parseNumbers(t, args)
		m.PingID.PingID, m.PingID.OldestUnacked = byte(numbers[0]), numbers[1]
		return m
	case *message.CompletePingCheck:
		m.PingID.PingID = byte(parseNumbers(t, args)[0])
		return m
	case *message.UseCircuitCode:
		m.CircuitCode.Code = parseNumbers(t, args)[0]
		return m
	default:
		return m
	}
}

func describeMessage(t testing.TB, p *message.Packet) string {
	t.Helper()
	m, err := p.Message()
	if err != nil {
		t.Fatal(err)
	}
	return m.ID().String() + arguments(m)
}

func arguments(m message.Message) string {
	switch m := m.(type) {
	case *message.ChatFromSimulator:
		return fmt.Sprintf("(%s)", m.ChatData.Message)
	case *message.ChatFromViewer:
		return fmt.Sprintf("(%s)", m.ChatData.Message)
	case *message.PacketAck:
		var ids []string
		for _, p := range m.Packets {
			ids = append(ids, fmt.Sprint(p.ID))
		}
		return fmt.Sprintf("(%s)", strings.Join(ids, ","))
	case *message.StartPingCheck:
		return fmt.Sprintf("(%d,%d)", m.PingID.PingID, m.PingID.OldestUnacked)
	case *message.CompletePingCheck:
		return fmt.Sprintf("(%d)", m.PingID.PingID)
	case *message.UseCircuitCode:
		return fmt.Sprintf("(%d)", m.CircuitCode.Code)
	default:
		return ""
	}
}

func TestScriptReadsWhatItWrites(t *testing.T) {
	for _, line := range []string{
		"1 AgentUpdate",
		"reliable 7 ChatFromSimulator(hello) acks 1,2",
		"reliable resent 4294967295 ChatFromViewer(hi)",
		"2 PacketAck(7,8)",
		"3 StartPingCheck(255,9)",
		"4 CompletePingCheck(255)",
		"reliable 1 UseCircuitCode(1234)",
		"5 CloseCircuit",
	} {
		if got := describe(t, packetBytes(t, line)); got != line {
			t.Errorf("got %q, want %q", got, line)
		}
	}
}
