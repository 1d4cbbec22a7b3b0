package results

import (
	"fmt"
	"slices"
	"time"
)

// maxLostLoad bounds the list of what was lost; the last entry stands for all
// that didn't fit any more.
const maxLostLoad = 256

// LostLoad notes that a part of the run's load was missing, from one of the
// Samples' times to another; what names it. It marks the run for good. to is 0
// where that isn't known yet; telling the same from and what again sets it. The
// first mark is brought to disk at once, others with the next flush.
func (c *Collector) LostLoad(from, to time.Duration, what string) error {
	from += c.offset
	if to > 0 {
		to += c.offset
	}
	m, lost := c.manifest, LostLoad{From: seconds(from), To: seconds(to), What: Plain(cutText(what))}
	if m.noteLost(lost) {
		c.Event(Event{T: from, Name: EventLostLoad, Detail: what})
	}
	if c.marked = true; len(m.LostLoad) > 1 {
		return nil
	}
	return c.once(c.writeManifest())
}

// noteLost takes in what was lost; false: it was known.
func (m *Manifest) noteLost(lost LostLoad) bool {
	for i := range m.LostLoad {
		if known := &m.LostLoad[i]; known.From == lost.From && known.What == lost.What {
			known.To = lost.To
			return false
		}
	}
	if n := len(m.LostLoad); n == maxLostLoad {
		m.LostLoad[n-1] = LostLoad{From: m.LostLoad[n-1].From, What: "more than can be listed"}
		return true
	}
	m.LostLoad = append(m.LostLoad, lost)
	return true
}

// writeManifest replaces manifest.json.
func (c *Collector) writeManifest() error {
	err := c.files.writeJSON(fileManifest, c.manifest)
	c.marked = err != nil
	return err
}

// lostUntil is what was lost, of a run that has come to end.
func (m *Manifest) lostUntil(end float64) []LostLoad {
	list := slices.Clone(m.LostLoad)
	for i := range list {
		if list[i].To == 0 {
			list[i].To = end
		}
	}
	return list
}

// maxLostNotes bounds what is said of it in words.
const maxLostNotes = 5

func lostNotes(list []LostLoad) (notes []string) {
	for i, lost := range list {
		if i == maxLostNotes {
			notes = append(notes, fmt.Sprintf("and %d more stretches of lost load, in summary.json", len(list)-i))
			break
		}
		notes = append(notes, fmt.Sprintf("a part of the load was lost: %s, from %.3f s to %.3f s", lost.What, lost.From, lost.To))
	}
	return notes
}
