package results

import (
	"fmt"
	"time"
)

// Growth is how a run's memory went while its load stood still, as far as the
// timeline tells.
type Growth struct {
	Lines int           // of the timeline
	Span  time.Duration // from the first to the last of them
	// First and Last are the means over the first and the last quarter.
	First, Last Memory
}

// ReadGrowth reads the growth of the run in dir over the phases that its
// manifest calls measured.
func ReadGrowth(dir string) (*Growth, error) {
	m, err := ReadManifest(dir)
	if err != nil {
		return nil, err
	}
	var at []float64
	var memory []Memory
	err = ReadTimeline(dir, func(l Line) {
		if m.Measures(l.Phase) {
			at, memory = append(at, l.T), append(memory, l.Generator.Memory)
		}
	})
	if err != nil {
		return nil, err
	}
	return growth(at, memory), nil
}

func growth(at []float64, memory []Memory) *Growth {
	n := len(memory)
	g := &Growth{Lines: n}
	if n < 8 {
		return g // a quarter of less is one or two lines, which say nothing
	}
	g.Span = fromSeconds(at[n-1] - at[0])
	g.First, g.Last = mean(memory[:n/4]), mean(memory[n-n/4:])
	return g
}

func mean(list []Memory) (m Memory) {
	for _, x := range list {
		m.RSSBytes += x.RSSBytes
		m.HeapBytes += x.HeapBytes
		m.Goroutines += x.Goroutines
	}
	n := int64(len(list))
	return Memory{m.RSSBytes / n, m.HeapBytes / n, m.Goroutines / n}
}

// String tells it in a line.
func (g *Growth) String() string {
	if g.Span == 0 {
		return "too few measurements to tell whether it grew"
	}
	text := fmt.Sprintf("heap %s MB in the first quarter, %s MB in the last", mega(g.First.HeapBytes), mega(g.Last.HeapBytes))
	if g.First.RSSBytes > 0 {
		text += fmt.Sprintf("; resident %s and %s MB", mega(g.First.RSSBytes), mega(g.Last.RSSBytes))
	}
	return text + fmt.Sprintf("; goroutines %s and %s; over %s", thousands(g.First.Goroutines), thousands(g.Last.Goroutines), g.Span.Round(time.Second))
}

func mega(bytes int64) string { return fmt.Sprintf("%.1f", float64(bytes)/1e6) }
