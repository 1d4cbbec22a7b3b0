package results

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"pgregory.net/rapid"
)

// op is an operation with times that spread from d upwards.
func op(count, errors int64, d time.Duration) Op {
	n := int64(d)
	return Op{Count: count, Errors: errors, ResponseNS: Quantiles{
		Min: n / 2, P50: n, P90: 17 * n / 10, P95: 21 * n / 10, P99: 34 * n / 10, P999: 5 * n, Max: 61 * n / 10,
	}}
}

func crowdSummary() *Summary {
	return &Summary{
		Run:     Run{Profile: "crowd", Seconds: 330.2, Seed: 42},
		Verdict: Verdict{Generator: Valid, Thresholds: ThresholdsNone},
		Agents:  AgentTotals{Target: 200, Peak: 200, InWorldAtEnd: 200, Logins: 200},
		Actions: Actions{Intended: 39612, Started: 39600, Late: 3, Dropped: 12, Absent: 12},
		Ops: map[string]Op{
			"login": op(200, 0, 85*ms), "login.auth": op(200, 0, 41*ms), "login.handshake": op(200, 0, 44*ms),
			"caps.seed": op(200, 0, 7300*µs), "caps.FetchInventoryDescendents2": op(600, 0, 12*ms),
			"eq.poll": op(1131, 0, 29*s), "msg.ack": op(1_204_113, 0, 101*ms), "msg.chat": op(6_588, 0, 1250*µs),
			"msg.im": op(3211, 0, 980*µs), "msg.ping": op(13_220, 0, 310*µs), "logout": op(200, 0, 3*ms),
		},
		Transport: Transport{PacketsSent: 1_310_442, PacketsReceived: 5_240_551},
		Generator: Generator{CPUSeconds: 38.42, MaxRSSBytes: 61_200_000, TickLagP99NS: 1_180_000, Cores: 2},
	}
}

func TestTable(t *testing.T) {
	for name, change := range map[string]func(*Summary){
		"quiet": func(*Summary) {},
		"bad-day": func(s *Summary) {
			s.Run.HandScaled, s.Run.Tags = true, map[string]string{"grid": "staging", "build": "1.4"}
			s.Ops["login"], s.Ops["login.auth"] = op(188, 14, 11*s0), op(190, 12, 9*s0)
			s.Ops["teleport"] = Op{Errors: 3}
			s.Ops["caps.ACapabilityWithAVeryVeryLongNameIndeed"] = op(4, 0, 20*time.Minute)
			s.Errors = []ErrorCount{
				{"login", "timeout", 2}, {"login.auth", "presence", 12}, {"login", "presence", 12},
				{"teleport", "refused", 3},
			}
			s.Verdict = Verdict{
				Generator: Suspect, Reasons: []string{"timers fired 12.0 ms late at p99", "0.02% of the datagrams were dropped by the kernel"},
				Thresholds: ThresholdsFail, Failed: []string{"login.p95 < 2s: was 23.1 s", "errors < 1%: was 1.3% (29 of 2,231)"},
			}
			s.Generator.TickLagP99NS = 12_000_000
			s.Agents.InWorldAtEnd, s.Agents.Peak, s.Agents.Logins, s.Agents.LoginFailures, s.Agents.Lost = 181, 188, 188, 14, 7
			s.Notes = []string{"the run was cut off; these are its results up to 330 s"}
		},
		"workers": func(s *Summary) {
			s.Workers = fourWorkers()
			s.Generator.CPUSeconds = 12345.6
			s.Run.LostLoad = []LostLoad{{From: 61, To: 72.5, What: "segment 2:4, of tarn:871"}}
			s.Verdict = Verdict{Generator: Suspect, Reasons: []string{"tarn:871: timers fired 12.0 ms late at p99 during stage 2"}, Thresholds: ThresholdsNone}
			s.Notes = lostNotes(s.Run.LostLoad)
		},
		"nothing": func(s *Summary) {
			*s = Summary{Run: Run{Profile: "smoke"}, Verdict: Verdict{Generator: Suspect,
				Reasons: []string{"nothing was measured"}, Thresholds: ThresholdsNone}}
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := crowdSummary()
			change(s)
			var b bytes.Buffer
			if err := WriteTable(&b, s, "runs/20261122-175633-crowd-3f2a"); err != nil {
				t.Fatal(err)
			}
			golden(t, "table-"+name+".txt", b.Bytes())
		})
	}
}

// fourWorkers are three machines, one of which was lost, and a standby.
func fourWorkers() []WorkerSummary {
	segment := func(n, epoch int, state string) WorkerSegment {
		return WorkerSegment{Segment: n, Of: 4, Epoch: epoch, State: state}
	}
	return []WorkerSummary{
		{Worker: "scree:4012", Segments: []WorkerSegment{segment(0, 1, WorkerEnded), segment(3, 1, WorkerEnded)}, Verdict: Valid, InWorld: 100,
			Generator: Generator{CPUSeconds: 40.4, Cores: 4, MaxRSSBytes: 61e6, TickLagP99NS: 1_100_000}},
		{Worker: "fell-with-a-name-of-many-letters.example:31999", Segments: []WorkerSegment{segment(1, 1, WorkerEnded)}, Verdict: Valid, InWorld: 50,
			Generator: Generator{CPUSeconds: 12_300, Cores: 2, MaxRSSBytes: 1061e6, TickLagP99NS: 900_000}},
		{Worker: "tarn:871", Segments: []WorkerSegment{segment(2, 1, WorkerTakenOver)}, Verdict: Suspect, Lost: true,
			Generator: Generator{CPUSeconds: 5.2, Cores: 2, MaxRSSBytes: 58e6, TickLagP99NS: 12_000_000}},
		{Worker: "beck:77", Segments: []WorkerSegment{segment(2, 2, WorkerEnded)}, Verdict: Valid, InWorld: 50,
			Generator: Generator{CPUSeconds: 20.1, Cores: 2, MaxRSSBytes: 60e6, TickLagP99NS: 1_000_000}},
	}
}

// s0 is a second where s is a summary.
const s0 = time.Second

func TestTableFitsItsColumns(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := crowdSummary()
		big := rapid.Int64Range(0, 9_999_999_999)
		for range rapid.IntRange(0, 10).Draw(t, "ops") {
			name := rapid.StringMatching(`(caps|msg)\.[A-Za-zäß]{1,60}`).Draw(t, "op")
			s.Ops[name] = op(big.Draw(t, "count"), rapid.Int64Range(0, 9_999_999).Draw(t, "errors"),
				time.Duration(rapid.Int64Range(int64(µs), int64(10*time.Minute)).Draw(t, "time")))
			s.Workers = append(s.Workers, fourWorkers()...)
			s.Workers[len(s.Workers)-1].Generator = Generator{CPUSeconds: 9_999_999, MaxRSSBytes: 999_999e6, TickLagP99NS: int64(10 * time.Minute)}
			s.Errors = append(s.Errors, ErrorCount{Op: name, Reason: "timeout", Count: big.Draw(t, "failed")})
		}
		s.Actions = Actions{Intended: 9_999_999, Started: 9_999_999, Late: 999_999, Dropped: 999_999, Failed: 999_999}
		var b bytes.Buffer
		if err := WriteTable(&b, s, "runs/x"); err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(b.String()) {
			if n := utf8.RuneCountInString(strings.TrimSuffix(line, "\n")); n > 100 {
				t.Fatalf("%d columns: %s", n, line)
			}
			if strings.HasSuffix(line, " \n") {
				t.Fatalf("blanks at the end of %q", line)
			}
		}
	})
}

func TestTableSaysHowManyErrorsItLeavesOut(t *testing.T) {
	s := crowdSummary()
	for i := range maxErrorRows + 5 {
		s.Errors = append(s.Errors, ErrorCount{"login", fmt.Sprint("reason ", i), int64(i)})
	}
	var b bytes.Buffer
	if err := WriteTable(&b, s, ""); err != nil {
		t.Fatal(err)
	}
	if got := b.String(); !strings.Contains(got, "and 5 more kinds\n") || !strings.Contains(got, "reason 24\n") ||
		strings.Contains(got, "reason 4\n") || strings.Contains(got, "Results") {
		t.Errorf("the table is\n%s", got)
	}
}

type brokenPipe struct{}

var errPipe = errors.New("broken pipe")

func (brokenPipe) Write([]byte) (int, error) { return 0, errPipe }

func TestTableTellsWhereItCannotBeWritten(t *testing.T) {
	if err := WriteTable(brokenPipe{}, crowdSummary(), ""); !errors.Is(err, errPipe) {
		t.Errorf("error %v, want %v", err, errPipe)
	}
}

// A summary may have been written by anybody; nothing in it moves a cursor.
func TestTableKeepsTheTerminal(t *testing.T) {
	sum := crowdSummary()
	sum.Errors = []ErrorCount{{Op: "login", Reason: "\x1b[2Jtrick\u202e\n", Count: 1}}
	var b bytes.Buffer
	if err := WriteTable(&b, sum, ""); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(b.String(), "1  \uFFFD[2Jtrick\uFFFD\uFFFD\n") {
		t.Errorf("the table holds %q", b.String())
	}
}
