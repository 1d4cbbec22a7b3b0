package testgrid

import (
	"bytes"

	"github.com/slload/slload/circuit"
	"github.com/slload/slload/message"
)

// Flags of AvatarPropertiesReply.
const (
	profileAllowPublish = 1 << 0
	profileMature       = 1 << 1
	profileIdentified   = 1 << 2
	profileOnline       = 1 << 4
)

func (g *Grid) dispatchProfiles(d *circuit.Dispatch) {
	d.On(message.IDAvatarPropertiesRequest, g.onProfileRequest)
	d.On(message.IDAvatarPropertiesUpdate, g.onProfileUpdate)
	d.On(message.IDAvatarInterestsUpdate, g.onInterestsUpdate)
}

// onProfileRequest answers with properties and interests, as OpenSim does.
// Residents that the grid doesn't know have empty ones.
func (g *Grid) onProfileRequest(ev *circuit.Event) {
	m := &ev.Message.(*message.AvatarPropertiesRequest).AgentData
	c := present(ev, m.AgentID, m.SessionID)
	if c == nil {
		return
	}
	properties, interests := &message.AvatarPropertiesReply{}, &message.AvatarInterestsReply{}
	properties.AgentData.AgentID, properties.AgentData.AvatarID = m.AgentID, m.AvatarID
	interests.AgentData.AgentID, interests.AgentData.AvatarID = m.AgentID, m.AvatarID
	var flags uint32
	if g.directory.byAgent(m.AvatarID) != nil {
		flags |= profileOnline
	}
	if _, _, known := g.directory.name(m.AvatarID); known {
		g.records.with(m.AvatarID, func(r *record) { r.describe(&properties.PropertiesData, &interests.PropertiesData) })
	}
	properties.PropertiesData.Flags |= flags
	properties.PropertiesData.BornOn = message.Text("1/1/2024")
	c.tell(ev.Now, properties)
	c.tell(ev.Now, interests)
}

// describe writes a record's profile down as replies carry it.
func (r *record) describe(d *message.AvatarPropertiesReplyPropertiesData, i *message.AvatarInterestsReplyPropertiesData) {
	p := &r.profile
	d.ImageID, d.FLImageID = p.ImageID, p.FLImageID
	d.AboutText, d.FLAboutText, d.ProfileURL = p.AboutText, p.FLAboutText, p.ProfileURL
	d.Flags = profileIdentified
	if p.AllowPublish {
		d.Flags |= profileAllowPublish
	}
	if p.MaturePublish {
		d.Flags |= profileMature
	}
	i.WantToMask, i.WantToText = r.likes.WantToMask, r.likes.WantToText
	i.SkillsMask, i.SkillsText, i.LanguagesText = r.likes.SkillsMask, r.likes.SkillsText, r.likes.LanguagesText
}

func (g *Grid) onProfileUpdate(ev *circuit.Event) {
	m := ev.Message.(*message.AvatarPropertiesUpdate)
	if c := present(ev, m.AgentData.AgentID, m.AgentData.SessionID); c != nil {
		p := m.PropertiesData
		p.AboutText, p.FLAboutText, p.ProfileURL = bytes.Clone(p.AboutText), bytes.Clone(p.FLAboutText), bytes.Clone(p.ProfileURL)
		g.records.with(c.session.agentID, func(r *record) { r.profile = p })
	}
}

func (g *Grid) onInterestsUpdate(ev *circuit.Event) {
	m := ev.Message.(*message.AvatarInterestsUpdate)
	if c := present(ev, m.AgentData.AgentID, m.AgentData.SessionID); c != nil {
		p := m.PropertiesData
		p.WantToText, p.SkillsText, p.LanguagesText = bytes.Clone(p.WantToText), bytes.Clone(p.SkillsText), bytes.Clone(p.LanguagesText)
		g.records.with(c.session.agentID, func(r *record) { r.likes = p })
	}
}
