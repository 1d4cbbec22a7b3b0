package witness

import (
	"encoding/binary"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/slload/slload/message"
)

// What is withheld keeps its header and its acks, and becomes a message that
// nobody acts on.
func TestWithoutKeepsTheCircuitAlive(t *testing.T) {
	hello := &message.ChatFromViewer{}
	hello.ChatData.Message = message.Text("hello")
	for _, flags := range []message.Flags{message.FlagReliable, message.FlagReliable | message.FlagZerocoded} {
		var scratch []byte
		data, err := message.AppendPacket(nil, flags, 7, hello, &scratch)
		if err != nil {
			t.Fatal(err)
		}
		data[0] |= byte(message.FlagAcks)
		data = append(binary.BigEndian.AppendUint32(data, 99), 1)
		c := &conn{}
		if id, ok := c.messageOf(data); !ok || id != message.IDChatFromViewer {
			t.Errorf("%v is %v, %t", hello.ID(), id, ok)
		}
		left := without(data)
		p, err := message.ParsePacket(left)
		if err != nil {
			t.Fatal(err)
		}
		id, _ := c.messageOf(left)
		got := []any{id, p.Flags, p.Sequence, p.NumAcks(), p.Ack(0)}
		want := []any{message.IDTestMessage, message.FlagReliable | message.FlagAcks, uint32(7), 1, uint32(99)}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("what is left (-want +got):\n%s", diff)
		}
	}
}

func TestProofsThatWereLost(t *testing.T) {
	proofs, err := readProofs("kind,name,package,test\nsent,ChatFromViewer,agent,TestA\nevent,TeleportFinish,behaviors,TestB\n")
	if err != nil || len(proofs) != 2 {
		t.Fatal(proofs, err)
	}
	seen := []sighting{{Thing{Sent, "ChatFromViewer"}, "TestOther"}}
	if lost := missing(proofs, "agent", seen); len(lost) != 1 || lost[0].test != "TestA" {
		t.Errorf("lost %v", lost)
	}
	seen = append(seen, sighting{Thing{Sent, "ChatFromViewer"}, "TestA"})
	if lost := missing(proofs, "agent", seen); len(lost) != 0 {
		t.Errorf("lost %v", lost)
	}
}
