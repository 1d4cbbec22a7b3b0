package agent

import (
	"context"
	"fmt"
	"strings"

	"github.com/google/uuid"
	"github.com/slload/slload/circuit"
	"github.com/slload/slload/internal/reason"
	"github.com/slload/slload/message"
)

// MapRegion is a region as the grid's map has it.
type MapRegion struct {
	Name        string
	Handle      uint64 // x metres << 32 | y metres of its south-west corner
	Access      uint8  // 13 general, 21 moderate, 42 adult, 254 down
	Flags       uint32
	WaterHeight uint8 // metres
	Agents      uint8 // as far as the grid counts them; OpenSim doesn't
	Image       uuid.UUID
}

// The operations that the map's calls report: from the request to the answer,
// the last one where there are several.
const (
	OpMapBlock  = "msg.map_block"
	OpMapSearch = "msg.map_search"
	OpMapItem   = "msg.map_item"
)

const (
	mapUnit = 256 // metres: the map counts in the smallest region's size

	// mapLayer is what viewers ask for: the map with objects. A question by
	// its flags, which the answer repeats.
	mapBlockFlags  = 0
	mapSearchFlags = 2

	accessNonExistent = 255 // SimAccess of a place without a region
)

// NoRegionError is a region that the grid's map doesn't have.
type NoRegionError struct{ Name string }

func (e *NoRegionError) Error() string { return fmt.Sprintf("the grid's map has no region %q", e.Name) }

// Reason is the word by which a run counts this failure.
func (e *NoRegionError) Reason() string { return "no_region" }

// Area is a rectangle of the map in units of 256 m, its edges included.
type Area struct{ MinX, MinY, MaxX, MaxY uint16 }

// around is the area within so many units of a region's corner.
func around(r RegionInfo, units uint32) Area {
	x, y := r.X/mapUnit, r.Y/mapUnit
	low := func(v uint32) uint16 { return uint16(v - min(v, units)) }
	high := func(v uint32) uint16 { return uint16(min(v+units, 0xFFFF)) }
	return Area{low(x), low(y), high(x), high(y)}
}

// MapSearch finds the regions whose names begin with name, or contain it: the
// grid decides, and in what order. OpenSim finds nothing for names of under
// three characters. It reports msg.map_search.
func (a *Agent) MapSearch(ctx context.Context, name string) ([]MapRegion, error) {
	var found []MapRegion
	take := func(m message.Message) ([]MapRegion, bool) {
		reply := m.(*message.MapBlockReply)
		if reply.AgentData.AgentID != a.ID || reply.AgentData.Flags != mapSearchFlags {
			return nil, false
		}
		for i := range reply.Data {
			if end := reply.Data[i].Access == accessNonExistent; end { // the block that closes an answer
				return found, true
			}
			found = append(found, mapRegion(reply, i))
		}
		return nil, false
	}
	return measured(ctx, a, OpMapSearch, message.IDMapBlockReply, true, &message.MapNameRequest{
		AgentData: message.MapNameRequestAgentData{AgentID: a.ID, SessionID: a.session, Flags: mapSearchFlags},
		NameData:  message.MapNameRequestNameData{Name: message.Text(name)},
	}, take)
}

// MapBlocks gives the regions of a part of the map. No answer says that it is
// the last: that is the one to a second question, for the agent's own region
// alone, which the simulator answers after the first. It reports
// msg.map_block.
func (a *Agent) MapBlocks(ctx context.Context, area Area) ([]MapRegion, error) {
	here, err := a.State(ctx)
	if err != nil {
		return nil, err
	}
	var found []MapRegion
	seen := map[uint64]bool{}
	take := func(m message.Message) ([]MapRegion, bool) {
		reply := m.(*message.MapBlockReply)
		switch {
		case reply.AgentData.AgentID != a.ID:
			return nil, false
		case reply.AgentData.Flags == endFlags:
			return found, true
		case reply.AgentData.Flags != mapBlockFlags:
			return nil, false
		}
		for i := range reply.Data {
			r := mapRegion(reply, i)
			if r.Access != accessNonExistent && !seen[r.Handle] {
				seen[r.Handle] = true
				found = append(found, r)
			}
		}
		return nil, false
	}
	ask, end := a.mapBlockRequest(area, mapBlockFlags), a.mapBlockRequest(around(here.Region, 0), endFlags)
	return measured(ctx, a, OpMapBlock, message.IDMapBlockReply, true, ask, take, end)
}

// endFlags mark the question whose answer ends MapBlocks: no viewer's.
const endFlags = 1

func (a *Agent) mapBlockRequest(area Area, flags uint32) message.Message {
	return &message.MapBlockRequest{
		AgentData:    message.MapBlockRequestAgentData{AgentID: a.ID, SessionID: a.session, Flags: flags},
		PositionData: message.MapBlockRequestPositionData{MinX: area.MinX, MaxX: area.MaxX, MinY: area.MinY, MaxY: area.MaxY},
	}
}

// mapRegion copies one of the answer's.
func mapRegion(m *message.MapBlockReply, i int) MapRegion {
	d := &m.Data[i]
	return MapRegion{
		Name:   message.String(d.Name),
		Handle: uint64(d.X)*mapUnit<<32 | uint64(d.Y)*mapUnit,
		Access: d.Access, Flags: d.RegionFlags,
		WaterHeight: d.WaterHeight, Agents: d.Agents, Image: d.MapImageID,
	}
}

// nearby is how far around FindRegion looks for what the search doesn't find,
// in units of the map.
const nearby = 16

// FindRegion finds a region by its whole name, in any case: by the map's
// search and, since OpenSim doesn't find short names by that, in the map
// around the agent. A *NoRegionError tells that there is none.
func (a *Agent) FindRegion(ctx context.Context, name string) (MapRegion, error) {
	found, err := a.MapSearch(ctx, name)
	if err != nil {
		return MapRegion{}, err
	}
	if r, ok := named(found, name); ok {
		return r, nil
	}
	here, err := a.State(ctx)
	if err != nil {
		return MapRegion{}, err
	}
	if found, err = a.MapBlocks(ctx, around(here.Region, nearby)); err != nil {
		return MapRegion{}, err
	}
	if r, ok := named(found, name); ok {
		return r, nil
	}
	return MapRegion{}, &NoRegionError{name}
}

func named(list []MapRegion, name string) (MapRegion, bool) {
	for _, r := range list {
		if strings.EqualFold(r.Name, name) {
			return r, true
		}
	}
	return MapRegion{}, false
}

// measured is request with the time from sending m, with what follows it, to
// the answer reported as op. Alone has it wait for its turn, which counts from
// the planned start on.
func measured[R any](ctx context.Context, a *Agent, op string, id message.ID, alone bool, m message.Message, take func(message.Message) (R, bool), more ...message.Message) (R, error) {
	planned := intended(ctx, a.loop.Now())
	var sent circuit.Instant // the loop's, until request returns
	send := func(now circuit.Instant) error {
		if err := a.root.circuit.SendWith(now, m, circuit.SendOptions{Reliable: true, Sent: &sent}); err != nil {
			return err
		}
		for _, m := range more {
			if err := a.send(now, m); err != nil {
				return err
			}
		}
		return nil
	}
	var answered circuit.Instant // the loop's, likewise
	var answer R
	var err error
	done := func() {}
	if alone {
		done, err = a.turn(ctx, id)
	}
	if err == nil {
		answer, err = request(ctx, a, id.String(), id, send, func(m message.Message) (R, bool) {
			answered = a.loop.Now()
			return take(m)
		})
		done()
	}
	word := reason.Of(err)
	a.post(func(now circuit.Instant) {
		if sent == 0 { // it never was
			sent = now
		}
		if answered == 0 || word != "" {
			answered = now
		}
		a.opt.Observer.Done(op, planned, sent, max(answered, sent), word)
	})
	return answer, err
}
