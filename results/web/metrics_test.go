package web

import (
	"math"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
	"pgregory.net/rapid"

	hdr "github.com/HdrHistogram/hdrhistogram-go"
	"github.com/slload/slload/results"
)

// gathered are the families of a state, by name.
func gathered(t testing.TB, s *State) map[string]*dto.MetricFamily {
	t.Helper()
	r := prometheus.NewPedanticRegistry()
	ok(t, r.Register(collector{s}))
	list, err := r.Gather()
	ok(t, err)
	families := map[string]*dto.MetricFamily{}
	for _, f := range list {
		families[f.GetName()] = f
	}
	return families
}

// value is that of the one series of a family with these labels.
func value(t *testing.T, families map[string]*dto.MetricFamily, name string, labels ...string) float64 {
	t.Helper()
	for _, m := range families[name].GetMetric() {
		same := len(m.GetLabel()) == len(labels)
		for i := 0; same && i < len(labels); i++ {
			same = m.GetLabel()[i].GetValue() == labels[i]
		}
		switch {
		case !same:
		case m.GetGauge() != nil:
			return m.GetGauge().GetValue()
		case m.GetCounter() != nil:
			return m.GetCounter().GetValue()
		default:
			return float64(m.GetHistogram().GetSampleCount())
		}
	}
	t.Errorf("there is no %s%v", name, labels)
	return math.NaN()
}

func TestMetricsTellTheRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := play(t)
		a := &ask{state: make(chan *State, 1)}
		g.post(func(h *hub) { h.add(a, time.Now()) })
		synctest.Wait()
		g.second(4)
		families := gathered(t, <-a.state)
		for _, test := range []struct {
			name   string
			labels []string
			want   float64
		}{
			{"slload_agents_in_world", nil, 4},
			{"slload_run_seconds", nil, 1},
			{"slload_run_planned_seconds", nil, 60},
			{"slload_response_seconds", []string{"login"}, 4},
			{"slload_service_seconds", []string{"login"}, 4},
			{"slload_errors_total", []string{"login", "presence"}, 1},
			{"slload_generator_verdict", []string{"VALID"}, 1},
			{"slload_generator_verdict", []string{"INVALID"}, 0},
			{"slload_simulator_fps", []string{"Plaza"}, 44},
			{"slload_simulator_time_dilation", []string{"Plaza"}, 0.9},
			{"slload_thresholds_failing", nil, 0},
		} {
			if got := value(t, families, test.name, test.labels...); got != test.want {
				t.Errorf("%s%v is %v, want %v", test.name, test.labels, got, test.want)
			}
		}
		if text := (<-g.get("/metrics")).Body.String(); text == "" {
			t.Error("without a state that comes in time, this process isn't told of either")
		}
	})
}

// TestNativeHistogramsHoldTheSame wants no sample lost and none moved by more
// than a bucket's width.
func TestNativeHistogramsHoldTheSame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := hdr.NewPacked(int64(time.Microsecond), int64(time.Hour), 3)
		list := rapid.SliceOfN(rapid.Int64Range(int64(time.Microsecond), int64(time.Hour)), 1, 200).Draw(t, "ns")
		var sum float64
		for _, ns := range list {
			_ = h.RecordValue(ns)
			sum += float64(ns) / 1e9
		}
		var m dto.Metric
		if err := native(descResponse, h, time.Unix(0, 0), "login").Write(&m); err != nil {
			t.Fatal(err)
		}
		got := m.GetHistogram()
		if got.GetSampleCount() != uint64(len(list)) || math.Abs(got.GetSampleSum()-sum) > 0.002*sum+1e-6*float64(len(list)) {
			t.Fatalf("%d samples of %v s together, want %d of %v", got.GetSampleCount(), got.GetSampleSum(), len(list), sum)
		}
		if total := inBuckets(got); total != int64(len(list)) {
			t.Fatalf("%d samples in buckets, want %d", total, len(list))
		}
	})
}

// inBuckets adds up a native histogram's buckets: each delta is to the bucket
// before.
func inBuckets(h *dto.Histogram) (total int64) {
	var n int64
	for _, delta := range h.GetPositiveDelta() {
		n += delta
		total += n
	}
	return total
}

func TestNativeBuckets(t *testing.T) {
	base := math.Pow(2, 1.0/(1<<nativeSchema))
	for _, v := range []float64{1e-6, 0.001, 0.25, 1, 1.01, 2, 3600} {
		i := nativeBucket(v)
		if upper := math.Pow(base, float64(i)); v > upper*1.0000001 || v <= upper/base*0.9999999 {
			t.Errorf("%v s is in the bucket up to %v", v, upper)
		}
	}
}

// TestLabelsAreBounded has a grid name its regions, and a program its errors,
// as they like.
func TestLabelsAreBounded(t *testing.T) {
	s := &State{Summary: &results.Summary{Verdict: results.Verdict{Generator: results.Valid}}}
	for i := range 1000 {
		s.Simulators = append(s.Simulators, results.Simulator{Region: string(rune(0x4e00 + i))})
		s.Summary.Errors = append(s.Summary.Errors, results.ErrorCount{Op: "login", Reason: string(rune(0x4e00 + i)), Count: 1})
	}
	s.Simulators[1].Region = "\xff\x00"
	s.Simulators[2].Region = "\x01\x02" // looks the same
	families := gathered(t, s)
	if n := len(families["slload_simulator_fps"].GetMetric()); n != maxRegions {
		t.Errorf("%d regions, want %d", n, maxRegions)
	}
	if n := len(families["slload_errors_total"].GetMetric()); n != maxErrors {
		t.Errorf("%d errors, want %d", n, maxErrors)
	}
}

// TestReasonsThatLookTheSameAreOneSeries has a grid refuse logins with words
// that differ behind the last letter that is told.
func TestReasonsThatLookTheSameAreOneSeries(t *testing.T) {
	long := strings.Repeat("k", maxLabel)
	s := &State{Summary: &results.Summary{Verdict: results.Verdict{Generator: results.Valid}, Errors: []results.ErrorCount{
		{Op: "login", Reason: long + "1", Count: 3}, {Op: "login", Reason: long + "2", Count: 4},
	}}}
	if got := value(t, gathered(t, s), "slload_errors_total", "login", long); got != 7 {
		t.Errorf("%v errors, want 3 and 4", got)
	}
}
