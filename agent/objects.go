package agent

// Objects is what an agent does with the things in its region. Objects are
// named by their local ids, which Find and Create give.
//
// Calls that change something return when the request is on its way: a
// simulator that refuses doesn't say so. Find (for what everybody sees) and
// PropertiesWhen (for what only the selected object tells) wait for the
// effect.
type Objects struct{ a *Agent }

// Objects gives the agent's dealings with objects.
func (a *Agent) Objects() Objects { return Objects{a} }

// perMessage is how many objects one message names at most: their blocks are
// up to 10 bytes, and a datagram has 1,200.
const perMessage = 100

// chunks calls f with at most perMessage of ids at a time.
func chunks(ids []uint32, f func(part []uint32) error) error {
	for len(ids) > 0 {
		n := min(len(ids), perMessage)
		if err := f(ids[:n]); err != nil {
			return err
		}
		ids = ids[n:]
	}
	return nil
}
