package compare

import (
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"
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

func TestPermutationCountsLabellings(t *testing.T) {
	for _, test := range []struct {
		name   string
		values [][]float64
		nA     int
		p      []float64
		seen   int
	}{
		{"3 against 3 apart: this labelling and its mirror of 20", [][]float64{{1, 2, 3, 11, 12, 13}}, 3, []float64{0.1}, 20},
		{"2 against 3 apart: no mirror", [][]float64{{1, 2, 11, 12, 13}}, 2, []float64{0.1}, 10},
		{"all the same", [][]float64{{5, 5, 5, 5}}, 2, []float64{1}, 6},
		// {1,2 | 3,9}: sums of two, less the mean 7.5: 1+2 is 4.5 off, as is 3+9;
		// 1+3 is 3.5 off, 2+3 is 2.5.
		{"by hand", [][]float64{{1, 3, 2, 9}}, 2, []float64{4.0 / 6}, 6},
		{"a measure that never changes has no part", [][]float64{{0, 0, 0, 0, 0, 0}, {1, 2, 3, 11, 12, 13}}, 3, []float64{1, 0.1}, 20},
		{"the same measure twice is no second chance", [][]float64{{1, 2, 3, 11, 12, 13}, {2, 4, 6, 22, 24, 26}}, 3, []float64{0.1, 0.1}, 20},
		{"another measure is", [][]float64{{1, 2, 3, 11, 12, 13}, {7, 1, 7, 1, 7, 7}}, 3, []float64{0.1, 1}, 20},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := permute(test.values, test.nA)
			if got.labellings != test.seen || !got.exact {
				t.Errorf("%d labellings, exact %v; want all %d", got.labellings, got.exact, test.seen)
			}
			for i, p := range test.p {
				near(t, "p", got.p[i], p, 1e-9)
			}
		})
	}
}

func TestManyRunsAreDrawn(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	var same, apart []float64
	for i := range 24 { // C(24, 12) is 2.7 million
		v := rng.NormFloat64()
		same = append(same, v)
		if i >= 12 {
			v += 5
		}
		apart = append(apart, v)
	}
	got := permute([][]float64{apart}, 12)
	if got.exact || got.labellings != Draws {
		t.Errorf("%d labellings, exact %v; want %d drawn", got.labellings, got.exact, Draws)
	}
	if p := got.p[0]; p < 1.0/Draws || p > 3.0/Draws { // a mirror may be drawn
		t.Errorf("p of sides far apart is %v", p)
	}
	// The drawn p agrees with that of the t test, to which it tends.
	mean, half := center(welch(same[:12], same[12:]))
	p := permute([][]float64{same}, 12).p[0]
	if significant := math.Abs(mean) > half; significant != (p < 0.05) {
		t.Errorf("p %v, but the difference is %v ± %v", p, mean, half)
	}
}

func center(i Interval) (middle, half float64) { return (i.Low + i.High) / 2, (i.High - i.Low) / 2 }

// TestPermutationKnowsNoSides: which side is called base changes no p.
func TestPermutationKnowsNoSides(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		value := rapid.Float64Range(-1, 1)
		a := rapid.SliceOfN(value, 2, 5).Draw(rt, "a")
		b := rapid.SliceOfN(value, 2, 5).Draw(rt, "b")
		p := permute([][]float64{append(a[:len(a):len(a)], b...)}, len(a)).p[0]
		q := permute([][]float64{append(b[:len(b):len(b)], a...)}, len(b)).p[0]
		if math.Abs(p-q) > 1e-9 || p <= 0 || p > 1 {
			rt.Errorf("p is %v, and %v with the sides swapped", p, q)
		}
		if least := leastP(len(a), len(b)); p < least-1e-9 {
			rt.Errorf("p is %v, below the least that %d against %d can come to, %v", p, len(a), len(b), least)
		}
	})
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
