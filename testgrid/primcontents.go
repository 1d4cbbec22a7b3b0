package testgrid

// content is something in a prim.
type content struct {
	item
	script  *script // of a script that compiles
	running bool
}

func (it *content) copy() *content {
	twin := *it
	return &twin
}

// scripted tells whether there are scripts in a prim.
func (p *prim) scripted() bool {
	for _, it := range p.contents {
		if it.script != nil {
			return true
		}
	}
	return false
}

// touchable tells whether a script in the linkset hears touches.
func (p *prim) touchable() bool {
	for _, it := range p.contents {
		if it.running && it.script.events["touch_start"] != nil {
			return true
		}
	}
	return false
}
