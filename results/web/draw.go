package web

import (
	"bytes"
	"compress/gzip"
	"strconv"
	"time"

	"github.com/slload/slload/results"
	"github.com/slload/slload/results/page"
)

const (
	// drawEvery and drawShare bound what drawing costs: once a second, and one
	// part in so many of the time.
	drawEvery = time.Second
	drawShare = 20
	// fresh is how old a page may be for one who has none yet.
	fresh = 2 * time.Second
)

// pace is when the next page may be drawn, after one that took so long.
func pace(began time.Time, took time.Duration) time.Time {
	return began.Add(max(drawEvery, drawShare*took))
}

// drawn is a page as it goes out.
type drawn struct {
	version   string
	html, gz  []byte
	at        time.Time
	over      bool
	failure   error
	beganDraw time.Time
}

// draw has the newest state drawn, on a goroutine of its own: the hub goes on.
func (h *hub) draw(now time.Time) {
	r := h.final
	if r == nil {
		r = h.going()
	}
	if r == nil {
		return
	}
	h.unseen, h.drawing = false, true
	h.versions++
	r.Live.Version = h.name + "." + strconv.Itoa(h.versions)
	events, closed := h.events, h.closed
	go func() {
		d := drawPage(r)
		d.beganDraw = now
		select {
		case events <- func(h *hub) { h.drew(d) }:
		case <-closed:
		}
	}()
}

func (h *hub) drew(d *drawn) {
	h.drawing, h.shown = false, d
	h.next = pace(d.beganDraw, d.at.Sub(d.beganDraw))
}

// going is the run so far; nil where its directory can't be read, which the
// next state may mend.
func (h *hub) going() *page.Run {
	s := h.state
	if h.manifest == nil {
		m, err := results.ReadManifest(s.Dir)
		if err != nil {
			return nil
		}
		h.manifest = m
		h.config, _ = results.ReadConfig(s.Dir) // a page without it is still a page
		h.remember(s.Dir)
	}
	return &page.Run{
		Manifest: h.manifest, Summary: s.Summary, Config: h.config, Lines: h.timeline.Lines(), Times: s.Times,
		Live: &page.Live{Going: true, Phase: s.Phase, Planned: s.Planned},
	}
}

// remember puts before the timeline what a run that was resumed has behind it.
func (h *hub) remember(dir string) {
	if h.began && h.whole {
		return // the file may be long, and has no more
	}
	var whole page.Timeline
	until := h.until
	err := results.ReadTimeline(dir, func(l results.Line) {
		if !h.began || l.T < h.from {
			whole.Add(l)
			until = max(until, l.T)
		}
	})
	if err != nil {
		return // the page then begins where the run was resumed
	}
	for _, l := range h.timeline.Lines() {
		whole.Add(l)
	}
	h.timeline, h.until = whole, until
}

// drawPage draws r and packs it.
func drawPage(r *page.Run) *drawn {
	d := &drawn{version: r.Live.Version, over: !r.Live.Going}
	var html, gz bytes.Buffer
	d.failure = r.WriteHTML(&html)
	zip, _ := gzip.NewWriterLevel(&gz, gzip.BestSpeed) // the level is one
	_, _ = zip.Write(html.Bytes())                     // a buffer takes everything
	_ = zip.Close()
	d.html, d.gz, d.at = html.Bytes(), gz.Bytes(), time.Now()
	return d
}
