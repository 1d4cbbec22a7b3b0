package results

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	hdr "github.com/HdrHistogram/hdrhistogram-go"
)

// ReadTimeline calls each for every line of timeline.jsonl of the run in dir,
// in order. Damaged lines are left out; a file that is missing has none.
func ReadTimeline(dir string, each func(Line)) error {
	r := &rebuild{dir: dir}
	return r.open(fileTimeline, func(f io.Reader) (int, error) { return readTimeline(f, each) })
}

// Times are the histograms of an operation, in nanoseconds: from the intended
// start, and from the real send.
type Times struct{ Response, Service *hdr.PackedHistogram }

// ReadTimes reads the histograms of the run in dir by operation, each merged
// over the whole run. Operations that never succeeded have none.
func ReadTimes(dir string) (map[string]Times, error) {
	r := &rebuild{dir: dir}
	if err := r.readCheckpoint(); err != nil {
		return nil, fmt.Errorf("read the histograms of %s: %w", dir, err)
	}
	total, end := make(tally), time.Duration(0)
	err := r.open(fileHlog, func(f io.Reader) (int, error) {
		return readHlog(f, func(c cut) {
			total.merge(c.ops)
			end = c.to
		})
	})
	if err != nil {
		return nil, err
	}
	r.cuts = []cut{{to: end}}
	r.addOpen()
	for _, c := range r.cuts {
		total.merge(c.ops)
	}
	times := make(map[string]Times, len(total))
	for op, f := range total {
		if f.response.TotalCount() > 0 {
			times[op] = Times{f.response, f.service}
		}
	}
	return times, nil
}

// ReadConfig reads config.yaml of the run in dir: the effective profile,
// without passwords.
func ReadConfig(dir string) ([]byte, error) {
	return os.ReadFile(filepath.Join(dir, fileConfig))
}

// WriteReport replaces report.html of the run in dir and returns its path.
func WriteReport(dir string, page []byte) (string, error) {
	path := filepath.Join(dir, fileReport)
	return path, Replace(path, page)
}
