package compare

import (
	"math"
	"testing"
)

func near(t *testing.T, what string, got, want, within float64) {
	t.Helper()
	if !(math.Abs(got-want) <= within) {
		t.Errorf("%s is %v, want %v", what, got, want)
	}
}

// TestWelch has the textbook case of unequal numbers and spreads, worked by
// hand: means 20 and 22, variances 4 and 40, of 4 and 8 runs.
func TestWelch(t *testing.T) {
	a := []float64{18, 19, 20, 23}                    // mean 20, squares 4+1+0+9 = 14
	b := []float64{14, 17, 20, 22, 23, 24, 26, 30}    // mean 22, squares 64+25+4+0+1+4+16+64 = 178
	sA, sB := 14.0/3/4, 178.0/7/8                     // 1.16667, 3.17857
	df := (sA + sB) * (sA + sB) / (sA*sA/3 + sB*sB/7) // 9.955...
	near(t, "df", df, 9.956, 0.01)
	// t(0.975, 9.956) lies between those of 9 and 10 that every table has,
	// 2.262 and 2.228.
	i := welch(a, b)
	half := (i.High - i.Low) / 2
	near(t, "middle", (i.High+i.Low)/2, 2, 1e-9)
	near(t, "t", half/math.Sqrt(sA+sB), 2.2297, 0.001)
}

func TestWelchWithoutSpread(t *testing.T) {
	if i := welch([]float64{1, 1}, []float64{3, 3, 3}); i != (Interval{2, 2}) {
		t.Errorf("%v, want 2 to 2", i)
	}
}

func TestTQuantileAgreesWithTheTables(t *testing.T) {
	near(t, "t(0.975, 12)", tQuantile(0.975, 12), 2.1788, 1e-4)
	near(t, "t(0.8, 18)", tQuantile(0.8, 18), 0.8620, 1e-4)
}

func TestHolm(t *testing.T) {
	corrected, factors := holm([]float64{0.04, 0.01, 0.03, 0.9})
	for i, want := range []float64{0.09, 0.04, 0.09, 0.9} { // 0.01*4, 0.03*3, max(0.09, 0.04*2), 0.9
		near(t, "corrected p", corrected[i], want, 1e-12)
	}
	for i, want := range []float64{2, 4, 3, 1} {
		near(t, "factor", factors[i], want, 0)
	}
}

func TestRunsToShow(t *testing.T) {
	v := 0.05 * 0.05
	// By the normal approximation 2(1.96+0.84)²(0.05/0.0953)² = 4.3 runs; with
	// so few, Student's t asks for some more.
	n := runsToShow(math.Log(1.10), v, alpha)
	if n < 5 || n > 7 {
		t.Errorf("10 %% at 5 %% noise takes %d runs a side, want about 6", n)
	}
	if d := leastDetectable(n, v, alpha); d > math.Log(1.10) {
		t.Errorf("%d runs show %v at least, more than 10 %%", n, d)
	}
	if d := leastDetectable(n-1, v, alpha); d <= math.Log(1.10) {
		t.Errorf("%d runs would do", n-1)
	}
	if n := runsToShow(1, 0, alpha); n != 4 {
		t.Errorf("without noise %d runs a side, want 4: 3 have a p of 0.1 at least", n)
	}
	if n := runsToShow(1e-9, 1, alpha); n != maxRuns {
		t.Errorf("%d runs for what can't be shown", n)
	}
}
