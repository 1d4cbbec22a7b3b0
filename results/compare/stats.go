package compare

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/combin"
	"gonum.org/v1/gonum/stat/distuv"
)

const (
	// alpha is the chance of a false alarm, over all primary operations.
	alpha = 0.05
	// power is the chance with which the least detectable effect is detected.
	power = 0.80
)

// Interval is a 95 % confidence interval.
type Interval struct {
	Low  float64 `json:"low"`
	High float64 `json:"high"`
}

// tQuantile is Student's t with df degrees of freedom at p.
func tQuantile(p, df float64) float64 {
	return distuv.StudentsT{Mu: 0, Sigma: 1, Nu: df}.Quantile(p)
}

// welch is the 95 % interval of the difference of the means of b and a, with
// the degrees of freedom of Welch and Satterthwaite. Both have two values or
// more.
func welch(a, b []float64) Interval {
	meanA, varA := stat.MeanVariance(a, nil)
	meanB, varB := stat.MeanVariance(b, nil)
	nA, nB := float64(len(a)), float64(len(b))
	sA, sB := varA/nA, varB/nB
	d, v := meanB-meanA, sA+sB
	if v == 0 {
		return Interval{d, d}
	}
	df := v * v / (sA*sA/(nA-1) + sB*sB/(nB-1))
	half := tQuantile(1-alpha/2, df) * math.Sqrt(v)
	return Interval{d - half, d + half}
}

// leastDetectable is the difference of means that a comparison of n runs a
// side with the variance v shows in 4 of 5 cases, where level is what p must
// stay below. It is infinite where so few runs can show nothing.
func leastDetectable(n int, v, level float64) float64 {
	if leastP(n, n) >= level {
		return math.Inf(1)
	}
	df := float64(2*n - 2)
	return (tQuantile(1-level/2, df) + tQuantile(power, df)) * math.Sqrt(2*v/float64(n))
}

// maxRuns is the most runs a side that anybody is told to make.
const maxRuns = 1000

// runsToShow is the least number of runs a side that shows the difference d;
// maxRuns if even that doesn't.
func runsToShow(d, v, level float64) int {
	n := runsAbove(d, v, zQuantile(1-level/2)+zQuantile(power))
	for n < maxRuns && leastDetectable(n, v, level) > d {
		n++
	}
	return n
}

// runsToTell is the least number of runs a side above n whose 95 % interval
// reaches no more than d to either side; maxRuns if there is none.
func runsToTell(d, v float64, n int) int {
	n = max(n+1, runsAbove(d, v, zQuantile(1-alpha/2)))
	for n < maxRuns && tQuantile(1-alpha/2, float64(2*n-2))*math.Sqrt(2*v/float64(n)) > d {
		n++
	}
	return n
}

// runsAbove is a number of runs below which z standard errors are more than d.
// Student's t, which takes the normal's place, asks for a few more.
func runsAbove(d, v, z float64) int {
	n := 2 * v * z * z / (d * d)
	if !(n < maxRuns) {
		return maxRuns
	}
	return max(2, int(n))
}

func zQuantile(p float64) float64 { return distuv.UnitNormal.Quantile(p) }

// leastP is the smallest p that nA against nB runs can come to: both extreme
// labellings look the same where the sides have equal numbers.
func leastP(nA, nB int) float64 {
	labellings := math.Exp(combin.LogGeneralizedBinomial(float64(nA+nB), float64(nA)))
	if nA == nB {
		return 2 / labellings
	}
	return 1 / labellings
}

// holm corrects the p values of several operations so that the chance of any
// false alarm among them stays alpha. factors are what each was multiplied by
// at least.
func holm(p []float64) (corrected, factors []float64) {
	corrected, factors = make([]float64, len(p)), make([]float64, len(p))
	order := make([]int, len(p))
	floats.ArgsortStable(slices.Clone(p), order)
	least := 0.0
	for rank, i := range order {
		factors[i] = float64(len(p) - rank)
		least = max(least, min(1, p[i]*factors[i]))
		corrected[i] = least
	}
	return corrected, factors
}
