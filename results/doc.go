// Package results turns what the loops of a run observe into histograms, a
// run directory, a summary and a verdict.
//
// The way of a sample: each loop owns a [Recorder] and records on its own
// goroutine, without locks. Once a second swarm has every loop swap its
// [Interval] for an empty one and hands the full ones to the [Collector], which
// one goroutine owns; it merges them (percentiles are never averaged: histograms
// merge), books them in the running phase, and writes the run directory.
// [Rebuild] makes the summary of a run that was cut off out of what its
// directory holds.
//
// swarm stands above this package and adapts circuit's Observer to a Recorder;
// results knows nothing of circuits or agents.
//
// # A run directory
//
//	manifest.json    what was known when the run began ([Manifest])
//	config.yaml      the effective profile, without passwords
//	histograms.hlog  HdrHistogram's log: response and service times in ns, two
//	                 lines for each operation and interval, tagged like
//	                 login.response; an interval ends in a comment with its phase
//	timeline.jsonl   the state of the run, a line a second ([Line])
//	events.jsonl     named events, in order of time, bounded in rate and size
//	checkpoint.json  what histograms.hlog does not hold, for Rebuild alone
//	summary.json     the summary ([Summary]); missing while the run goes on
//	slload.log       the program's log
//	report.html      the run to look at, drawn by package page when it is over
//
// Every 10 s all of it is synced to disk, so that this is the most a crash can
// take. Appended files end in whole lines even on a full disk; the others are
// replaced by renaming. A run of more than an hour has longer intervals (their
// open part is in checkpoint.json), one of more than two a line each 10 s.
//
// # The summary
//
// Beyond the keys that scripts were promised, summary.json has:
// run.hand_scaled and run.cut_off (left out where false), actions.absent,
// clamped in an operation (left out where 0), what [Generator] has beside
// cpu_seconds, max_rss_bytes and tick_lag_p99_ns, generator in a phase
// ([Health], what its verdict stands on), counters, and notes (left out where
// there are none).
//
// An operation belongs to the phase in which it finished. count counts
// successes and equals the total of the operation's histograms; failures count
// in errors alone.
package results
