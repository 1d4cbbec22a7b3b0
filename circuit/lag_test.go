package circuit

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestLagQuantileIsAtMostAQuarterTooHigh(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := time.Duration(rapid.Int64Range(0, int64(time.Hour)).Draw(t, "lag"))
		var h Lag
		h.Record(d)
		got := h.Quantile(0.5)
		if got < d || got > d+d/4+2*time.Microsecond {
			t.Fatalf("quantile of %v alone is %v", d, got)
		}
	})
}

func TestLagQuantiles(t *testing.T) {
	var h Lag
	if h.Quantile(0.99) != 0 {
		t.Error("an empty histogram has a quantile")
	}
	for i := range 1000 {
		h.Record(time.Duration(i+1) * ms)
	}
	for q, want := range map[float64]time.Duration{0: ms, 0.5: 500 * ms, 0.99: 990 * ms, 1: time.Second} {
		if got := h.Quantile(q); got < want || got > want*5/4 {
			t.Errorf("quantile %v is %v, want %v or up to a quarter more", q, got, want)
		}
	}
	before := h
	h.Record(time.Hour * 100)
	h.Record(-time.Hour)
	h.Sub(&before)
	if h.Count() != 2 {
		t.Errorf("%d left after subtraction, want 2", h.Count())
	}
}
