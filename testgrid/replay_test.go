package testgrid

import (
	"math"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/slload/slload/internal/captured"
	"github.com/slload/slload/message"
)

// visit is what a real OpenSimulator said to one of our agents, which chatted
// and walked.
const visit = "../testdata/captures/opensim-0.9.2-visit.pcap"

// saying is one message of a bot and its region.
type saying struct {
	at       time.Duration // since the bot's first
	fromSim  bool
	sim      uint16 // the region's port
	flags    message.Flags
	sequence uint32
	message  message.Message
}

// region numbers the region from 1: the captured ones' ports follow one another.
func (s saying) region() int { return int(s.sim) - 9000 + 1 }

// anySim stands for all the regions of a capture.
const anySim = 0

// between gives what one client and a region said to each other. They are told
// apart by port.
func between(t *testing.T, all []captured.Datagram, client, sim uint16) (list []saying) {
	t.Helper()
	var first time.Time
	for _, d := range all {
		from, to := d.From.Port(), d.To.Port()
		if max(from, to) != client || sim != anySim && min(from, to) != sim {
			continue
		}
		if first.IsZero() {
			first = d.At
		}
		p, err := message.ParsePacket(d.Data)
		if err != nil {
			t.Fatal(err)
		}
		m, err := p.Message()
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, saying{d.At.Sub(first), from != client, min(from, to), p.Flags &^ message.FlagAcks, p.Sequence, m})
	}
	return list
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
func replay(t *testing.T, w *world, said []saying) (heard []message.Message, track map[time.Duration]message.Vector3) {
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
func arrival(t *testing.T, said []saying) string {
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
	said := between(t, captured.Bots(t), 60621, 9000) // the bot that never left its region
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
	said := between(t, captured.Read(t, visit), 33009, 9000)
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
func spoken(said []saying) (lines []string) {
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

func realOnes(said []saying) (all []message.Message) {
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
func compareTracks(t *testing.T, said []saying, track map[time.Duration]message.Vector3) {
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
func ownID(said []saying) uint32 {
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
