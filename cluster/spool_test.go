package cluster

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// spoolFrames are frames of a run as messages.
func spoolFrames(t testing.TB, run string, n int) (frames []message) {
	t.Helper()
	for i := range n {
		f := &frame{key: key{i % 3, 1}, Run: run, Seq: uint64(i/3) + 1, Kind: frameTick, interval: bytes.Repeat([]byte{1}, i)}
		data, err := appendFrame(nil, f)
		if err != nil {
			t.Fatal(err)
		}
		frames = append(frames, message{subjects{DefaultName, run}.frames(f.Segment), f.id(), f.Seq, data})
	}
	return frames
}

func TestSpool(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "state", "spool")
	if found, err := findSpools(dir); err != nil || len(found) != 0 {
		t.Errorf("no directory holds %v (%v)", found, err)
	}
	frames := spoolFrames(t, "run-1", 7)
	path, err := writeSpool(dir, "run-1", "some-worker", frames)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"notes.txt", "Run!.x.spool", ".new-123"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	found, err := findSpools(dir)
	if diff := cmp.Diff([]spool{{"run-1", path}}, found, cmp.AllowUnexported(spool{})); diff != "" || err != nil {
		t.Fatalf("found (%v): %s", err, diff)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("its mode is %v (%v)", info.Mode(), err)
	}
	back, err := found[0].read(subjects{name: DefaultName})
	if diff := cmp.Diff(frames, back, cmp.AllowUnexported(message{})); diff != "" || err != nil {
		t.Errorf("read (%v): %s", err, diff)
	}
}

// What comes before the damage of a spool can be read.
func TestDamagedSpools(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path, err := writeSpool(dir, "run-1", "some-worker", spoolFrames(t, "run-1", 3))
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	names := subjects{DefaultName, "run-1"}
	flipped := bytes.Clone(data)
	flipped[len(flipped)-1] ^= 1
	for _, tt := range []struct {
		name   string
		data   []byte
		names  subjects
		frames int
		want   string
	}{
		{"empty", nil, names, 0, "it isn't a spool"},
		{"cut off", data[:len(data)-1], names, 2, "unexpected EOF"},
		{"cut in a head", data[:len(spoolMagic)+5], names, 0, "unexpected EOF"},
		{"a flipped bit", flipped, names, 2, "checksum"},
		{"another run's", data, names.of("run-2"), 0, `a frame of run "run-1"`},
	} {
		frames, err := parseSpool(tt.data, tt.names)
		if err == nil || !strings.Contains(err.Error(), tt.want) || len(frames) != tt.frames {
			t.Errorf("%s: %d frames, %v; want %d, %q", tt.name, len(frames), err, tt.frames, tt.want)
		}
	}
}

func FuzzParseSpool(f *testing.F) {
	dir := f.TempDir()
	path, err := writeSpool(dir, "run-1", "some-worker", spoolFrames(f, "run-1", 3))
	if err != nil {
		f.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Fuzz(func(t *testing.T, data []byte) {
		frames, _ := parseSpool(data, subjects{DefaultName, "run-1"})
		for _, m := range frames {
			if _, err := readFrame(m.data); err != nil || m.seq == 0 {
				t.Errorf("message %s isn't a frame: %v", m.id, err)
			}
		}
	})
}
