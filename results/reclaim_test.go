package results

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/slload/slload/profiles"
)

// A controller that dies at any moment, and again, leaves a run that comes to
// the same as one that was never interrupted: in its summary and byte by byte.
func TestReclaimLeavesNoTrace(t *testing.T) {
	for planned, workers := range map[float64]int{60: 20, 86400: 3} { // lines of 1 s and cuts of 10 s; of 10 s and 240 s
		frames := framed(42, workers)
		whole := gathered(t, planned, frames)
		want := whole.finish()
		files := records(t, whole.Dir())
		rng := rand.New(rand.NewPCG(3, uint64(planned)))
		for range 7 {
			c, deaths, early := gathered(t, planned, frames), "", false
			for range 1 + rng.IntN(3) {
				lives := rng.IntN(len(frames) - c.at)
				for range lives {
					c.second()
				}
				switch rng.IntN(3) { // in the middle of a second
				case 0:
					c.merge(1)
				case 1:
					c.merge(1)
					c.check(c.flush(false)) // as Steered does
					early = true
				}
				acked := c.acked
				dir := snapshot(t, c.Dir())
				whatever(t, dir, rng)
				c = reclaimed(t, dir, frames)
				deaths += fmt.Sprintf(" %d", c.at)
				if c.acked != acked {
					t.Fatalf("planned for %v s: it goes on at %d, yet %d was told to be on disk", planned, c.acked, acked)
				}
			}
			got := c.finish()
			if diff := cmp.Diff(want, rebuilt(t, c.Dir())); diff != "" {
				t.Fatalf("planned for %v s, died and went on at%s, and made of the files again (-uninterrupted +rebuilt):\n%s", planned, deaths, diff)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Fatalf("planned for %v s, died and went on at%s (-uninterrupted +reclaimed):\n%s", planned, deaths, diff)
			}
			recorded := records(t, c.Dir())
			if early { // its histograms are cut at other moments; the summary was made of all of them
				recorded[fileHlog] = files[fileHlog]
			}
			if diff := cmp.Diff(files, recorded); diff != "" {
				t.Fatalf("planned for %v s, died and went on at%s: the files differ (-uninterrupted +reclaimed):\n%.3000s", planned, deaths, diff)
			}
		}
	}
}

// Right after it, the reclaimed run has the totals of the checkpoint.
func TestReclaimGivesTheCheckpointsTotals(t *testing.T) {
	c := gathered(t, 60, framed(40, 2))
	for range 23 {
		c.second()
	}
	at20 := gathered(t, 60, c.frames)
	for range 20 {
		at20.second()
	}
	got := reclaimed(t, snapshot(t, c.Dir()), c.frames)
	if got.at != 20 {
		t.Errorf("it goes on after %d s, want 20", got.at)
	}
	same(t, "the summary", got.Summary(), at20.Summary())
	progress := at20.Progress()
	progress.Simulators = nil // which tell of themselves again and again
	same(t, "the progress", got.Progress(), progress)
}

func TestSuspendedRunsGoOnWhereTheyStood(t *testing.T) {
	frames := framed(40, 2)
	want := gathered(t, 60, frames).finish()
	c := gathered(t, 60, frames)
	for range 13 {
		c.second()
	}
	c.merge(1) // of a second that isn't over
	c.check(c.Suspend())
	if c.acked != 13 {
		t.Errorf("%d s are told to be on disk, want 13", c.acked)
	}
	again := reclaimed(t, c.Dir(), frames) // the very directory: its lock is free
	if again.at != 13 {
		t.Errorf("it goes on after %d s, want 13", again.at)
	}
	same(t, "the summary", again.finish(), want)
}

// All that a run has may be taken for delivered when it is over.
func TestFinishTellsTheLastPositions(t *testing.T) {
	c := gathered(t, 60, framed(14, 2))
	c.finish()
	if c.acked != 14 {
		t.Errorf("%d s are told to be on disk, want all 14", c.acked)
	}
}

// Workers that are gone with the controller make a gap; what is after it can be
// reclaimed as what was before.
func TestResumedRunsAreReclaimed(t *testing.T) {
	frames := framed(42, 2)
	play := func(dies bool) (*cluster, *Summary) {
		c := gathered(t, 60, frames)
		for range 13 {
			c.second()
		}
		c.check(c.Suspend())
		in, err := ReadInterrupted(c.Dir())
		if err != nil {
			t.Fatal(err)
		}
		again, err := Resume(in, profiles.ResumePhase, started.Add(time.Minute))
		if err != nil {
			t.Fatal(err)
		}
		c = attach(&cluster{Collector: again, t: t, frames: frames, at: int(again.positions["0.1"])})
		for range 14 {
			c.second()
		}
		if dies {
			c = reclaimed(t, snapshot(t, c.Dir()), frames)
			if c.at != 23 {
				t.Errorf("it goes on after %d s, want 23", c.at)
			}
		}
		return c, c.finish()
	}
	whole, want := play(false)
	c, got := play(true)
	if want.Run.GapSeconds != 47 {
		t.Errorf("the gap is of %v s", want.Run.GapSeconds)
	}
	same(t, "the summary", got, want)
	same(t, "the files", records(t, c.Dir()), records(t, whole.Dir()))
}

// A run of which events.jsonl was set aside after its checkpoint has it back.
// A controller that dies right after it resumed a run can be started again.
func TestARunIsReclaimedRightAfterItsGap(t *testing.T) {
	c := gathered(t, 60, framed(30, 2))
	for range 20 {
		c.second()
	}
	dir := snapshot(t, c.Dir())
	in, err := ReadInterrupted(dir)
	c.check(err)
	resumed, err := Resume(in, profiles.ResumePhase, started.Add(time.Hour))
	c.check(err)
	t.Cleanup(func() { _ = resumed.files.close() })
	again := reclaimed(t, snapshot(t, dir), c.frames)
	if last := again.ledger.last.T; again.at != 20 || last != time.Hour {
		t.Errorf("it goes on with frame %d at %v, want 20 and an hour", again.at, last)
	}
}

func TestReclaimTurnsFilesBack(t *testing.T) {
	c := gathered(t, 60, framed(40, 2))
	for range 12 {
		c.second()
	}
	dir := snapshot(t, c.Dir())
	c.files.events.turns.most = c.files.events.size + 1
	c.second()
	turned := snapshot(t, c.Dir())
	if _, err := os.Stat(filepath.Join(turned, older(fileEvents))); err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{dir, turned} {
		_, _, _, _, err := Reclaim(dir)
		if err != nil {
			t.Fatal(err)
		}
	}
	same(t, fileEvents, string(readFile(t, turned, fileEvents)), string(readFile(t, dir, fileEvents)))
}

func TestWhatCannotBeReclaimed(t *testing.T) {
	frames := framed(40, 2)
	over := gathered(t, 60, frames)
	over.finish()
	going := gathered(t, 60, frames)
	for range 12 {
		going.second()
	}
	damaged, short := snapshot(t, going.Dir()), snapshot(t, going.Dir())
	one := begin(t, Manifest{PlannedSeconds: 60})
	one.ticks(12, one.second)
	for path, data := range map[string]string{filepath.Join(damaged, fileCheckpoint): "{", filepath.Join(short, fileTimeline): "{}\n"} {
		if err := os.WriteFile(path, []byte(data), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for dir, want := range map[string]string{
		over.Dir():             "it came to its end",
		going.Dir():            "a process has it",
		damaged:                "checkpoint.json can't be read",
		short:                  "timeline.jsonl has 3 bytes, and had",
		snapshot(t, one.Dir()): "it was made by one process",
		t.TempDir():            "is no run directory",
	} {
		_, _, _, _, err := Reclaim(dir)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v, want %q", dir, err, want)
		}
	}
	var busy *BusyError
	if _, _, _, _, err := Reclaim(going.Dir()); !errors.As(err, &busy) {
		t.Errorf("%v is no BusyError", err)
	}
}

// Before the first flush a run has positions already: none.
func TestARunThatDiesAtOnceIsReclaimed(t *testing.T) {
	frames := framed(40, 2)
	want := gathered(t, 60, frames).finish()
	c := gathered(t, 60, frames)
	c.second()
	again := reclaimed(t, snapshot(t, c.Dir()), frames)
	if again.at != 0 {
		t.Errorf("it goes on after %d s", again.at)
	}
	same(t, "the summary", again.finish(), want)
}

// Frames may be taken for delivered only when all files have them.
func TestPositionsAreToldOnlyWhenAllIsOnDisk(t *testing.T) {
	c := gathered(t, 60, framed(40, 2))
	for range 12 {
		c.second()
	}
	before, acked := readFile(t, c.Dir(), fileCheckpoint), c.acked
	c.files.timeline.file.Close()
	full := &smallDisk{}
	c.files.timeline.file = full
	for c.at < 34 {
		c.merge(1)
		_ = c.Tick(c.sample(c.at)) // the disk is full
	}
	if c.acked != acked || !bytes.Equal(before, readFile(t, c.Dir(), fileCheckpoint)) {
		t.Errorf("%d s are told to be on disk, want %d", c.acked, acked)
	}
	full.room = 1 << 20
	for c.at < 40 {
		c.second()
	}
	if c.acked != 40 {
		t.Errorf("with room again %d s are told to be on disk, want 40", c.acked)
	}
}
