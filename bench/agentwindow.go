package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/slload/slload/circuit"
)

// agentFigures are what only whole agents have. What of the datagrams is not
// load but the protocol's own is told apart, each a second.
type agentFigures struct {
	AcksSent      float64 `json:"acks_sent_per_s"`        // PacketAck; other acks ride on what is sent anyway
	PingsSent     float64 `json:"pings_sent_per_s"`       // StartPingCheck, CompletePingCheck
	OtherSent     float64 `json:"other_sent_per_s"`       // neither acks nor pings nor AgentUpdates
	PingsReceived float64 `json:"pings_received_per_s"`   // as for sent
	Resent        float64 `json:"resent_per_s"`           // by the simulator, for want of an ack
	LoadCost      float64 `json:"cpu_s_per_mpkt_of_load"` // as cpu_s_per_mpkt, with nothing of the above counted
	Chats         float64 `json:"chats_heard_per_s"`      // events that subscribers got
	PeerCPU       float64 `json:"peer_cpu_percent"`       // of the simulator: near 100 it holds the agents up
	LateTimers    uint64  `json:"late_timers"`            // in the window, 5 ms late or more
	KernelDrops   uint64  `json:"kernel_drops"`
}

// state is what the crowd and the simulator have counted.
type state struct {
	sample
	chats uint64
	loop  circuit.LoopStats
	sim   counts
}

// window measures. The simulator is asked outside of what is measured, which
// shifts its counts by a millisecond or so.
func (c *crowd) window(ctx context.Context) (figures, error) {
	var from, to state
	if err := c.ask(ctx, http.MethodGet, countsPath, &from.sim); err != nil {
		return figures{}, err
	}
	if err := c.loop.Call(ctx, func(circuit.Instant) { c.look(&from) }); err != nil {
		return figures{}, err
	}
	if err := sleep(ctx, c.load.window); err != nil {
		return figures{}, err
	}
	if err := c.loop.Call(ctx, func(circuit.Instant) { c.look(&to) }); err != nil {
		return figures{}, err
	}
	if err := c.ask(ctx, http.MethodGet, countsPath, &to.sim); err != nil {
		return figures{}, err
	}
	if n := c.lost.Load(); n > 0 {
		return figures{}, fmt.Errorf("%d of %d agents were lost on the way", n, len(c.agents))
	}
	return from.figures(&to), nil
}

// look takes the generator's part of a state, on the loop.
func (c *crowd) look(s *state) {
	s.loop, s.chats = c.loop.Stats(), c.chats
	s.sample = takeSample(s.loop.Conn.Sent, s.loop.Conn.Received)
}

func (from *state) figures(to *state) figures {
	seconds := to.at.Sub(from.at).Seconds()
	rate := func(a, b uint64) float64 { return float64(b-a) / seconds }
	f := from.until(to.sample)
	f.Agent = &agentFigures{
		AcksSent:      rate(from.sim.Acks, to.sim.Acks),
		PingsSent:     rate(from.sim.PingsReceived, to.sim.PingsReceived),
		OtherSent:     rate(from.sim.OtherReceived, to.sim.OtherReceived),
		PingsReceived: rate(from.sim.PingsSent, to.sim.PingsSent),
		Resent:        rate(from.sim.Resent, to.sim.Resent),
		Chats:         rate(from.chats, to.chats),
		PeerCPU:       (to.sim.CPU - from.sim.CPU).Seconds() / seconds * 100,
		LateTimers:    to.loop.LateTimers - from.loop.LateTimers,
		KernelDrops:   to.loop.Conn.KernelDrops - from.loop.Conn.KernelDrops,
	}
	if sent, received := f.load(); sent+received > 0 {
		f.Agent.LoadCost = f.CPUPercent / 100 / (sent + received) * 1e6
	}
	return f
}

// ask makes a request of the simulator; answer, if not nil, is filled from the
// JSON that comes.
func (c *crowd) ask(ctx context.Context, method, path string, answer any) error {
	req, err := http.NewRequestWithContext(ctx, method, c.grid+path, http.NoBody)
	if err != nil {
		return err
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return fmt.Errorf("ask the simulator: %w", err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("ask the simulator: %s %s: %s", method, path, resp.Status)
	}
	if answer == nil {
		return nil
	}
	return json.NewDecoder(resp.Body).Decode(answer)
}
