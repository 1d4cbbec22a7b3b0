package testgrid

import (
	"fmt"
	"hash/crc32"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/slload/slload/circuit"
	"github.com/slload/slload/message"
)

// mute is an entry of a mute list.
type mute struct {
	id    uuid.UUID
	name  string
	kind  int32
	flags uint32
}

// mostMutes bounds a list.
const mostMutes = 1000

func (g *Grid) dispatchMutes(d *circuit.Dispatch) {
	d.On(message.IDMuteListRequest, g.onMuteListRequest)
	d.On(message.IDUpdateMuteListEntry, g.onUpdateMute)
	d.On(message.IDRemoveMuteListEntry, g.onRemoveMute)
	d.On(message.IDRequestXfer, g.onRequestXfer)
	d.On(message.IDConfirmXferPacket, g.onConfirmXferPacket)
}

// onMuteListRequest offers the list as a file, unless the client has the same
// by its checksum; an empty one is a GenericMessage, as on OpenSim.
func (g *Grid) onMuteListRequest(ev *circuit.Event) {
	m := &ev.Message.(*message.MuteListRequest).AgentData
	c := present(ev, m.AgentID, m.SessionID)
	if c == nil {
		return
	}
	var file strings.Builder
	g.records.with(m.AgentID, func(r *record) {
		for _, e := range r.mutes {
			fmt.Fprintf(&file, "%d %s %s|%d\n", e.kind, e.id, e.name, e.flags)
		}
	})
	if crc := ev.Message.(*message.MuteListRequest).MuteData.MuteCRC; crc != 0 && crc == crc32.ChecksumIEEE([]byte(file.String())) {
		same := &message.UseCachedMuteList{}
		same.AgentData.AgentID = m.AgentID
		c.tell(ev.Now, same)
		return
	}
	if file.Len() == 0 {
		empty := &message.GenericMessage{ParamList: make([]message.GenericMessageParamList, 1)}
		empty.AgentData.AgentID, empty.AgentData.SessionID = m.AgentID, m.SessionID
		empty.MethodData.Method = message.Text("emptymutelist")
		c.tell(ev.Now, empty)
		return
	}
	name := "mutes" + m.AgentID.String()
	c.offer(name, []byte(file.String()))
	update := &message.MuteListUpdate{}
	update.MuteData.AgentID, update.MuteData.Filename = m.AgentID, message.Text(name)
	c.tell(ev.Now, update)
}

func (g *Grid) onUpdateMute(ev *circuit.Event) {
	m := ev.Message.(*message.UpdateMuteListEntry)
	c := present(ev, m.AgentData.AgentID, m.AgentData.SessionID)
	if c == nil {
		return
	}
	d := &m.MuteData
	e := mute{d.MuteID, strings.NewReplacer("\n", " ", "|", " ").Replace(message.String(d.MuteName)), d.MuteType, d.MuteFlags}
	g.records.with(c.session.agentID, func(r *record) {
		r.unmute(e.id, e.name)
		if len(r.mutes) < mostMutes {
			r.mutes = append(r.mutes, e)
		}
	})
}

func (g *Grid) onRemoveMute(ev *circuit.Event) {
	m := ev.Message.(*message.RemoveMuteListEntry)
	if c := present(ev, m.AgentData.AgentID, m.AgentData.SessionID); c != nil {
		g.records.with(c.session.agentID, func(r *record) { r.unmute(m.MuteData.MuteID, message.String(m.MuteData.MuteName)) })
	}
}

func (r *record) unmute(id uuid.UUID, name string) {
	r.mutes = slices.DeleteFunc(r.mutes, func(e mute) bool { return e.id == id && e.name == name })
}
