package page

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io/fs"

	"github.com/slload/slload/results"
)

// Run is what a page shows.
type Run struct {
	Manifest *results.Manifest
	Summary  *results.Summary
	Config   []byte // the effective profile, as YAML; none: not shown
	// Lines are the run over time, thinned to some hundred.
	Lines []results.Line
	// Times are the histograms over the whole run, by operation.
	Times map[string]results.Times
	Live  *Live // nil: a report, which stays as it is
}

// Read reads the run in dir. Where it was cut off its summary is made first,
// and written, as by results.ReadSummary.
func Read(dir string) (*Run, error) {
	m, err := results.ReadManifest(dir)
	if err != nil {
		return nil, err
	}
	s, err := results.ReadSummary(dir)
	if err != nil {
		return nil, err
	}
	config, err := results.ReadConfig(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	t := newThinner(s.Run.Seconds)
	if err := results.ReadTimeline(dir, t.add); err != nil {
		return nil, err
	}
	times, err := results.ReadTimes(dir)
	if err != nil {
		return nil, err
	}
	return &Run{Manifest: m, Summary: s, Config: config, Lines: t.lines, Times: times}, nil
}

// Write reads the run in dir, writes its page there, as report.html, and
// returns the page's path.
func Write(dir string) (path string, err error) {
	r, err := Read(dir)
	if err != nil {
		return "", fmt.Errorf("draw the page of a run: %w", err)
	}
	var b bytes.Buffer
	if err := r.WriteHTML(&b); err != nil {
		return "", fmt.Errorf("draw the page of %s: %w", cmp.Or(r.Manifest.ID, dir), err)
	}
	return results.WriteReport(dir, b.Bytes())
}
