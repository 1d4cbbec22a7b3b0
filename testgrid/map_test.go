package testgrid

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/slload/slload/message"
)

func (v *viewer) asksMap(flags uint32, minX, minY, maxX, maxY uint16) message.Message {
	m := &message.MapBlockRequest{}
	m.AgentData.AgentID, m.AgentData.SessionID, m.AgentData.Flags = v.Agent, v.Session, flags
	m.PositionData = message.MapBlockRequestPositionData{MinX: minX, MaxX: maxX, MinY: minY, MaxY: maxY}
	return m
}

// blocks are the names and accesses of the regions that a viewer was told of,
// message by message.
func blocks(v *viewer, flags uint32) (list [][]string) {
	for _, m := range of[*message.MapBlockReply](v.listen()) {
		check(v.w.t, m.AgentData.AgentID == v.Agent && m.AgentData.Flags == flags, "answered %+v", m.AgentData)
		var names []string
		for _, d := range m.Data {
			name := message.String(d.Name)
			if d.Access == accessNonExistent {
				name = "no " + name
			}
			names = append(names, name)
		}
		list = append(list, names)
	}
	return list
}

func TestMapBlocks(t *testing.T) {
	inWorld(t, Config{Regions: 12}, func(w *world) {
		ann := w.enter("Ann", at(100, 100, 0))
		for _, tt := range []struct {
			name    string
			request message.Message
			want    [][]string
		}{
			{"a part", ann.asksMap(0, 1001, 1000, 1002, 1001), [][]string{{"Region 2", "Region 3", "Region 6", "Region 7"}}},
			{"nothing there", ann.asksMap(0, 5, 5, 5, 5), nil},
			{"nothing there, told", ann.asksMap(0x10000, 5, 5, 5, 5), [][]string{{"no "}}},
		} {
			t.Run(tt.name, func(t *testing.T) {
				ann.sendReliable(tt.request)
				if diff := cmp.Diff(tt.want, blocks(ann, 0)); diff != "" {
					t.Error(diff)
				}
			})
		}
		ann.sendReliable(ann.asksMap(0, 0, 0, 2000, 2000))
		got := blocks(ann, 0)
		check(t, len(got) == 2 && len(got[0]) == 10 && len(got[1]) == 2, "all came as %v", got)
	})
}

func TestMapSearch(t *testing.T) {
	inWorld(t, Config{Regions: 12}, func(w *world) {
		ann := w.enter("Ann", at(100, 100, 0))
		for _, tt := range []struct {
			name string
			want []string
		}{
			{"region 1", []string{"Region 1", "Region 10", "Region 11", "Region 12", "no region 1"}},
			{"Re", []string{"no Re"}},
			{"egion", []string{"no egion"}},
		} {
			t.Run(tt.name, func(t *testing.T) {
				m := &message.MapNameRequest{}
				m.AgentData.AgentID, m.AgentData.SessionID, m.AgentData.Flags = ann.Agent, ann.Session, 2
				m.NameData.Name = message.Text(tt.name)
				ann.sendReliable(m)
				if diff := cmp.Diff([][]string{tt.want}, blocks(ann, 2)); diff != "" {
					t.Error(diff)
				}
			})
		}
	})
}

func TestMapItems(t *testing.T) {
	inWorld(t, four, func(w *world) {
		ann, bob := w.enter("Ann", at(100, 100, 0)), w.enter("Bob", inRegion(2, 30, 40, 0))
		ask := func(kind uint32, handle uint64) *message.MapItemReply {
			m := &message.MapItemRequest{}
			m.AgentData.AgentID, m.AgentData.SessionID = ann.Agent, ann.Session
			m.RequestData = message.MapItemRequestRequestData{ItemType: kind, RegionHandle: handle}
			ann.sendReliable(m)
			return expect[*message.MapItemReply](ann)
		}
		here := ask(mapAgents, 0)
		check(t, len(here.Data) == 1 && here.Data[0].Extra == 0, "she alone is told as %+v", here.Data)
		other := w.grid.regions[1]
		there := ask(mapAgents, other.handle())
		check(t, len(there.Data) == 1 && there.Data[0].Extra == 1 && there.Data[0].X == other.x+30 && there.Data[0].Y == other.y+40,
			"%s is told as %+v", bob.Agent, there.Data)
		const telehub = 1
		m := &message.MapItemRequest{}
		m.AgentData.AgentID, m.AgentData.SessionID, m.RequestData.ItemType = ann.Agent, ann.Session, telehub
		ann.sendReliable(m)
		check(t, !slices.Contains(names(ann.listen()), "MapItemReply"), "telehubs are told that aren't there")
	})
}

func TestRegionInfoAndCovenant(t *testing.T) {
	inWorld(t, Config{Regions: 2, Capacity: 7}, func(w *world) {
		ann := w.enter("Ann", inRegion(2, 100, 100, 0))
		ask := &message.RequestRegionInfo{}
		ask.AgentData.AgentID, ask.AgentData.SessionID = ann.Agent, ann.Session
		ann.sendReliable(ask)
		info := expect[*message.RegionInfo](ann)
		check(t, message.String(info.RegionInfo.SimName) == "Region 2" && info.RegionInfo2.MaxAgents32 == 7, "told %+v", info)
		covenant := &message.EstateCovenantRequest{}
		covenant.AgentData.AgentID, covenant.AgentData.SessionID = ann.Agent, ann.Session
		ann.sendReliable(covenant)
		got := expect[*message.EstateCovenantReply](ann)
		check(t, got.Data.EstateOwnerID == estateOwner, "told %+v", got.Data)
	})
}
