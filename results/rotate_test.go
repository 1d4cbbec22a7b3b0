package results

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// textOf is what the older and the newer file of text hold, in order.
func textOf(t testing.TB, path string) string {
	t.Helper()
	text, err := os.ReadFile(older(path))
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	return string(text) + string(readFile(t, path))
}

func TestFilesOfTextKeepTheNewestAndCountTheRest(t *testing.T) {
	r := begin(t, Manifest{})
	r.files.events.turns.most, r.files.log.turns.most = 2000, 200
	const seconds = 100
	for i := range seconds {
		r.loops[0].Event(Event{T: r.state.T, Name: "agent.lost", Detail: fmt.Sprint("event ", i)})
		fmt.Fprintln(r.LogFile(), "record", i)
		r.tick(s)
	}
	summary := r.finish()
	for name, most := range map[string]int{fileEvents: 2000, fileLog: 200} {
		path := filepath.Join(r.Dir(), name)
		for _, path := range []string{path, older(path)} {
			if n := len(readFile(t, path)); n > most {
				t.Errorf("%s has %d bytes, want %d at most", path, n, most)
			}
		}
		text := textOf(t, path)
		if !strings.Contains(text, fmt.Sprint(" ", seconds-1)) {
			t.Errorf("%s has lost the newest: %s", name, text)
		}
		all := seconds
		if name == fileEvents {
			all += 2 // the phase's begin and the run's end
		}
		cut := int64(all - strings.Count(text, "\n"))
		if cut == 0 || r.ledger.cut[name] != cut {
			t.Errorf("%s: %d lines were cut, the books say %d", name, cut, r.ledger.cut[name])
		}
		if notes := strings.Join(summary.Notes, "\n"); !strings.Contains(notes, fmt.Sprintf("%s: the oldest lines made room for new ones, %d of them", name, cut)) {
			t.Errorf("the notes don't tell that %d lines of %s had to go: %s", cut, name, notes)
		}
	}
	same(t, "rebuilt", rebuilt(t, r.Dir()), summary)
}

func TestLogThatCannotTurnGoesOnWhereItIs(t *testing.T) {
	r := begin(t, Manifest{})
	log := r.files.log
	log.turns.most = 30
	if err := os.Mkdir(log.path+".tmp", 0o700); err != nil { // no new file can be made
		t.Fatal(err)
	}
	fmt.Fprintln(log, strings.Repeat("x", 28))
	if n, err := fmt.Fprintln(log, "one more"); n != 0 || err == nil {
		t.Errorf("%d bytes went into a full log, error %v", n, err)
	}
	if err := os.Remove(log.path + ".tmp"); err != nil {
		t.Fatal(err)
	}
	if _, err := fmt.Fprintln(log, "room again"); err != nil {
		t.Error(err)
	}
	same(t, "log", string(readFile(t, log.path)), "room again\n")
}

// A reader that holds the older file, as one can on Windows, must not cost the
// newer one.
func TestFilesOfTextThatCannotBeMovedLoseNothing(t *testing.T) {
	r := begin(t, Manifest{})
	events, log := r.files.events, r.files.log
	events.turns.most, log.turns.most = 300, 30
	for _, path := range []string{events.path, log.path} { // in whose place no file can be put
		if err := os.MkdirAll(filepath.Join(older(path), "held"), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	tell := func(i int) error {
		r.loops[0].Event(Event{T: r.state.T, Name: "agent.lost", Detail: fmt.Sprint("event ", i)})
		return r.Tick(r.advance(s))
	}
	fmt.Fprintln(log, strings.Repeat("x", 28))
	if n, err := fmt.Fprintln(log, "one more"); n != 0 || err == nil {
		t.Errorf("%d bytes went into a full log, error %v", n, err)
	}
	told := 0
	for i := range 10 {
		if tell(i) != nil {
			told++
		}
	}
	if told == 0 {
		t.Error("nobody was told that events.jsonl can't be moved")
	}
	for _, path := range []string{events.path, log.path} {
		if err := os.RemoveAll(older(path)); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := fmt.Fprintln(log, "room again"); err != nil {
		t.Error(err)
	}
	if err := tell(10); err != nil {
		t.Error(err)
	}
	same(t, "log", textOf(t, log.path), strings.Repeat("x", 28)+"\nroom again\n")
	if text := textOf(t, events.path); strings.Count(text, `"event `) != 11 || strings.Count(string(readFile(t, events.path)), "\n") != 1 {
		t.Errorf("want 11 events, the last one in a new file: %s", text)
	}
	summary := r.finish()
	if len(summary.Notes) > 0 {
		t.Errorf("nothing was cut, yet: %q", summary.Notes)
	}
}

// A kill -9 between the two renames of a turn leaves no events.jsonl.
func TestARunKilledWhileItsFilesTurnIsResumed(t *testing.T) {
	r := begin(t, Manifest{PlannedSeconds: 60})
	r.ticks(20, r.second)
	dir := snapshot(t, r.Dir())
	for _, name := range []string{fileEvents, fileLog} {
		path := filepath.Join(dir, name)
		if err := errors.Join(os.Rename(path, older(path)), os.WriteFile(path+".tmp", nil, 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	want := string(readFile(t, older(filepath.Join(dir, fileEvents))))
	if sum := rebuilt(t, dir); sum.Ops["msg.chat"].Count != 200 {
		t.Errorf("without events.jsonl there are %d lines of chat", sum.Ops["msg.chat"].Count)
	}
	next := resumed(t, dir, time.Minute)
	next.ticks(3, next.second)
	next.finish()
	if text := textOf(t, filepath.Join(dir, fileEvents)); !strings.HasPrefix(text, want) || !strings.Contains(text, EventGap) || !strings.Contains(text, EventEnd) {
		t.Errorf("the events are\n%s\nwant those of both halves", text)
	}
}

func TestSpacing(t *testing.T) {
	for _, test := range []struct {
		size int64
		want time.Duration
	}{
		{0, 10 * s}, {499, 10 * s}, {500, 20 * s}, {749, 20 * s}, {750, 40 * s}, {875, 80 * s},
		{1000, 40960 * s}, {5000, 40960 * s},
	} {
		if got := spacing(10*s, test.size, 1000); got != test.want {
			t.Errorf("at %d of 1000: %v, want %v", test.size, got, test.want)
		}
	}
}

// However long a file grows, it stays below its bound, and each step is worth
// the same time.
func TestSpacedFilesStayBelowTheirBound(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		const most = maxTimelineBytes
		block := rapid.Int64Range(2<<10, 16<<10).Draw(t, "bytes a block")
		var size int64
		last := time.Duration(0)
		for range 20_000 {
			every := spacing(s, size, most)
			if every < last {
				t.Fatalf("at %d bytes the spacing goes back from %v to %v", size, last, every)
			}
			if last = every; every >= 4096*s {
				break
			}
			size += block
		}
		if size > most {
			t.Errorf("%d bytes", size)
		}
	})
}

// Longer intervals lose nothing: a run whose files had to grow coarser has the
// same totals in them as one with room.
func TestCoarserIntervalsKeepTheTotals(t *testing.T) {
	play := func(full bool) (*testRun, *Summary) {
		r := begin(t, Manifest{})
		if full {
			r.files.timeline.size += maxTimelineBytes * 7 / 8
			r.files.hlog.size += maxHlogBytes * 3 / 4
		}
		r.ticks(100, func() { r.ok("msg.chat", 3, 20*ms+r.state.T/1000); r.fail("msg.chat", "timeout", 1) })
		return r, r.finish()
	}
	_, want := play(false)
	r, got := play(true)
	same(t, "summary", got, want)
	var lines, count, failed int64
	_, err := readTimeline(bytes.NewReader(readFile(t, r.Dir(), fileTimeline)), func(l Line) {
		lines++
		count += l.Ops["msg.chat"].Count
		failed += l.Ops["msg.chat"].Errors
	})
	if err != nil || lines != 13 || count != 300 || failed != 100 {
		t.Errorf("%d lines with %d and %d, error %v; want one for each 8 s with all of 300 and 100", lines, count, failed, err)
	}
	if totals := hlogTotals(t, readFile(t, r.Dir(), fileHlog)); totals["msg.chat.response"].TotalCount() != 300 {
		t.Errorf("the log holds %d", totals["msg.chat.response"].TotalCount())
	}
	if events := string(readFile(t, r.Dir(), fileEvents)); strings.Count(events, EventCoarser) != 2 ||
		!strings.Contains(events, "timeline.jsonl grows large: from here on its intervals are 8s long") ||
		!strings.Contains(events, "histograms.hlog grows large: from here on its intervals are 40s long") {
		t.Errorf("the events don't tell of longer intervals: %s", events)
	}
}
