package testgrid

import (
	"testing"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/slload/slload/circuit"
	"github.com/slload/slload/message"
)

// Whatever avatars are called and do, as many as blockSize lets into a packet
// fit there.
func TestAvatarsFitTheirPacket(t *testing.T) {
	name := rapid.StringOfN(rapid.RuneFrom([]rune("abcZ ")), 1, longestName, -1)
	rapid.Check(t, func(t *rapid.T) {
		r := &region{x: rapid.Uint32().Draw(t, "x"), y: rapid.Uint32().Draw(t, "y")}
		m, size := r.objectUpdate(), 0
		for {
			c := &client{
				session: &session{nameValue: nameValue(name.Draw(t, "first"), name.Draw(t, "last"))},
				localID: rapid.Uint32().Draw(t, "id"),
			}
			for i := range c.session.agentID {
				c.session.agentID[i] = rapid.SampledFrom([]byte{0, 1}).Draw(t, "byte")
			}
			c.motion.seat = rapid.SampledFrom([]uint32{0, 1 << 16, 0x01010101}).Draw(t, "seat")
			c.motion.pos = message.Vector3{X: rapid.Float32().Draw(t, "place")}
			block := r.avatarBlock(c)
			if size += blockSize(&block); size > avatarsBytes {
				break
			}
			m.ObjectData = append(m.ObjectData, block)
		}
		var scratch []byte
		pkt, err := message.AppendPacket(nil, message.FlagReliable, 1<<24, m, &scratch)
		if err != nil {
			t.Fatal(err)
		}
		if len(pkt) > circuit.MaxDatagram {
			t.Errorf("%d avatars in %d bytes", len(m.ObjectData), len(pkt))
		}
	})
}

// A viewer hears of those who stand around in few packets.
func TestAvatarsShareAPacket(t *testing.T) {
	r := &region{}
	c := &client{session: &session{agentID: uuid.New(), nameValue: nameValue("Load", "Bot1234")}, localID: 4321}
	block := r.avatarBlock(c)
	if n := avatarsBytes / blockSize(&block); n < 6 {
		t.Errorf("%d avatars fit a packet", n)
	}
}
