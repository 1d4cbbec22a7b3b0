package results

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	hdr "github.com/HdrHistogram/hdrhistogram-go"
)

// cut is a stretch of histograms.hlog: all operations' histograms between two
// instants of one phase.
type cut struct {
	from, to time.Duration
	phase    string
	since    time.Duration // when the phase began, which tells it from others
	ops      tally
	open     bool // it is the checkpoint's, and not in the log
}

// maxLine bounds a line of a run directory's files. The largest that slload
// writes is a full histogram's, some 100 KB.
const maxLine = 1 << 20

// readHlog calls each for every whole cut in r, in order, and returns how many
// were damaged. What follows the last whole cut is no damage: the run was cut
// off there.
func readHlog(r io.Reader, each func(cut)) (damaged int, err error) {
	c, bad, n := tally{}, false, 0
	err = eachLine(r, func(line []byte) {
		switch {
		case bytes.HasPrefix(line, []byte("#[Cut: ")):
			next, lines, err := parseCut(string(line))
			if err != nil || bad || lines != n {
				damaged++
			} else {
				next.ops = c
				each(next)
			}
			c, bad, n = tally{}, false, 0
		case len(line) == 0, line[0] == '#', line[0] == '"': // other comments, the legend
		default:
			bad = bad || c.decodeLine(string(line)) != nil
			n++
		}
	})
	return damaged, err
}

func parseCut(line string) (c cut, lines int, err error) {
	var from, to, since float64
	_, err = fmt.Sscanf(line, "#[Cut: %d lines, %f to %f, of %q since %f]", &lines, &from, &to, &c.phase, &since)
	if err != nil {
		return c, 0, err
	}
	if !(since >= 0 && since <= from && from <= to && to < maxSeconds) {
		return c, 0, fmt.Errorf("a cut from %v to %v of a phase since %v", from, to, since)
	}
	c.from, c.to, c.since = fromSeconds(from), fromSeconds(to), fromSeconds(since)
	return c, lines, nil
}

// maxSeconds bounds the times that are read from a file: some 30 years.
const maxSeconds = 1e9

// decodeLine takes one histogram line in: Tag=<op>.<kind>,start,length,max,data.
func (t tally) decodeLine(line string) error {
	f := strings.Split(line, ",")
	if len(f) != 5 {
		return errors.New("not a histogram line")
	}
	tag, ok := strings.CutPrefix(f[0], "Tag=")
	dot := strings.LastIndexByte(tag, '.')
	if !ok || dot <= 0 {
		return fmt.Errorf("%q is no tag of ours", f[0])
	}
	return t.decode(tag[:dot], tag[dot+1:], f[4])
}

// decode takes an encoded histogram in.
func (t tally) decode(op, kind, data string) error {
	h, err := hdr.DecodePacked([]byte(data))
	if err != nil {
		return err
	}
	if h.LowestTrackableValue() != int64(minValue) || h.HighestTrackableValue() != int64(maxValue) ||
		h.SignificantFigures() != digits {
		return errors.New("a histogram of another geometry")
	}
	if t[op] == nil && len(t) >= maxNames {
		return errors.New("too many operations")
	}
	switch kind {
	case kindResponse:
		t.figures(op).response.Merge(h)
	case kindService:
		t.figures(op).service.Merge(h)
	default:
		return fmt.Errorf("%q is no kind of histogram", kind)
	}
	return nil
}

// eachLine calls f for every whole line of r, without its end. A last line
// without an end was cut off and is left out, as is one longer than maxLine.
func eachLine(r io.Reader, f func(line []byte)) error {
	return eachLineTo(r, func(line []byte, _ int64) { f(line) })
}

// eachLineTo is eachLine that tells at which byte the next line begins.
func eachLineTo(r io.Reader, f func(line []byte, end int64)) error {
	in := bufio.NewReaderSize(r, maxLine)
	var end int64
	for skip := false; ; {
		line, err := in.ReadSlice('\n')
		end += int64(len(line))
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			skip = true
		case err == io.EOF:
			return nil
		case err != nil:
			return err
		case skip:
			skip = false
		default:
			f(line[:len(line)-1], end)
		}
	}
}
