package agent

import (
	"context"

	"github.com/google/uuid"
	"github.com/slload/slload/message"
)

// Profile is what a resident tells of itself.
type Profile struct {
	About, FirstLife       string
	URL                    string
	Born                   string // the day of the account's birth, as the grid writes it; not updated
	Image, FirstLifeImage  uuid.UUID
	Partner                uuid.UUID // not updated
	AllowPublish, Mature   bool
	Identified, Online     bool // not updated
	WantTo, Skills         uint32
	WantToText, SkillsText string
	Languages              string
}

// Flags of AvatarPropertiesReply.
const (
	profileAllowPublish = 1 << 0
	profileMature       = 1 << 1
	profileIdentified   = 1 << 2
	profileOnline       = 1 << 4
)

// Profile fetches a resident's profile: AvatarPropertiesReply and
// AvatarInterestsReply, which simulators send together.
func (a *Agent) Profile(ctx context.Context, of uuid.UUID) (Profile, error) {
	ask := message.AvatarPropertiesRequest{
		AgentData: message.AvatarPropertiesRequestAgentData{AgentID: a.ID, SessionID: a.session, AvatarID: of},
	}
	var p Profile // the loop's, until both have come
	var properties, interests bool
	ids := []message.ID{message.IDAvatarPropertiesReply, message.IDAvatarInterestsReply}
	return requestAny(ctx, a, "the profile (AvatarPropertiesReply, AvatarInterestsReply)", ids, a.sending(&ask), func(m message.Message) (Profile, bool) {
		switch m := m.(type) {
		case *message.AvatarPropertiesReply:
			if m.AgentData.AvatarID == of {
				p.properties(&m.PropertiesData)
				properties = true
			}
		case *message.AvatarInterestsReply:
			if m.AgentData.AvatarID == of {
				p.interests(&m.PropertiesData)
				interests = true
			}
		}
		return p, properties && interests
	})
}

func (p *Profile) properties(d *message.AvatarPropertiesReplyPropertiesData) {
	p.About, p.FirstLife, p.URL = message.String(d.AboutText), message.String(d.FLAboutText), message.String(d.ProfileURL)
	p.Born, p.Image, p.FirstLifeImage, p.Partner = message.String(d.BornOn), d.ImageID, d.FLImageID, d.PartnerID
	p.AllowPublish, p.Mature = d.Flags&profileAllowPublish != 0, d.Flags&profileMature != 0
	p.Identified, p.Online = d.Flags&profileIdentified != 0, d.Flags&profileOnline != 0
}

func (p *Profile) interests(d *message.AvatarInterestsReplyPropertiesData) {
	p.WantTo, p.WantToText = d.WantToMask, message.String(d.WantToText)
	p.Skills, p.SkillsText = d.SkillsMask, message.String(d.SkillsText)
	p.Languages = message.String(d.LanguagesText)
}

// UpdateProfile sets the agent's own profile and returns when it is on its
// way: the protocol has no answer to it, and OpenSim without its profile
// module drops it. Profile tells what became of it.
func (a *Agent) UpdateProfile(ctx context.Context, p Profile) error {
	err := a.tellRegion(ctx, &message.AvatarPropertiesUpdate{
		AgentData: message.AvatarPropertiesUpdateAgentData{AgentID: a.ID, SessionID: a.session},
		PropertiesData: message.AvatarPropertiesUpdatePropertiesData{
			ImageID: p.Image, FLImageID: p.FirstLifeImage, AboutText: message.Text(p.About), FLAboutText: message.Text(p.FirstLife),
			AllowPublish: p.AllowPublish, MaturePublish: p.Mature, ProfileURL: message.Text(p.URL),
		},
	})
	if err != nil {
		return err
	}
	return a.tellRegion(ctx, &message.AvatarInterestsUpdate{
		AgentData: message.AvatarInterestsUpdateAgentData{AgentID: a.ID, SessionID: a.session},
		PropertiesData: message.AvatarInterestsUpdatePropertiesData{
			WantToMask: p.WantTo, WantToText: message.Text(p.WantToText),
			SkillsMask: p.Skills, SkillsText: message.Text(p.SkillsText), LanguagesText: message.Text(p.Languages),
		},
	})
}
