package page

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// labels are an axis's labels, with | for its minor ticks left out.
func labels(a axis) string {
	var list []string
	for _, t := range a.ticks {
		if t.Label != "" {
			list = append(list, t.Label)
		}
	}
	return strings.Join(list, ", ")
}

func TestAxes(t *testing.T) {
	const ms = float64(time.Millisecond)
	for _, test := range []struct {
		what string
		axis axis
		want string
	}{
		{"5 s", timeAxis(5), "0, 1 s, 2 s, 3 s, 4 s, 5 s"},
		{"a minute", timeAxis(63), "0, 15 s, 30 s, 45 s, 60 s"},
		{"5 min", timeAxis(304), "0, 1 min, 2 min, 3 min, 4 min, 5 min"},
		{"a night", timeAxis(9 * 3600), "0, 2 h, 4 h, 6 h, 8 h"},
		{"two weeks", timeAxis(14 * 24 * 3600), "0, 96 h, 192 h, 288 h"},
		{"no time", timeAxis(0), "0, 1 s"},
		{"nothing", countAxis(0), "0, 0.5, 1"},
		{"a hundred", countAxis(100), "0, 50, 100"},
		{"thousands", countAxis(4321), "0, 1k, 2k, 3k, 4k, 5k"},
		{"millions", countAxis(1.7e6), "0, 500k, 1M, 1.5M, 2M"},
		{"a share", countAxis(0.99), "0, 0.5, 1"},
		{"one latency", latencyAxis(3*ms, 3*ms), "2 ms, 5 ms"},
		{"a decade", latencyAxis(0.9*ms, 14*ms), "500 µs, 1 ms, 2 ms, 5 ms, 10 ms, 20 ms"},
		{"many decades", latencyAxis(0.02*ms, 15000*ms), "100 µs, 1 ms, 10 ms, 100 ms, 1 s, 10 s"},
		{"ten samples", percentileAxis(10), "0 %, 50 %, 90 %"},
		{"a million samples", percentileAxis(1e6), "0 %, 90 %, 99 %, 99.9 %, 99.99 %, 99.999 %"},
	} {
		if got := labels(test.axis); got != test.want {
			t.Errorf("the axis of %s says %q, want %q", test.what, got, test.want)
		}
	}
}

func TestAxesHoldTheirValues(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		most := rapid.Float64Range(1e-6, 1e15).Draw(t, "most")
		if a := countAxis(most); a.min != 0 || a.max < most || len(a.ticks) < 2 || len(a.ticks) > 7 {
			t.Fatalf("0 to %v: %+v", most, a)
		}
		least := rapid.Float64Range(1, most+1).Draw(t, "least")
		a := latencyAxis(least, most)
		if a.min > least*1.00001 || a.max < most*0.99999 || a.min >= a.max || labels(a) == "" {
			t.Fatalf("%v to %v: %+v", least, most, a)
		}
		seconds := rapid.Float64Range(0, 1e7).Draw(t, "seconds")
		if a := timeAxis(seconds); a.max < seconds || len(a.ticks) < 2 || len(a.ticks) > 7 {
			t.Fatalf("%v s: %+v", seconds, a)
		}
	})
}

func TestRound(t *testing.T) {
	for v, want := range map[float64]string{0: "0.000", 0.998: "0.998", 0.9996: "1.00", 5.678: "5.68", 54.94: "54.9", 99.96: "100", 12345.6: "12346"} {
		if got := round(v); got != want {
			t.Errorf("%v is written %s, want %s", v, got, want)
		}
	}
}
