package results

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// WriteTable writes the summary for a terminal: a table of the operations with
// their response times, errors by reason, the verdict, and where the run
// directory is. It keeps within 100 columns but for dir, the tags and what the
// verdict and the notes say.
func WriteTable(w io.Writer, s *Summary, dir string) error {
	var b bytes.Buffer
	writeHeading(&b, s)
	writeOps(&b, s.Ops)
	writeErrors(&b, s.Errors)
	writeWorkers(&b, s)
	b.WriteByte('\n')
	writeFacts(&b, s)
	for _, n := range s.Notes {
		writeFact(&b, "Note", "%s", n)
	}
	if dir != "" {
		writeFact(&b, "Results", "%s", dir)
	}
	_, err := w.Write(b.Bytes())
	return err
}

func writeHeading(b *bytes.Buffer, s *Summary) {
	fmt.Fprintf(b, "%s: %s agents, %s, seed %d", s.Run.Profile, thousands(int64(s.Agents.Target)),
		Human(time.Duration(s.Run.Seconds*float64(time.Second))), s.Run.Seed)
	if s.Run.HandScaled {
		b.WriteString(", scaled by hand")
	}
	if s.Run.PausedSeconds > 0 {
		fmt.Fprintf(b, ", paused for %s", Human(time.Duration(s.Run.PausedSeconds*float64(time.Second))))
	}
	if s.Run.GapSeconds > 0 {
		fmt.Fprintf(b, ", with a gap of %s", Human(time.Duration(s.Run.GapSeconds*float64(time.Second))))
	}
	if len(s.Run.LostLoad) > 0 {
		b.WriteString(", load was lost")
	}
	for _, key := range slices.Sorted(maps.Keys(s.Run.Tags)) {
		fmt.Fprintf(b, ", %s=%s", key, s.Run.Tags[key])
	}
	b.WriteString("\n\n")
}

// maxOpWidth keeps the table within its columns whatever an operation is called.
const maxOpWidth = 32

func writeOps(b *bytes.Buffer, ops map[string]Op) {
	names := slices.SortedFunc(maps.Keys(ops), CompareOps)
	width := opWidth(names)
	fmt.Fprintf(b, "%-*s %11s %8s%10s%11s%11s%11s\n", width, "operation", "count", "errors",
		"p50", "p95", "p99", "max")
	for _, name := range names {
		op := ops[name]
		fmt.Fprintf(b, "%s %11s %8s", pad(name, width), thousands(op.Count), thousands(op.Errors))
		q := op.ResponseNS
		var times strings.Builder
		for _, ns := range []int64{q.P50, q.P95, q.P99, q.Max} {
			times.WriteString(timeCell(ns, op.Count > 0))
		}
		b.WriteString(strings.TrimRight(times.String(), " ") + "\n")
	}
	if len(names) == 0 {
		b.WriteString("nothing finished\n")
	}
}

func opWidth(names []string) int {
	width := len("operation")
	for _, name := range names {
		width = max(width, utf8.RuneCountInString(name))
	}
	return min(width, maxOpWidth)
}

// pad brings s, made plain, to width columns.
func pad(s string, width int) string {
	s = Plain(s)
	if n := utf8.RuneCountInString(s); n <= width {
		return s + strings.Repeat(" ", width-n)
	}
	return string([]rune(s)[:width-1]) + "…"
}

// timeCell is a cell of 11 columns: the numbers of a column end, and their
// units begin, below one another.
func timeCell(ns int64, measured bool) string {
	if !measured {
		return fmt.Sprintf("%7s    ", "-")
	}
	number, unit := human(time.Duration(ns))
	return fmt.Sprintf("%7s %-3s", number, unit)
}

// opOrder is the order of an agent's life; operations named below one of
// these follow it, all others come before the logout.
var opOrder = []string{"login", "caps.seed", "caps", "eq", "msg", "teleport", "crossing", "", "logout"}

// CompareOps orders operations as they come in the life of an agent.
func CompareOps(a, b string) int {
	return cmp.Or(cmp.Compare(opRank(a), opRank(b)), cmp.Compare(a, b))
}

func opRank(op string) int {
	for i, name := range opOrder {
		if name != "" && (op == name || strings.HasPrefix(op, name+".")) {
			return i
		}
	}
	return slices.Index(opOrder, "")
}

// maxErrorRows bounds the table of errors; summary.json has them all.
const maxErrorRows = 20

func writeErrors(b *bytes.Buffer, list []ErrorCount) {
	if len(list) == 0 {
		return
	}
	list = slices.Clone(list)
	slices.SortStableFunc(list, func(a, b ErrorCount) int { return cmp.Compare(b.Count, a.Count) })
	var names []string
	for _, e := range list {
		names = append(names, e.Op)
	}
	width := opWidth(names)
	fmt.Fprintf(b, "\n%-*s %11s  %s\n", width, "failed", "count", "reason")
	for i, e := range list {
		if i == maxErrorRows {
			fmt.Fprintf(b, "and %d more kinds\n", len(list)-i)
			break
		}
		fmt.Fprintf(b, "%s %11s  %s\n", pad(e.Op, width), thousands(e.Count), Plain(e.Reason))
	}
}

func writeFacts(b *bytes.Buffer, s *Summary) {
	a, x, t, g := s.Agents, s.Actions, s.Transport, s.Generator
	writeFact(b, "Agents", "%s in world at the end, %s at most; %s logins, %s failed; %s lost",
		thousands(int64(a.InWorldAtEnd)), thousands(int64(a.Peak)), thousands(a.Logins),
		thousands(a.LoginFailures), thousands(a.Lost))
	writeFact(b, "Actions", "%s intended, %s started; %s late, %s dropped, %s failed",
		thousands(x.Intended), thousands(x.Started), thousands(x.Late), thousands(x.Dropped), thousands(x.Failed))
	writeFact(b, "Packets", "%s sent, %s received; %s resent, %s lost, %s dropped by the kernel",
		thousands(t.PacketsSent), thousands(t.PacketsReceived), thousands(t.Resent),
		thousands(t.Lost), thousands(t.KernelDrops))
	if len(s.Workers) > 0 {
		writeFact(b, "Workers", "%s", s.workersText())
	}
	writeFact(b, "Generator", "%s: %s; %s MB, timers %s late at p99", s.Verdict.Generator,
		cpuText(&g), thousands(g.MaxRSSBytes/1e6), Human(time.Duration(g.TickLagP99NS)))
	for _, reason := range s.Verdict.Reasons {
		writeFact(b, "", "%s", reason)
	}
	if s.Verdict.Thresholds == ThresholdsNone {
		return
	}
	writeFact(b, "Thresholds", "%s", s.Verdict.Thresholds)
	for _, failed := range s.Verdict.Failed {
		writeFact(b, "", "%s", failed)
	}
}

// cpuText tells the process's CPU time, and what ran beside it as far as that
// is known.
func cpuText(g *Generator) string {
	text := cpuSeconds(g.CPUSeconds) + " CPU s"
	if g.GridCPUSeconds > 0 {
		text += ", the embedded grid " + cpuSeconds(g.GridCPUSeconds)
	}
	switch {
	case g.MachineCores > 0:
		text += ", the machine " + cpuSeconds(g.MachineCPUSeconds)
	case g.Cores > 0:
		text += ", the machine's unknown"
	}
	return text
}

// cpuSeconds writes seconds with three digits or, from a thousand on, in full.
func cpuSeconds(s float64) string {
	if s >= 999.5 {
		return thousands(int64(math.Round(s)))
	}
	return fmt.Sprintf("%.3g", s)
}

func writeFact(b *bytes.Buffer, name, format string, args ...any) {
	fmt.Fprintf(b, "%-12s%s\n", name, fmt.Sprintf(format, args...))
}

// thousands writes n with commas: 1,234,567.
func thousands(n int64) string {
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
