package compare

import (
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/combin"
)

const (
	// MaxLabellings is up to how many labellings of the runs are all gone
	// through: those of 11 runs against 11.
	MaxLabellings = 1_000_000
	// Draws is how many are drawn where there are more.
	Draws = 100_000
)

// permutation is the outcome of a permutation test.
type permutation struct {
	p          []float64 // of each measure, for all measures together
	labellings int       // that were looked at
	exact      bool      // those were all
}

// permute tests the measures of one operation. values has a row for each
// measure, in which the first nA values are of one side and the others of the
// other. The p of a measure is the share of the labellings under which the
// measure that moved most moved at least as much, in units of its own spread,
// as this one did: an adjustment for looking at several (Westfall and Young's
// single-step maxT).
func permute(values [][]float64, nA int) permutation {
	l := newLabelling(values, nA)
	n := l.n
	total := math.Exp(combin.LogGeneralizedBinomial(float64(n), float64(nA)))
	result := permutation{p: make([]float64, len(values)), exact: total < MaxLabellings+0.5}
	if result.exact {
		l.every()
	} else {
		l.draw(rand.New(rand.NewPCG(1, 2)), Draws)
	}
	result.labellings = l.seen
	for i, hits := range l.hits {
		result.p[i] = float64(hits) / float64(l.seen)
	}
	if result.exact {
		result.labellings = int(math.Round(total))
	}
	return result
}

// labelling walks through the ways to choose the runs of the first side.
type labelling struct {
	rows     [][]float64 // standardised: mean 0, spread 1; one a run
	n, nA    int
	sums     []float64 // of the chosen runs, by measure
	observed []float64 // the sum's size under the labels that are
	hits     []int
	seen     int
}

func newLabelling(values [][]float64, nA int) *labelling {
	l := &labelling{nA: nA, sums: make([]float64, len(values)), observed: make([]float64, len(values)), hits: make([]int, len(values))}
	if len(values) > 0 {
		l.n = len(values[0])
	}
	for range l.n {
		l.rows = append(l.rows, make([]float64, len(values)))
	}
	for m, row := range values {
		mean, spread := stat.MeanStdDev(row, nil)
		if !(spread > 1e-12*math.Abs(mean)) {
			continue // all the same: it stays 0 and moves under no labelling
		}
		for i, v := range row {
			l.rows[i][m] = (v - mean) / spread
		}
	}
	// The difference of the sides' means is the first side's sum times a
	// constant, since the sum over both is 0.
	for _, row := range l.rows[:nA] {
		l.add(row, 1)
	}
	for m, sum := range l.sums {
		l.observed[m] = math.Abs(sum)
	}
	return l
}

func (l *labelling) add(row []float64, sign float64) {
	for m, v := range row {
		l.sums[m] += sign * v
	}
}

// every counts all labellings; of two that mirror each other, one.
func (l *labelling) every() {
	clear(l.sums)
	if 2*l.nA != l.n {
		l.choose(0, l.nA)
		return
	}
	l.add(l.rows[0], 1)
	l.choose(1, l.nA-1)
}

// choose counts all ways to choose k more runs among those from i on, where k
// is 1 or more.
func (l *labelling) choose(i, k int) {
	for ; i <= l.n-k; i++ {
		if k == 1 {
			l.count(l.rows[i])
			continue
		}
		l.add(l.rows[i], 1)
		l.choose(i+1, k-1)
		l.add(l.rows[i], -1)
	}
}

// draw counts n choices: the one that was, and random ones.
func (l *labelling) draw(rng *rand.Rand, n int) {
	for range n {
		clear(l.sums)
		for i := range l.nA - 1 {
			l.add(l.rows[i], 1)
		}
		l.count(l.rows[l.nA-1])
		for i := range l.nA {
			j := i + rng.IntN(l.n-i)
			l.rows[i], l.rows[j] = l.rows[j], l.rows[i]
		}
	}
}

// rounding is by how much sums of the same values in another order may differ.
const rounding = 1e-9

// count looks at the chosen runs with the last of them.
func (l *labelling) count(last []float64) {
	l.seen++
	most := 0.0
	for m, sum := range l.sums {
		most = max(most, math.Abs(sum+last[m]))
	}
	for m, observed := range l.observed {
		if most >= observed-rounding {
			l.hits[m]++
		}
	}
}
