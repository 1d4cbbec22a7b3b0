package testgrid

import "github.com/slload/slload/circuit"

// script is a program that a prim runs.
type script struct {
	events map[string][]line // what its default state says, by event
}

// line is what a script says.
type line struct {
	kind    uint8
	channel int32
	text    string
}

func (r *region) startScript(now circuit.Instant, p *prim, it *content) {}
