package results

import (
	"bytes"
	"cmp"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"github.com/slload/slload/internal/wholefile"
	"pgregory.net/rapid"
)

// smallDisk is a file on a disk with room for so many bytes.
type smallDisk struct {
	data           []byte
	room           int
	cannotTruncate bool
	refusal        error // when there is no room; nil: ENOSPC
}

func (d *smallDisk) Write(p []byte) (int, error) {
	n := min(len(p), d.room)
	d.data = append(d.data, p[:n]...)
	d.room -= n
	if n < len(p) {
		return n, cmp.Or(d.refusal, error(syscall.ENOSPC))
	}
	return n, nil
}

func (d *smallDisk) Truncate(size int64) error {
	if d.cannotTruncate {
		return syscall.EIO
	}
	d.room += len(d.data) - int(size)
	d.data = d.data[:size]
	return nil
}

func (d *smallDisk) Sync() error  { return nil }
func (d *smallDisk) Close() error { return nil }

func TestAppenderOnAFullDisk(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := &smallDisk{}
		a := &appender{path: "runs/x/events.jsonl", file: d}
		var all string
		whole := map[string]bool{"": true}
		for i := range rapid.IntRange(1, 30).Draw(t, "blocks") {
			d.room += rapid.IntRange(0, 40).Draw(t, "more room")
			block := strings.Repeat(string(rune('a'+i)), rapid.IntRange(0, 30).Draw(t, "length"))
			all += block
			whole[all] = true
			err := a.append([]byte(block))
			if !whole[string(d.data)] {
				t.Fatalf("the file ends in half a block: %q", d.data)
			}
			if (err == nil) != (string(d.data) == all) {
				t.Fatalf("error %v, yet the file holds %q of %q", err, d.data, all)
			}
			if err != nil && !errors.Is(err, syscall.ENOSPC) {
				t.Fatalf("error %v is no ENOSPC", err)
			}
		}
		d.room += len(all)
		if err := a.close(); err != nil || string(d.data) != all {
			t.Fatalf("with room again: error %v, %q; want all of %q", err, d.data, all)
		}
	})
}

func TestAppenderThatCannotTakeBackTriesAgain(t *testing.T) {
	d := &smallDisk{room: 7, cannotTruncate: true}
	a := &appender{path: "x", file: d}
	if err := a.append([]byte("whole\n")); err != nil {
		t.Fatal(err)
	}
	err := a.append([]byte("torn\n"))
	if !errors.Is(err, syscall.ENOSPC) || !errors.Is(err, syscall.EIO) || strings.Contains(err.Error(), "\n") {
		t.Errorf("error %v, want both reasons in one line", err)
	}
	d.room = 100
	if err := a.append([]byte("last\n")); !errors.Is(err, syscall.EIO) {
		t.Errorf("error %v, want it not to write behind half a block", err)
	}
	d.cannotTruncate = false
	if err := a.sync(); err != nil || string(d.data) != "whole\ntorn\nlast\n" {
		t.Errorf("error %v, file %q", err, d.data)
	}
}

func TestAppenderKeepsNoMoreThanItsBound(t *testing.T) {
	d := &smallDisk{}
	a := &appender{path: "x", file: d}
	block := make([]byte, maxPending/2+1)
	for range 3 {
		if err := a.append(block); err == nil {
			t.Fatal("a full disk took a block")
		}
	}
	if len(a.pending) > maxPending {
		t.Errorf("%d bytes are kept", len(a.pending))
	}
	d.room = 3 * len(block)
	err := a.close()
	if len(d.data) != len(block) || err == nil || !strings.Contains(err.Error(), "given up") {
		t.Errorf("%d bytes were written, error %v; want one block and word of the other two", len(d.data), err)
	}
}

func TestWriteErrorIsOneClearLine(t *testing.T) {
	err := error(&WriteError{Path: "runs/x/events.jsonl", Err: syscall.ENOSPC})
	want := "write results to runs/x/events.jsonl: " + syscall.ENOSPC.Error() + "; what was written before is kept"
	if err.Error() != want {
		t.Errorf("%q, want %q", err, want)
	}
}

func TestReplaceLeavesTheOldFileWhereItFails(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "summary.json")
	if err := Replace(path, []byte("old")); err != nil {
		t.Fatal(err)
	}
	was := wholefile.Sync
	defer func() { wholefile.Sync = was }()
	wholefile.Sync = func(*os.File) error { return syscall.ENOSPC }
	var we *WriteError
	if err := Replace(path, []byte("new")); !errors.As(err, &we) || we.Path != path || !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("error %v, want a WriteError about %s", err, path)
	}
	if got := readFile(t, path); string(got) != "old" {
		t.Errorf("the file holds %q", got)
	}
}

// fill puts the appended files of a run onto a disk without room.
func (r *testRun) fill() (log *smallDisk) {
	log = &smallDisk{data: readFile(r.t, r.Dir(), fileHlog)}
	for _, a := range []*appender{r.files.hlog, r.files.timeline, r.files.events} {
		a.file.Close()
		a.file = &smallDisk{}
	}
	r.files.hlog.file = log
	return log
}

func TestFullDiskKeepsTheResults(t *testing.T) {
	r := begin(t, Manifest{})
	r.ticks(20, func() { r.ok("login", 1, 80*ms) })
	before := readFile(t, r.Dir(), fileCheckpoint)
	log := r.fill()
	log.room = 100 // enough for half a cut
	for second := range 15 {
		r.ok("login", 1, 80*ms)
		var we *WriteError
		switch err := r.Tick(r.advance(s)); {
		case second == 0 && (!errors.As(err, &we) || !errors.Is(err, syscall.ENOSPC)):
			t.Errorf("the first tick on a full disk: %v", err)
		case second > 0 && err != nil:
			t.Errorf("the full disk is told of again: %v", err)
		}
	}
	if !bytes.Equal(before, readFile(t, r.Dir(), fileCheckpoint)) {
		t.Error("the checkpoint speaks of cuts that the log doesn't have")
	}
	summary, err := r.Finish(r.advance(0))
	if !errors.Is(err, syscall.ENOSPC) || strings.Contains(err.Error(), "\n") {
		t.Errorf("the end on a full disk: %v", err)
	}
	if summary.Ops["login"].Count != 35 {
		t.Errorf("the summary has %d logins, want all 35", summary.Ops["login"].Count)
	}
	// What rebuilds is what was written before the disk was full.
	got := rebuilt(t, r.Dir())
	if got.Ops["login"].Count != 20 || !got.Run.CutOff {
		t.Errorf("%d logins come back, cut_off %v; want 20, true", got.Ops["login"].Count, got.Run.CutOff)
	}
	if totals := hlogTotals(t, log.data); totals["login.response"].TotalCount() != 20 {
		t.Errorf("the log holds %d logins, want 20", totals["login.response"].TotalCount())
	}
}

// Whatever a disk says when it takes no more, it is told of in one line, once,
// and the run goes on to a summary that is right.
func TestEveryRefusalIsToldOf(t *testing.T) {
	for _, refusal := range []error{syscall.ENOSPC, syscall.EROFS, syscall.EIO, syscall.EFBIG, fs.ErrPermission, os.ErrClosed} {
		r := begin(t, Manifest{})
		r.ticks(12, func() { r.ok("login", 1, 80*ms) })
		r.fill()
		for _, a := range []*appender{r.files.hlog, r.files.timeline, r.files.events} {
			a.file.(*smallDisk).refusal = refusal
		}
		told := 0
		for range 15 {
			r.ok("login", 1, 80*ms)
			if err := r.Tick(r.advance(s)); err != nil {
				told++
				if !errors.Is(err, refusal) || strings.Contains(err.Error(), "\n") || !strings.Contains(err.Error(), "what was written before is kept") {
					t.Errorf("%v is told as %q", refusal, err)
				}
			}
		}
		summary, err := r.Finish(r.advance(0))
		if told != 1 || !errors.Is(err, refusal) || summary.Ops["login"].Count != 27 {
			t.Errorf("%v: told %d times, at the end %v, %d logins", refusal, told, err, summary.Ops["login"].Count)
		}
		if got := rebuilt(t, r.Dir()); got.Ops["login"].Count < 10 {
			t.Errorf("%v: %d logins come back", refusal, got.Ops["login"].Count)
		}
	}
}

func TestDiskWithRoomAgainGetsEverything(t *testing.T) {
	r := begin(t, Manifest{})
	log := r.fill()
	r.ok("login", 1, 80*ms)
	if err := r.BeginPhase("stage 2", r.advance(s)); err == nil {
		t.Fatal("a cut on a full disk gave no error")
	}
	for _, a := range []*appender{r.files.hlog, r.files.timeline, r.files.events} {
		a.file.(*smallDisk).room = 1 << 20
	}
	r.ok("login", 1, 80*ms)
	r.ticks(10, func() {})
	r.finish()
	if totals := hlogTotals(t, log.data); totals["login.response"].TotalCount() != 2 {
		t.Errorf("the log holds %d logins, want both", totals["login.response"].TotalCount())
	}
}

func TestEveryOutageIsToldOfOnce(t *testing.T) {
	r := begin(t, Manifest{})
	r.fill()
	events := r.files.events.file.(*smallDisk)
	lines := r.files.timeline.file.(*smallDisk)
	var told []int
	for second := 1; second <= 9; second++ {
		switch second {
		case 4:
			events.room, lines.room = 1<<20, 1<<20
		case 7:
			events.room, lines.room = 0, 0
		}
		if r.Tick(r.advance(s)) != nil {
			told = append(told, second)
		}
	}
	same(t, "told at", told, []int{1, 7})
}

func TestDirectoryTakenAway(t *testing.T) {
	r := begin(t, Manifest{})
	if err := os.RemoveAll(r.Dir()); err != nil {
		if runtime.GOOS == "windows" {
			t.Skip("Windows doesn't let a directory go while its files are open:", err)
		}
		t.Fatal(err)
	}
	r.ok("login", 1, 80*ms)
	summary, err := r.Finish(r.advance(s))
	var we *WriteError
	if !errors.As(err, &we) || !errors.Is(err, fs.ErrNotExist) || summary.Ops["login"].Count != 1 {
		t.Errorf("error %v, %d logins; want a WriteError and 1 login", err, summary.Ops["login"].Count)
	}
}
