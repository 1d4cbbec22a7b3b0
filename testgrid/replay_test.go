package testgrid

import (
	"errors"
	"io"
	"io/fs"
	"math"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
	"github.com/gopacket/gopacket/pcapgo"

	"github.com/slload/slload/message"
)

// capture is what a real OpenSimulator and its own bots said to each other. It
// is not part of the repository.
const capture = "../../shared/captures/walking-bots.pcap"

// captured is one message of a bot and its region.
type captured struct {
	at       time.Duration // since the bot's first
	fromSim  bool
	flags    message.Flags
	sequence uint32
	message  message.Message
}

// readBot gives what one bot and the region that it logged in to said. Bots are
// told apart by port; it is the one that never left its region.
func readBot(t *testing.T) (said []captured) {
	t.Helper()
	f, err := os.Open(capture)
	if errors.Is(err, fs.ErrNotExist) {
		t.Skipf("no capture of a real simulator at %s", capture)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r, err := pcapgo.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	const bot, sim = 60621, 9000
	var first time.Time
	for {
		data, info, err := r.ReadPacketData()
		if errors.Is(err, io.EOF) {
			return said
		}
		if err != nil {
			t.Fatal(err)
		}
		udp, ok := gopacket.NewPacket(data, r.LinkType(), gopacket.NoCopy).Layer(layers.LayerTypeUDP).(*layers.UDP)
		if !ok || max(udp.SrcPort, udp.DstPort) != bot || min(udp.SrcPort, udp.DstPort) != sim {
			continue
		}
		if first.IsZero() {
			first = info.Timestamp
		}
		flags, sequence, m := decodePacket(t, udp.Payload)
		said = append(said, captured{info.Timestamp.Sub(first), udp.SrcPort == sim, flags, sequence, m})
	}
}

func decodePacket(t *testing.T, data []byte) (message.Flags, uint32, message.Message) {
	t.Helper()
	p, err := message.ParsePacket(data)
	if err != nil {
		t.Fatal(err)
	}
	body, err := p.Decoded(make([]byte, 0, message.MaxBody))
	if err != nil {
		t.Fatal(err)
	}
	number, n, err := message.ReadNumber(body)
	if err != nil {
		t.Fatal(err)
	}
	id, _ := message.Lookup(number)
	m := message.New(id)
	if _, err := m.DecodeBody(body[n:]); err != nil {
		t.Fatal(err)
	}
	return p.Flags &^ message.FlagAcks, p.Sequence, m
}

// as gives a bot's message the ids of another login.
func as(t *testing.T, m message.Message, in loggedIn) message.Message {
	t.Helper()
	fields := message.ToMap(m)
	for _, block := range fields {
		for _, repeat := range block.([]any) {
			values := repeat.(map[string]any)
			for name, value := range map[string]any{
				"AgentID": in.Agent, "SessionID": in.Session, "CircuitCode": in.Code, "Code": in.Code,
			} {
				if _, there := values[name]; there {
					values[name] = value
				}
			}
			if m.ID() == message.IDUseCircuitCode {
				values["ID"] = in.Agent
			}
		}
	}
	out := message.New(m.ID())
	if err := message.FromMap(out, fields); err != nil {
		t.Fatalf("%v: %v", m.ID(), err)
	}
	return out
}

// A bot's half of a capture is played to the grid, which must do as the real
// simulator did: the same messages in the same order, and an avatar that walks
// the same way.
func TestReplayOfARealBot(t *testing.T) {
	said := readBot(t)
	inWorld(t, Config{}, func(w *world) {
		v := w.viewer(w.login("Bot", at(128, 128, 26)))
		w.seed(v.loggedIn)
		began := time.Now()
		track := map[time.Duration]message.Vector3{}
		var heard []message.Message
		for _, s := range said {
			if s.fromSim || s.message.ID() == message.IDPacketAck {
				continue
			}
			w.pass(s.at - time.Since(began))
			v.sendAs(s.sequence, s.flags, as(t, s.message, v.loggedIn))
			v.sequence = 1 << 20 // the acks that the viewer sends by itself don't get in the way
			v.read(0)
			heard, v.heard = append(heard, v.heard...), nil
			w.on(0, func(r *region) {
				if c := r.clients[v.Agent]; c != nil {
					track[time.Since(began).Truncate(time.Second)] = c.motion.pos
				}
			})
		}
		w.pass(time.Second)
		v.read(0)
		heard = append(heard, v.heard...)

		if diff := cmp.Diff(firsts(realOnes(said)), firsts(heard)); diff != "" {
			t.Errorf("order of first messages (-real simulator +grid):\n%s", diff)
		}
		s := w.stats(0)
		check(t, s.Mismatched == 0 && len(s.Loop.Malformed) == 0, "%d mismatched, malformed %v", s.Mismatched, s.Loop.Malformed)
		check(t, s.Avatars == 0 && s.Logouts == 1, "the bot is still there")
		compareTracks(t, said, track)
	})
}

func realOnes(said []captured) (all []message.Message) {
	for _, s := range said {
		if s.fromSim {
			all = append(all, s.message)
		}
	}
	return all
}

// firsts gives the types that both sides must send, in the order in which they
// came first.
func firsts(all []message.Message) (order []string) {
	for _, m := range all {
		switch m.(type) {
		case *message.RegionHandshake, *message.AgentMovementComplete, *message.AgentDataUpdate, *message.ObjectUpdate,
			*message.AvatarAppearance, *message.AvatarAnimation, *message.LogoutReply:
			if name := m.ID().String(); !slices.Contains(order, name) {
				order = append(order, name)
			}
		}
	}
	return order
}

// compareTracks holds the avatar's way beside the real one, as it was in the same
// second. Land slopes there and is flat here.
func compareTracks(t *testing.T, said []captured, track map[time.Duration]message.Vector3) {
	t.Helper()
	const tolerance = 4 // metres, of which a second of walking is 2
	compared, walked := 0, 0.0
	var before message.Vector3
	for _, s := range said {
		update, ok := s.message.(*message.ImprovedTerseObjectUpdate)
		if !ok || s.flags&message.FlagResent != 0 {
			continue
		}
		for _, o := range update.ObjectData {
			if len(o.Data) != 60 || o.Data[5] != 1 {
				continue
			}
			b := readTerse(t, o.Data)
			ours, there := track[s.at.Truncate(time.Second)]
			if b.localID != ownID(said) || !there {
				continue
			}
			if compared++; compared > 1 {
				walked += math.Hypot(float64(b.pos.X-before.X), float64(b.pos.Y-before.Y))
			}
			before = b.pos
			if off := math.Hypot(float64(b.pos.X-ours.X), float64(b.pos.Y-ours.Y)); off > tolerance {
				t.Errorf("after %v and %.0f m the real avatar is at %v, ours at %v", s.at, walked, b.pos, ours)
				return
			}
		}
	}
	check(t, compared > 100 && walked > 50, "only %d places on %.0f m were compared", compared, walked)
}

// ownID is the local id that the real simulator gave the bot's avatar.
func ownID(said []captured) uint32 {
	var self uuid.UUID
	for _, s := range said {
		switch m := s.message.(type) {
		case *message.UseCircuitCode:
			self = m.CircuitCode.ID
		case *message.ObjectUpdate:
			for _, o := range m.ObjectData {
				if o.FullID == self {
					return o.ID
				}
			}
		}
	}
	return 0
}
