package results

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
)

// addRunFile seeds a fuzz target with a file of a real run, whole and torn.
func addRunFile(f *testing.F, name string) {
	r := begin(f, Manifest{})
	r.ticks(2, func() { r.ok("login", 3, 80*ms); r.fail("login", "presence", 1) })
	r.finish()
	data := readFile(f, r.Dir(), name)
	f.Add(data)
	f.Add(data[:len(data)*2/3])
	f.Add(bytes.Replace(data, []byte("login"), []byte("a,b"), 1))
}

func FuzzReadHlog(f *testing.F) {
	addRunFile(f, fileHlog)
	f.Add([]byte("Tag=a.response,0,1,2,\n#[Cut: 1 lines, 0.0 to 1e9, of \"x\" since NaN]\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		l := newLedger()
		damaged, err := readHlog(bytes.NewReader(data), l.addCut)
		if err != nil {
			t.Fatalf("reading from memory failed: %v", err)
		}
		if cuts := strings.Count(string(data), "#[Cut: "); damaged > cuts {
			t.Errorf("%d cuts are damaged of %d", damaged, cuts)
		}
		// Whatever was taken in makes a summary that can be written.
		if _, err := json.Marshal(l.summary(&Manifest{})); err != nil {
			t.Error(err)
		}
	})
}

func FuzzReadTimeline(f *testing.F) {
	addRunFile(f, fileTimeline)
	f.Add([]byte(`{"t":1e300,"seconds":-1}` + "\n" + `{"t":5,"seconds":10,"phase":"x"}` + "\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		var lines []Line
		if _, err := readTimeline(bytes.NewReader(data), func(l Line) { lines = append(lines, l) }); err != nil {
			t.Fatalf("reading from memory failed: %v", err)
		}
		l := newLedger()
		l.replay(lines, 0, fromSeconds(maxSeconds))
		s := l.summary(&Manifest{})
		if s.Run.Seconds < 0 {
			t.Errorf("a run of %v s", s.Run.Seconds)
		}
		if _, err := json.Marshal(s); err != nil {
			t.Error(err)
		}
	})
}

func FuzzParseCheckpoint(f *testing.F) {
	addRunFile(f, fileCheckpoint)
	f.Fuzz(func(t *testing.T, data []byte) {
		cp, err := parseCheckpoint(data)
		if err != nil {
			return
		}
		l := cp.ledger()
		if c, err := cp.open(); err == nil {
			l.addCut(c)
		}
		if _, err := json.Marshal(l.summary(&Manifest{})); err != nil {
			t.Error(err)
		}
	})
}
