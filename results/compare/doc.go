// Package compare says whether the runs of one build differ from those of
// another. It stands above results, whose run directories it reads, and below
// the command line.
//
// # The unit is the run
//
// The requests of one run share a machine, a warm cache and a noisy neighbour:
// ten thousand of them are one look at a build, not ten thousand. So each run
// gives one value of a measure (the quantile of its merged steady-state
// histogram, or its share of errors), and the runs are compared.
//
// # The effect
//
// The effect on a quantile is the ratio of the geometric means over the runs
// of either side, new to base: times are skewed, and what changes them
// multiplies. Its interval is Welch's 95 % interval on the logarithms, which
// allows the sides different spreads. The effect on the share of errors is the
// difference of the means, in the same way but without logarithms.
//
// # The test
//
// If the builds did not differ, which run bears which label would be chance. An
// exact permutation test counts under how many of all labellings an operation
// would look at least as changed as it does; changed means the largest of its
// measures' standardised differences, so that several percentiles of an
// operation are one question and not four chances at a false alarm. Up to
// [MaxLabellings] they are all gone through, beyond that [Draws] are drawn with
// a fixed seed. Holm's correction then keeps the chance of any false alarm
// among the primary operations at 5 %.
//
// # The verdict
//
// An operation is REGRESSED or IMPROVED where p < 0.05 and a measure of it
// moved by at least its margin: 5 % at p50, 10 % at p95 and p99, 1 percentage
// point of errors. It is EQUIVALENT where the interval of every measure lies
// within its margin, both ways. All else is INCONCLUSIVE, told with the least
// effect that so many runs could have shown and how many would show the margin.
// What got worse decides over what got better.
//
// Margins are ratios, the same both ways: 5 % is from 1/1.05 to 1.05, so that
// swapping the sides swaps REGRESSED and IMPROVED and changes nothing else.
package compare
