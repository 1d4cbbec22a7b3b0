package results

import (
	"strings"
	"testing"
	"time"

	"github.com/slload/slload/profiles"
)

func TestThresholdsOverTheWholeRun(t *testing.T) {
	ops := func() tally {
		t := make(tally)
		for i := range 100 { // 10, 20, ... 1000 ms
			recordValue(t.figures("login").response, time.Duration(i+1)*10*ms)
		}
		recordValue(t.figures("msg.chat").response, 20*ms)
		t.figures("msg.chat").errors.add("timeout", 3)
		t.figures("teleport").errors.add("refused", 2)
		return t
	}()
	for _, test := range []struct{ threshold, want string }{
		{"login.p50 < 501ms", ""},
		{"login.p50 < 500ms", "login.p50 < 500ms: was 500 ms"}, // below, not at
		{"login.p95 < 900ms", "login.p95 < 900ms: was 950 ms"},
		{"login.p99 < 2s", ""},
		{"login.p999 < 900ms", "login.p999 < 900ms: was 1.00 s"},
		{"login.min < 11ms", ""},
		{"login.min < 9ms", "login.min < 9ms: was 9.99 ms"},
		{"login.mean < 506ms", ""},
		{"login.mean < 500ms", "login.mean < 500ms: was 505 ms"},
		{"login.max < 1001ms", ""},
		{"login.max < 1s", "login.max < 1s: was 1.00 s"},
		{"login.errors < 1%", ""},
		{"msg.chat.errors < 76%", ""},
		{"msg.chat.errors < 75%", "msg.chat.errors < 75%: was 75% (3 of 4)"},
		{"errors < 5%", ""}, // 5 of 106
		{"errors < 4%", "errors < 4%: was 4.72% (5 of 106)"},
		{"teleport.errors < 100%", "teleport.errors < 100%: was 100% (2 of 2)"},
		{"teleport.p95 < 1h", "teleport.p95 < 1h: no samples"},
		{"crossing.errors < 1%", "crossing.errors < 1%: no samples"},
		{"crossing.max < 1s", "crossing.max < 1s: no samples"},
	} {
		l := newLedger()
		l.beginPhase("stage 1", 0)
		l.add(ops)
		got := strings.Join(l.failedThresholds([]profiles.Threshold{threshold(t, test.threshold)}), "; ")
		if got != test.want {
			t.Errorf("%s: %q, want %q", test.threshold, got, test.want)
		}
	}
}

func TestErrorsOfNothingFail(t *testing.T) {
	got := newLedger().failedThresholds([]profiles.Threshold{threshold(t, "errors < 1%")})
	same(t, "failed", got, []string{"errors < 1%: no samples"})
}

func TestVerdictOfThresholds(t *testing.T) {
	for _, test := range []struct {
		thresholds []string
		want       string
	}{
		{nil, ThresholdsNone},
		{[]string{"login.p95 < 1s"}, ThresholdsPass},
		{[]string{"login.p95 < 1s", "login.p50 < 1ms"}, ThresholdsFail},
	} {
		var m Manifest
		for _, text := range test.thresholds {
			m.Thresholds = append(m.Thresholds, threshold(t, text))
		}
		r := begin(t, m)
		r.ok("login", 1, 80*ms)
		r.tick(s)
		if got := r.finish().Verdict; got.Thresholds != test.want {
			t.Errorf("%v: %+v, want %q", test.thresholds, got, test.want)
		}
	}
}

// at is what happens up to the end of a second: n chats of a time, or failures.
type at struct {
	second, n int
	time      time.Duration // 0: they fail
}

func TestWindowedThresholds(t *testing.T) {
	for _, test := range []struct {
		name, threshold string
		seconds         int
		chats           []at
		failed          string
	}{
		{"a bad stretch fails the window that the whole run hides", "msg.chat.p95 < 100ms over 5s", 30,
			[]at{{3, 1000, 10 * ms}, {10, 10, 500 * ms}}, "was 500 ms"},
		{"a slow one among many quick ones holds", "msg.chat.p95 < 100ms over 5s", 30,
			[]at{{10, 1, 500 * ms}, {10, 100, 10 * ms}}, ""},
		{"windows without samples don't judge", "msg.chat.p95 < 100ms over 2s", 30,
			[]at{{10, 5, 10 * ms}}, ""},
		{"no sample at all fails", "msg.chat.p95 < 100ms over 2s", 30, nil, "no samples"},
		{"a window that never filled is judged at the end", "msg.chat.p95 < 100ms over 1m", 30,
			[]at{{10, 5, 500 * ms}}, "was 500 ms"},
		{"errors within the window", "msg.chat.errors < 10% over 5s", 30,
			[]at{{3, 1000, 10 * ms}, {20, 1, 0}, {20, 3, 10 * ms}}, "was 25% (1 of 4)"},
		{"all operations' errors within the window", "errors < 10% over 5s", 30,
			[]at{{20, 1, 0}, {20, 9, 10 * ms}}, "was 10% (1 of 10)"},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := begin(t, Manifest{Thresholds: []profiles.Threshold{threshold(t, test.threshold)}})
			play(r, test.seconds, test.chats)
			got := strings.Join(r.finish().Verdict.Failed, "; ")
			want := test.failed
			if want != "" {
				want = test.threshold + ": " + want
			}
			if got != want {
				t.Errorf("failed %q, want %q", got, want)
			}
		})
	}
}

// Warm-up and cool-down are measured, and nobody is judged by them: neither over
// the whole run, nor in windows, nor by an abort.
func TestThresholdsLeaveOutWarmupAndCooldown(t *testing.T) {
	for _, phase := range []string{profiles.WarmupPhase, profiles.CooldownPhase} {
		for _, test := range []struct{ threshold, want string }{
			{"msg.chat.p95 < 100ms", ""},
			{"msg.chat.p95 < 100ms abort", ""},
			{"msg.chat.p95 < 100ms over 5s abort", ""},
			{"msg.chat.errors < 1%", ""},
			{"msg.im.p95 < 100ms", "no samples"}, // those of the warm-up show nothing
			{"msg.im.p95 < 100ms over 2s", "no samples"},
			{"msg.chat.p95 < 9ms over 30s", "was 10.0 ms"}, // a window that only fills where warm-up counts
		} {
			r := begin(t, Manifest{Thresholds: []profiles.Threshold{threshold(t, test.threshold)}})
			play(r, 12, []at{{1, 10, 10 * ms}, {11, 10, 10 * ms}})
			r.phase(phase)
			r.ok("msg.im", 1, 10*ms)
			if aborted := play(r, 12, []at{{2, 1000, 500 * ms}, {3, 100, 0}}); aborted > 0 {
				t.Errorf("%s: aborted in second %d of %s", test.threshold, aborted, phase)
			}
			r.phase("stage 2")
			play(r, 12, []at{{1, 10, 10 * ms}})
			s := r.finish()
			want := test.want
			if want != "" {
				want = test.threshold + ": " + want
			}
			if got := strings.Join(s.Verdict.Failed, "; "); got != want {
				t.Errorf("%s with a slow %s: failed %q, want %q", test.threshold, phase, got, want)
			}
			if got := s.Ops["msg.chat"].Count; got != 1030 {
				t.Errorf("%d chats in the summary of the whole run, want 1030", got)
			}
		}
	}
}

// play ticks for some seconds and returns when the run was aborted, or 0.
func play(r *testRun, seconds int, chats []at) (aborted int) {
	for second := 1; second <= seconds; second++ {
		for _, c := range chats {
			switch {
			case c.second != second:
			case c.time == 0:
				r.fail("msg.chat", "timeout", c.n)
			default:
				r.ok("msg.chat", c.n, c.time)
			}
		}
		r.tick(s)
		if r.Aborted() != "" && aborted == 0 {
			aborted = second
		}
	}
	return aborted
}

func TestAbort(t *testing.T) {
	for _, test := range []struct {
		threshold string
		chats     []at
		aborted   int
	}{
		{"msg.chat.p95 < 100ms", []at{{3, 5, 500 * ms}}, 0}, // it doesn't ask for it
		{"msg.chat.p95 < 100ms abort", []at{{3, 5, 500 * ms}}, 10},
		{"msg.chat.p95 < 100ms abort", []at{{3, 5, 500 * ms}, {5, 500, 10 * ms}}, 0},
		{"msg.chat.p95 < 100ms abort", []at{{3, 5, 10 * ms}, {15, 5, 500 * ms}}, 15},
		{"msg.chat.p95 < 100ms abort", nil, 0}, // what has no samples yet may have some
		{"msg.chat.p95 < 100ms over 5s abort", []at{{3, 5, 500 * ms}}, 5},
		{"msg.chat.p95 < 100ms over 5s abort", []at{{12, 5, 500 * ms}}, 12},
		{"errors < 50% abort", []at{{12, 5, 0}, {3, 1, 10 * ms}}, 12},
	} {
		r := begin(t, Manifest{Thresholds: []profiles.Threshold{threshold(t, test.threshold)}})
		if got := play(r, 20, test.chats); got != test.aborted {
			t.Errorf("%s, %v: aborted at %d s, want %d", test.threshold, test.chats, got, test.aborted)
		}
		if test.aborted > 0 && !strings.HasPrefix(r.Aborted(), test.threshold+": was ") {
			t.Errorf("%s: it says %q", test.threshold, r.Aborted())
		}
	}
}

func TestWindowSlides(t *testing.T) {
	th := threshold(t, "errors < 1% over 4s")
	w := newWindow(4 * s)
	var got []int64 // what the window holds after each second; -1: not full
	for second := 1; second <= 9; second++ {
		tick := make(tally)
		tick.figures("op").errors.add("x", int64(second))
		now := time.Duration(second) * s
		if second == 8 {
			now += 1500 * ms // a tick that comes late skips a part
		}
		held := int64(-1)
		if o := w.tick(now, th, tick); o != nil {
			held = o.failed
		}
		got = append(got, held)
	}
	// Second 9 comes within the part that the late tick led to.
	same(t, "held", got, []int64{-1, -1, -1, 1 + 2 + 3 + 4, 2 + 3 + 4 + 5, 3 + 4 + 5 + 6, 4 + 5 + 6 + 7, 5 + 6 + 7 + 8, -1})
}

func TestWindowsHaveFewParts(t *testing.T) {
	for _, test := range []struct {
		span, part time.Duration
	}{{500 * ms, 500 * ms}, {s, s}, {10 * s, s}, {time.Minute, s}, {time.Hour, time.Minute}} {
		if w := newWindow(test.span); w.part != test.part || len(w.slots) > windowSlots {
			t.Errorf("%v is cut into %d parts of %v, want %v", test.span, len(w.slots), w.part, test.part)
		}
	}
}
