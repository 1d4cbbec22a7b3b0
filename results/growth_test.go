package results

import "testing"

func TestGrowthComparesTheFirstQuarterWithTheLast(t *testing.T) {
	r := begin(t, Manifest{Measured: []string{"stage 2"}})
	r.ticks(20, func() { r.state.Generator.Memory = Memory{RSSBytes: 900e6, HeapBytes: 800e6, Goroutines: 7000} })
	r.phase("stage 2")
	for i := range int64(40) {
		r.ticks(1, func() {
			r.state.Generator.Memory = Memory{RSSBytes: 100e6 + i*1e6, HeapBytes: 50e6, Goroutines: 300 + i%2}
		})
	}
	r.phase(PhaseLogout)
	r.finish()
	g, err := ReadGrowth(r.Dir())
	if err != nil {
		t.Fatal(err)
	}
	want := "heap 50.0 MB in the first quarter, 50.0 MB in the last; resident 104.5 and 134.5 MB; goroutines 300 and 300; over 39s"
	if g.String() != want {
		t.Errorf("%q, want %q", g, want)
	}
	if g := growth(nil, nil); g.String() != "too few measurements to tell whether it grew" {
		t.Errorf("nothing measured says %q", g)
	}
}
