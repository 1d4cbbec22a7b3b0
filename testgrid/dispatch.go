package testgrid

import (
	"github.com/slload/slload/circuit"
	"github.com/slload/slload/message"
)

// newDispatch says which messages the grid acts on. Others are counted by the
// loops and left alone; acks, pings and CloseCircuit are package circuit's.
func (g *Grid) newDispatch() *circuit.Dispatch {
	d := circuit.NewDispatch()
	d.On(message.IDUseCircuitCode, g.onUseCircuitCode)
	d.On(message.IDCompleteAgentMovement, g.onCompleteAgentMovement)
	d.On(message.IDRegionHandshakeReply, g.onRegionHandshakeReply)
	d.On(message.IDAgentThrottle, g.onThrottle)
	d.On(message.IDAgentUpdate, g.onAgentUpdate)
	d.On(message.IDSetAlwaysRun, g.onSetAlwaysRun)
	d.On(message.IDAgentRequestSit, g.onRequestSit)
	d.On(message.IDAgentSit, g.onSit)
	d.On(message.IDChatFromViewer, g.onChat)
	d.On(message.IDImprovedInstantMessage, g.onInstantMessage)
	d.On(message.IDUUIDNameRequest, g.onNames)
	d.On(message.IDLogoutRequest, g.onLogout)
	d.On(message.IDRetrieveInstantMessages, g.onRetrieveInstantMessages)
	d.On(message.IDAvatarPickerRequest, g.onAvatarPicker)
	d.On(message.IDAgentAnimation, g.onAgentAnimation)
	d.On(message.IDAgentHeightWidth, g.onHeightWidth)
	d.On(message.IDAgentFOV, g.onFieldOfView)
	g.dispatchTravel(d)
	g.dispatchFriends(d)
	g.dispatchProfiles(d)
	g.dispatchPicks(d)
	g.dispatchMoney(d)
	g.dispatchMutes(d)
	g.dispatchPrims(d)
	g.dispatchGroups(d)
	g.dispatchLand(d)
	g.dispatchAppearance(d)
	g.dispatchContents(d)
	g.dispatchDerez(d)
	g.dispatchTouch(d)
	g.dispatchInventory(d)
	g.dispatchAssets(d)
	return d
}
