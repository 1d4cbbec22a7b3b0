package testgrid

import (
	"github.com/slload/slload/circuit"
	"github.com/slload/slload/message"
)

// defaultScript is what a script is that was made without a text.
const defaultScript = `default
{
    state_entry()
    {
        llSay(0, "Script running");
    }
}`

// load gives a script of a prim its text and starts it, if it compiles.
func (r *region) load(now circuit.Instant, p *prim, it *content, text string) error {
	s, err := compile(text)
	if it.script = s; err != nil {
		it.running = false
	} else if it.running {
		r.run(now, p, it, "state_entry")
	}
	r.looks(p)
	return err
}

// startScript begins a script anew, as in an object that has just been rezzed.
func (r *region) startScript(now circuit.Instant, p *prim, it *content) {
	if it.kind != kindScript {
		return
	}
	data, ok := r.grid.assets.get(it.asset)
	if !ok {
		return
	}
	// What doesn't compile stands still: whoever uploaded it was told.
	if it.running = true; r.load(now, p, it, string(data.data)) == nil {
		r.run(now, p, it, "on_rez")
	}
}

// trigger has the scripts of a prim hear of an event.
func (r *region) trigger(now circuit.Instant, p *prim, event string) {
	for _, it := range p.contents {
		r.run(now, p, it, event)
	}
}

func (r *region) run(now circuit.Instant, p *prim, it *content, event string) {
	if it.script == nil || !it.running {
		return
	}
	for _, l := range it.script.events[event] {
		r.speak(now, p, l)
	}
}

const sourceObject = 2 // ChatFromSimulator.SourceType

// speak has a prim say a line; only people hear it.
func (r *region) speak(now circuit.Instant, p *prim, l line) {
	if l.channel != publicChannel {
		return
	}
	m := &r.scratch.chat
	m.ChatData.FromName = message.Text(p.name)
	m.ChatData.SourceID, m.ChatData.OwnerID = p.id, p.root.owner
	m.ChatData.SourceType, m.ChatData.ChatType, m.ChatData.Audible = sourceObject, l.kind, audibleFully
	m.ChatData.Position = p.place()
	m.ChatData.Message = message.Text(cut(l.text, longestMessage))
	if l.kind == chatOwner {
		if c := r.anyone(p.root.owner); c != nil {
			c.tell(now, m)
		}
		return
	}
	reach := map[uint8]float32{chatWhisper: whisperRange, chatSay: sayRange, chatShout: shoutRange}[l.kind]
	r.scratch.heard = r.cells.within(r.scratch.heard[:0], p.place(), reach)
	for _, slot := range r.scratch.heard {
		r.avatars[slot].tell(now, m)
	}
}
