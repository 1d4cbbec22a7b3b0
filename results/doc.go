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
// # Several machines
//
// What each worker of a run on several machines measures in a second travels as
// the bytes of [AppendInterval]; the controller reads all of them into one
// [Interval] ([ReadInterval]), adds up the states of the segments ([Combine]) and
// hands both to its Collector, so that a percentile of many machines is the one
// that a single histogram would have given. Each worker is judged by itself,
// and the run by its worst. A line of timeline.jsonl tells of 16 workers at most
// ([WorkerLine]), in turn, so that the file is as bounded with a thousand of them;
// its lines from before that was so have none.
//
// With [Collector.SetPositions] a checkpoint also says up to where what came is
// part of it: the last frame of each segment, say. [Reclaim] takes up a run whose
// controller died exactly there; what came later is merged once more. Such a
// checkpoint holds sliding windows, too, so that nothing differs from a run that
// was never interrupted. ([Resume] is for a run whose load ended: it leaves a
// gap.)
//
// # The summary
//
// Beyond the keys that scripts were promised, summary.json has:
// run.hand_scaled and run.cut_off (left out where false), actions.absent,
// clamped in an operation (left out where 0), what [Generator] has beside
// cpu_seconds, max_rss_bytes and tick_lag_p99_ns, generator in a phase
// ([Health], what its verdict stands on), counters, and notes (left out where
// there are none). Of a run on several machines it has workers ([WorkerSummary])
// and, where some of the load was missing for a time, run.lost_load
// ([LostLoad]), which stands in manifest.json as lost_load.
//
// An operation belongs to the phase in which it finished. count counts
// successes and equals the total of the operation's histograms; failures count
// in errors alone.
package results
