// Package results turns what the loops of a run observe into histograms, a
// run directory, a summary and a verdict.
//
// The way of a sample: each loop owns a [Recorder] and records on its own
// goroutine, without locks. Once a second swarm has every loop swap its
// [Interval] for an empty one and hands the full ones to the [Collector], which
// one goroutine owns; it merges them (percentiles are never averaged: histograms
// merge) and writes the run directory. [Rebuild] makes the summary of a run that
// was cut off out of what its directory holds.
//
// swarm stands above this package and adapts circuit's Observer to a Recorder;
// results knows nothing of circuits or agents.
package results
