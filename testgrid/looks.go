package testgrid

import (
	"github.com/slload/slload/circuit"
	"github.com/slload/slload/message"
)

// visualParams is how many shape parameters OpenSim sends of an avatar.
const visualParams = 218

// Everybody looks the same who hasn't said otherwise.
var (
	avatarTextures = textureEntry(avatarTexture)
	avatarShape    = func() []message.AvatarAppearanceVisualParam {
		shape := make([]message.AvatarAppearanceVisualParam, visualParams)
		for i := range shape {
			shape[i].ParamValue = 127 // the middle of each
		}
		return shape
	}()
	noHover = make([]message.AvatarAppearanceAppearanceHover, 1)
)

// appearance is what an avatar looks like. Like all of scratch's messages it is
// good until the next one is asked for.
func (r *region) appearance(c *client) message.Message {
	m := &r.scratch.looks
	m.Sender.ID, m.ObjectData.TextureEntry = c.session.agentID, avatarTextures
	m.VisualParam, m.AppearanceHover, m.AppearanceData = avatarShape, noHover, nil
	if l := c.session.stay.looks.Load(); l != nil {
		m.ObjectData.TextureEntry, m.VisualParam = l.textures, l.shape
		if l.outfit != 0 {
			m.AppearanceData = baking(l.outfit)
		}
	}
	return m
}

// animate tells a client which animation another avatar plays. It tells whether
// that could be sent.
func (r *region) animate(now circuit.Instant, c *client, other *client) bool {
	other.animations++
	m := &r.scratch.anim
	m.Sender.ID = other.session.agentID
	m.AnimationList = append(m.AnimationList[:0], message.AvatarAnimationAnimationList{
		AnimID: other.anim, AnimSequenceID: other.animations,
	})
	for _, id := range other.plays {
		other.animations++
		m.AnimationList = append(m.AnimationList, message.AvatarAnimationAnimationList{AnimID: id, AnimSequenceID: other.animations})
	}
	return c.circuit.SendReliable(now, m, nil) == nil
}
