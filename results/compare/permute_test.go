package compare

import (
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"
)

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
