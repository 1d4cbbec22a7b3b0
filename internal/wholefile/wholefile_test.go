package wholefile

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// names are the files in dir.
func names(t *testing.T, dir string) (list []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		list = append(list, e.Name())
	}
	return list
}

func holds(t *testing.T, path, want string) {
	t.Helper()
	got, err := os.ReadFile(path)
	if err != nil || string(got) != want {
		t.Errorf("%s holds %q (%v), want %q", path, got, err, want)
	}
}

func TestReplace(t *testing.T) {
	for _, mode := range []fs.FileMode{0o600, 0o644} {
		path := filepath.Join(t.TempDir(), "ab.json")
		for _, text := range []string{"first, and longer", "second", ""} {
			if err := Replace(path, []byte(text), mode); err != nil {
				t.Fatal(err)
			}
			holds(t, path, text)
			info, err := os.Stat(path)
			if err != nil || runtime.GOOS != "windows" && info.Mode() != mode {
				t.Errorf("its mode is %v (%v), want %v", info.Mode(), err, mode)
			}
		}
		if diff := cmp.Diff([]string{"ab.json"}, names(t, filepath.Dir(path))); diff != "" {
			t.Error(diff)
		}
	}
}

// The name is given when the file is on the disk, and then the directory is.
func TestReplaceSyncsFirst(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "ab.json")
	if err := Replace(path, []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	defer func() { Sync = (*os.File).Sync }()
	var seen []string
	Sync = func(f *os.File) error {
		info, err := f.Stat()
		if err != nil {
			return err
		}
		data, err := os.ReadFile(path)
		if info.IsDir() {
			seen = append(seen, "directory, with "+string(data))
		} else {
			seen = append(seen, "file, beside "+string(data))
		}
		return errors.Join(err, f.Sync())
	}
	if err := Replace(path, []byte("new"), 0o600); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"file, beside old", "directory, with new"}, seen); diff != "" {
		t.Error(diff)
	}
}

// What can't be written leaves what was there, and nothing else.
func TestReplaceThatFails(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "ab.json")
	if err := Replace(path, []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	full := errors.New("no room")
	defer func() { Sync = (*os.File).Sync }()
	Sync = func(*os.File) error { return full }
	if err := Replace(path, []byte("new"), 0o600); !errors.Is(err, full) {
		t.Errorf("error %v, want %v", err, full)
	}
	Sync = (*os.File).Sync
	taken := filepath.Join(dir, "taken")
	if err := os.MkdirAll(filepath.Join(taken, "x"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := Replace(taken, []byte("new"), 0o600); err == nil {
		t.Error("a directory was replaced")
	}
	if err := Replace(filepath.Join(dir, "missing", "x"), nil, 0o600); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("error %v, want that the directory isn't there", err)
	}
	holds(t, path, "old")
	if diff := cmp.Diff([]string{"ab.json", "taken"}, names(t, dir)); diff != "" {
		t.Error(diff)
	}
}

// Whoever reads while several write finds one of the files whole.
func TestReplaceIsWholeAtAnyMoment(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows replaces no file that somebody reads")
	}
	path := filepath.Join(t.TempDir(), "ab.json")
	text := func(letter string) string { return strings.Repeat(letter, 100_000) }
	if err := Replace(path, []byte(text("a")), 0o600); err != nil {
		t.Fatal(err)
	}
	Sync = func(*os.File) error { return nil }
	defer func() { Sync = (*os.File).Sync }()
	var writers sync.WaitGroup
	for _, letter := range []string{"a", "b", "c"} {
		writers.Go(func() {
			for range 100 {
				if err := Replace(path, []byte(text(letter)), 0o600); err != nil {
					t.Error(err)
				}
			}
		})
	}
	written := make(chan struct{})
	go func() { writers.Wait(); close(written) }()
	for done := false; !done; {
		select {
		case <-written:
			done = true
		default:
		}
		data, err := os.ReadFile(path)
		if err != nil || len(data) != 100_000 || strings.Trim(string(data), string(data[:1])) != "" {
			t.Fatalf("%d bytes are read (%v)", len(data), err)
		}
	}
}
