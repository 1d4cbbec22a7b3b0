package testgrid

import (
	"github.com/google/uuid"

	"github.com/slload/slload/circuit"
	"github.com/slload/slload/message"
)

// visualParams is how many shape parameters OpenSim sends of an avatar.
const visualParams = 218

// Everybody looks the same.
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

func appearance(agent uuid.UUID) message.Message {
	return &message.AvatarAppearance{
		Sender:          message.AvatarAppearanceSender{ID: agent},
		ObjectData:      message.AvatarAppearanceObjectData{TextureEntry: avatarTextures},
		VisualParam:     avatarShape,
		AppearanceHover: noHover,
	}
}

// animate tells a client which animation another avatar plays. It tells whether
// that could be sent.
func (r *region) animate(now circuit.Instant, c *client, other *client) bool {
	other.animations++
	return c.circuit.SendReliable(now, &message.AvatarAnimation{
		Sender: message.AvatarAnimationSender{ID: other.session.agentID},
		AnimationList: []message.AvatarAnimationAnimationList{
			{AnimID: other.anim, AnimSequenceID: other.animations},
		},
	}, nil) == nil
}
