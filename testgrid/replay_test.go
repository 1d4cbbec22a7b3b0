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

const (
	// bots is what a real OpenSimulator and its own bots said to each other. It
	// is not part of the repository.
	bots = "../../shared/captures/walking-bots.pcap"
	// visit is what it said to one of our agents, which chatted and walked.
	visit = "../testdata/captures/opensim-0.9.2-visit.pcap"
)

// captured is one message of a bot and its region.
type captured struct {
	at       time.Duration // since the bot's first
	fromSim  bool
	sim      layers.UDPPort
	flags    message.Flags
	sequence uint32
	message  message.Message
}

// region numbers the region from 1: the captured ones' ports follow one another.
func (c captured) region() int { return int(c.sim) - 9000 + 1 }

// anySim stands for all the regions of a capture.
const anySim layers.UDPPort = 0

// readCapture gives what one client and a region said to each other. They are
// told apart by port.
func readCapture(t *testing.T, name string, client, sim layers.UDPPort) (said []captured) {
	t.Helper()
	f, err := os.Open(name)
	if name == bots && errors.Is(err, fs.ErrNotExist) {
		t.Skipf("no capture of a real simulator's bots at %s", name)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r, err := pcapgo.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
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
		if !ok || max(udp.SrcPort, udp.DstPort) != client || sim != anySim && min(udp.SrcPort, udp.DstPort) != sim {
			continue
		}
		if first.IsZero() {
			first = info.Timestamp
		}
		flags, sequence, m := decodePacket(t, udp.Payload)
		said = append(said, captured{info.Timestamp.Sub(first), udp.SrcPort != client, min(udp.SrcPort, udp.DstPort), flags, sequence, m})
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

// replay plays the client's half of a capture to the grid, from the place where
// the real simulator had its avatar. It gives what the grid answered, and where
// the avatar was in each second.
func replay(t *testing.T, w *world, said []captured) (heard []message.Message, track map[time.Duration]message.Vector3) {
	t.Helper()
	v := w.viewer(w.login("Bot", arrival(t, said)))
	w.seed(v.loggedIn)
	began := time.Now()
	track = map[time.Duration]message.Vector3{}
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
	s := w.stats(0)
	check(t, s.Mismatched == 0 && len(s.Loop.Malformed) == 0, "%d mismatched, malformed %v", s.Mismatched, s.Loop.Malformed)
	check(t, s.Avatars == 0 && s.Logouts == 1, "the client is still there")
	return append(heard, v.heard...), track
}

// arrival is where the real simulator put the client, as a start location.
func arrival(t *testing.T, said []captured) string {
	t.Helper()
	for _, s := range said {
		if m, ok := s.message.(*message.AgentMovementComplete); ok {
			p := m.Data.Position
			return at(math.Round(float64(p.X)), math.Round(float64(p.Y)), math.Round(float64(p.Z)))
		}
	}
	t.Fatal("the capture has no AgentMovementComplete")
	return ""
}

// A bot's half of a capture is played to the grid, which must do as the real
// simulator did: the same messages in the same order, and an avatar that walks
// the same way.
func TestReplayOfARealBot(t *testing.T) {
	said := readCapture(t, bots, 60621, 9000) // the bot that never left its region
	inWorld(t, Config{}, func(w *world) {
		heard, track := replay(t, w, said)
		if diff := cmp.Diff(firsts(realOnes(said)), firsts(heard)); diff != "" {
			t.Errorf("order of first messages (-real simulator +grid):\n%s", diff)
		}
		compareTracks(t, said, track)
	})
}

// The same with one of our own agents, which talked: each line that the real
// simulator gave back to its speaker comes back here, too. The real one had
// no groups, which AgentDataUpdate is about, and forgot to answer the logout.
func TestReplayOfAVisit(t *testing.T) {
	said := readCapture(t, visit, 33009, 9000)
	inWorld(t, Config{}, func(w *world) {
		heard, _ := replay(t, w, said)
		want := append(firsts(realOnes(said)), message.IDLogoutReply.String())
		got := slices.DeleteFunc(firsts(heard), func(name string) bool { return name == message.IDAgentDataUpdate.String() })
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("order of first messages (-real simulator +grid):\n%s", diff)
		}
		lines := spoken(said)
		check(t, len(lines) > 2, "the capture has only %d lines of chat", len(lines))
		for _, line := range lines {
			check(t, slices.Contains(linesOf(realOnes(said)), line), "the real simulator didn't give back %q", line)
			check(t, slices.Contains(linesOf(heard), line), "the grid didn't give back %q", line)
		}
	})
}

// spoken gives what the client said aloud.
func spoken(said []captured) (lines []string) {
	for _, s := range said {
		if m, ok := s.message.(*message.ChatFromViewer); ok {
			lines = append(lines, message.String(m.ChatData.Message))
		}
	}
	return lines
}

func linesOf(all []message.Message) (lines []string) {
	for _, m := range all {
		if m, ok := m.(*message.ChatFromSimulator); ok {
			lines = append(lines, message.String(m.ChatData.Message))
		}
	}
	return lines
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
