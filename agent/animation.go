package agent

import (
	"context"

	"github.com/google/uuid"
	"github.com/slload/slload/message"
)

// StartAnimation plays an animation, and waits until the simulator tells that
// the avatar plays it (AvatarAnimation). One that plays already isn't told
// again: the wait ends with ctx then.
func (a *Agent) StartAnimation(ctx context.Context, animation uuid.UUID) error {
	return a.animate(ctx, animation, true)
}

// StopAnimation ends an animation, and waits until the simulator tells that
// the avatar plays it no more.
func (a *Agent) StopAnimation(ctx context.Context, animation uuid.UUID) error {
	return a.animate(ctx, animation, false)
}

func (a *Agent) animate(ctx context.Context, animation uuid.UUID, start bool) error {
	ask := message.AgentAnimation{
		AgentData:     message.AgentAnimationAgentData{AgentID: a.ID, SessionID: a.session},
		AnimationList: []message.AgentAnimationAnimationList{{AnimID: animation, StartAnim: start}},
	}
	_, err := request(ctx, a, "the animation (AvatarAnimation)", message.IDAvatarAnimation, a.sending(&ask), func(m message.Message) (struct{}, bool) {
		told := m.(*message.AvatarAnimation)
		plays := false
		for _, anim := range told.AnimationList {
			plays = plays || anim.AnimID == animation
		}
		return struct{}{}, told.Sender.ID == a.ID && plays == start
	})
	return err
}
