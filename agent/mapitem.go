package agent

import (
	"context"

	"github.com/google/uuid"
	"github.com/slload/slload/message"
)

// MapItemKind is what the map can show beside regions, by the protocol's
// numbers.
type MapItemKind uint32

// Kinds of map items. OpenSim has those of agents, telehubs and land for sale.
const (
	MapTelehub          MapItemKind = 1
	MapGeneralEvent     MapItemKind = 2
	MapModerateEvent    MapItemKind = 3
	MapAgents           MapItemKind = 6
	MapLandForSale      MapItemKind = 7
	MapClassified       MapItemKind = 8
	MapAdultEvent       MapItemKind = 9
	MapAdultLandForSale MapItemKind = 10
)

// MapItem is one thing on the map.
type MapItem struct {
	Kind   MapItemKind
	X, Y   uint32 // metres on the grid
	ID     uuid.UUID
	Name   string // of agents a word without meaning
	Extra  int32  // agents: how many there; land: its area in m²
	Extra2 int32  // land: its price
}

// MapItems asks for what of a kind there is in a region (0: where the agent
// stands). The agents that it tells of don't include the agent itself. A grid
// that has nothing of a kind may say nothing: OpenSim answers about agents
// alone then, and ctx should end the wait for others. It reports
// msg.map_item.
func (a *Agent) MapItems(ctx context.Context, kind MapItemKind, region uint64) ([]MapItem, error) {
	take := func(m message.Message) ([]MapItem, bool) {
		reply := m.(*message.MapItemReply)
		if reply.AgentData.AgentID != a.ID || reply.RequestData.ItemType != uint32(kind) {
			return nil, false
		}
		items := make([]MapItem, 0, len(reply.Data))
		for i := range reply.Data {
			d := &reply.Data[i]
			if kind == MapAgents && d.Extra == 0 {
				continue // OpenSim's way to say that nobody else is there
			}
			items = append(items, MapItem{kind, d.X, d.Y, d.ID, message.String(d.Name), d.Extra, d.Extra2})
		}
		return items, true
	}
	return measured(ctx, a, OpMapItem, message.IDMapItemReply, false, &message.MapItemRequest{
		AgentData:   message.MapItemRequestAgentData{AgentID: a.ID, SessionID: a.session, Flags: mapSearchFlags},
		RequestData: message.MapItemRequestRequestData{ItemType: uint32(kind), RegionHandle: region},
	}, take)
}
