package agent

import (
	"fmt"
	"net/netip"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/slload/slload/circuit"
	"github.com/slload/slload/internal/udp"
	"github.com/slload/slload/message"
)

// simulator is the UDP half of a grid that plays a script: what it answers to
// the nth message of a kind. Unscripted, it does what a simulator should. Its
// loop owns everything but the grid.
type simulator struct {
	t        testing.TB
	name     string
	handle   uint64
	loop     *circuit.Loop
	script   map[message.ID][]answer
	visitors map[uuid.UUID]*circuit.Circuit
	heard    []string // what agents sent, in order, but AgentUpdates
	updates  []update
}

// update is an AgentUpdate as it arrived.
type update struct {
	at    circuit.Instant
	agent uuid.UUID
	flags uint32
	yaw   message.Quaternion
}

// answer is what the simulator does about a message.
type answer func(s *simulator, ev *circuit.Event)

var simulatorAddr = netip.MustParseAddrPort("127.0.0.1:9000")

// obedient is the script of a simulator as it should be.
var obedient = map[message.ID][]answer{
	message.IDCompleteAgentMovement:  {all(moved, handshake)},
	message.IDChatFromViewer:         {echo},
	message.IDImprovedInstantMessage: {carry},
	message.IDAgentRequestSit:        {seat},
	message.IDLogoutRequest:          {logoutReply},
}

// listened are the other messages that are recorded.
var listened = []message.ID{
	message.IDUseCircuitCode, message.IDRegionHandshakeReply, message.IDAgentThrottle, message.IDAgentHeightWidth,
	message.IDAgentUpdate, message.IDAgentSit, message.IDRequestMultipleObjects,
	message.IDTeleportLocationRequest, message.IDTeleportLandmarkRequest, message.IDTeleportLureRequest, message.IDTeleportCancel,
	message.IDStartLure, message.IDMapNameRequest, message.IDMapBlockRequest, message.IDMapItemRequest,
	message.IDRequestRegionInfo, message.IDEstateCovenantRequest,
	message.IDTransferRequest, message.IDMuteListRequest, message.IDRequestXfer, message.IDGenericMessage,
}

func newSimulator(t testing.TB, net *udp.Memory) *simulator {
	return newSimulatorAt(t, net, simulatorAddr, "Testing", 256000<<32|256256)
}

func newSimulatorAt(t testing.TB, net *udp.Memory, at netip.AddrPort, name string, handle uint64) *simulator {
	s := &simulator{t: t, name: name, handle: handle, script: map[message.ID][]answer{}, visitors: map[uuid.UUID]*circuit.Circuit{}}
	d := circuit.NewDispatch()
	for _, id := range listened {
		d.On(id, s.hear)
	}
	for id, answers := range obedient {
		s.script[id] = answers
		d.On(id, s.hear)
	}
	s.loop = circuit.NewLoop(circuit.Config{
		Conn: net.Conn(udp.Config{Listen: at}), Dispatch: d,
		Accept: func(ev *circuit.Event) bool {
			use, ok := ev.Message.(*message.UseCircuitCode)
			if !ok {
				return false
			}
			c, err := ev.Loop.Open(circuit.CircuitConfig{
				Peer: ev.Peer.AddrPort(), Endpoint: ev.Endpoint, HasEndpoint: true,
				Code: use.CircuitCode.Code, PingEvery: -1,
			})
			if err != nil {
				t.Errorf("simulator: %v", err)
				return false
			}
			s.visitors[use.CircuitCode.ID] = c
			return true
		},
	})
	return s
}

// hear records a message and plays the answer that the script has for it: the
// nth to the nth, and the last to all that follow.
func (s *simulator) hear(ev *circuit.Event) {
	if m, ok := ev.Message.(*message.AgentUpdate); ok {
		s.updates = append(s.updates, update{ev.At, m.AgentData.AgentID, m.AgentData.ControlFlags, m.AgentData.BodyRotation})
		return
	}
	s.heard = append(s.heard, describe(ev.Message))
	answers := s.script[ev.ID]
	if len(answers) == 0 {
		return
	}
	if len(answers) > 1 {
		s.script[ev.ID] = answers[1:]
	}
	if answers[0] != nil {
		answers[0](s, ev)
	}
}

// describe is a message as the tests write it.
func describe(m message.Message) string {
	switch m := m.(type) {
	case *message.ChatFromViewer:
		return fmt.Sprintf("ChatFromViewer %d/%d %s", m.ChatData.Channel, m.ChatData.Type, message.String(m.ChatData.Message))
	case *message.ImprovedInstantMessage:
		return "ImprovedInstantMessage " + message.String(m.MessageBlock.Message)
	case *message.RequestMultipleObjects:
		return fmt.Sprintf("RequestMultipleObjects %d", len(m.ObjectData))
	}
	return m.ID().String()
}

// send sends reliably; a note is recorded once the message is acknowledged.
func (s *simulator) send(c *circuit.Circuit, now circuit.Instant, m message.Message, note string) {
	err := c.SendReliable(now, m, func(_ circuit.Instant, err error) {
		if err == nil && note != "" {
			s.heard = append(s.heard, note)
		}
	})
	if err != nil {
		s.t.Errorf("simulator: %v", err)
	}
}

// all plays answers one after another.
func all(answers ...answer) answer {
	return func(s *simulator, ev *circuit.Event) {
		for _, a := range answers {
			a(s, ev)
		}
	}
}

// delayed is an answer that takes its time. Only the answers below that look at
// nothing but the circuit can be put off.
func delayed(d time.Duration, then answer) answer {
	return func(s *simulator, ev *circuit.Event) {
		later := circuit.Event{Circuit: ev.Circuit}
		s.loop.Schedule(&circuit.Timer{Fire: func(now circuit.Instant) {
			if later.Now = now; !later.Circuit.Closed() {
				then(s, &later)
			}
		}}, ev.Now.Add(d))
	}
}

// visitor is whose circuit it is.
func (s *simulator) visitor(c *circuit.Circuit) uuid.UUID {
	for id, other := range s.visitors {
		if c == other {
			return id
		}
	}
	return uuid.Nil
}

func moved(s *simulator, ev *circuit.Event) {
	m := &message.AgentMovementComplete{}
	m.AgentData.AgentID = s.visitor(ev.Circuit)
	m.AgentData.SessionID = sessionOf(m.AgentData.AgentID)
	m.Data.RegionHandle = s.handle
	m.Data.Position = message.Vector3{X: 128, Y: 128, Z: 25}
	s.send(ev.Circuit, ev.Now, m, "")
}

func movedStranger(s *simulator, ev *circuit.Event) {
	m := &message.AgentMovementComplete{}
	m.AgentData.AgentID, m.AgentData.SessionID = s.visitor(ev.Circuit), uuid.New()
	s.send(ev.Circuit, ev.Now, m, "")
}

func handshake(s *simulator, ev *circuit.Event) {
	m := &message.RegionHandshake{}
	m.RegionInfo.SimName = message.Text(s.name)
	m.RegionInfo2.RegionID = regionID
	s.send(ev.Circuit, ev.Now, m, "")
}

// say has the simulator say something to whoever sent the message.
func say(m message.Message) answer {
	return func(s *simulator, ev *circuit.Event) { s.send(ev.Circuit, ev.Now, m, "") }
}

func disable(s *simulator, ev *circuit.Event) {
	s.send(ev.Circuit, ev.Now, &message.DisableSimulator{}, "ack of DisableSimulator")
}

func closeCircuit(s *simulator, ev *circuit.Event) {
	s.send(ev.Circuit, ev.Now, &message.CloseCircuit{}, "")
}

func kick(s *simulator, ev *circuit.Event) {
	m := &message.KickUser{}
	m.UserInfo.AgentID = s.visitor(ev.Circuit)
	m.UserInfo.Reason = message.Text("go\naway,\x1b[2J " + string(make([]byte, 300)) + "you")
	s.send(ev.Circuit, ev.Now, m, "ack of KickUser")
}

// echo lets all visitors hear a line.
func echo(s *simulator, ev *circuit.Event) {
	m := ev.Message.(*message.ChatFromViewer)
	heard := lineFrom(m.AgentData.AgentID, message.String(m.ChatData.Message))
	heard.ChatData.ChatType = m.ChatData.Type
	for _, c := range s.visitors {
		if !c.Closed() {
			s.send(c, ev.Now, heard, "")
		}
	}
}

func lineFrom(id uuid.UUID, text string) *message.ChatFromSimulator {
	m := &message.ChatFromSimulator{}
	m.ChatData.FromName, m.ChatData.SourceID = message.Text("Somebody Else"), id
	m.ChatData.SourceType, m.ChatData.ChatType, m.ChatData.Message = sourceAgent, uint8(Say), message.Text(text)
	return m
}

// carry takes an instant message to whom it is for.
func carry(s *simulator, ev *circuit.Event) {
	m := *ev.Message.(*message.ImprovedInstantMessage)
	if c := s.visitors[m.MessageBlock.ToAgentID]; c != nil && !c.Closed() {
		s.send(c, ev.Now, &m, "")
	}
}

func seat(s *simulator, ev *circuit.Event) {
	m := &message.AvatarSitResponse{}
	m.SitObject.ID = ev.Message.(*message.AgentRequestSit).TargetObject.TargetID
	s.send(ev.Circuit, ev.Now, m, "")
}

func logoutReply(s *simulator, ev *circuit.Event) {
	m := &message.LogoutReply{}
	m.AgentData.AgentID = s.visitor(ev.Circuit)
	m.AgentData.SessionID = sessionOf(m.AgentData.AgentID)
	s.send(ev.Circuit, ev.Now, m, "ack of LogoutReply")
}
