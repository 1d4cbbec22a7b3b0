package results

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	"github.com/slload/slload/internal/junit"
)

// csvHead are the columns of WriteCSV.
var csvHead = []string{
	"run", "phase", "from_s", "to_s", "operation", "kind", "count", "errors",
	"min_ns", "p50_ns", "p90_ns", "p95_ns", "p99_ns", "p999_ns", "max_ns", "mean_ns",
}

// WriteCSV writes the operations' figures as CSV with a header: a line for each
// phase, operation and kind of time (response, service). The phase "run" is
// the whole of it. Times are nanoseconds, empty where there was no success.
func WriteCSV(w io.Writer, s *Summary) error {
	out := csv.NewWriter(w)
	_ = out.Write(csvHead) // Flush tells
	phases := append([]PhaseSummary{{Name: "run", To: s.Run.Seconds, Ops: s.Ops}}, s.Phases...)
	for _, p := range phases {
		for _, name := range slices.SortedFunc(maps.Keys(p.Ops), CompareOps) {
			op := p.Ops[name]
			for _, k := range []struct {
				kind string
				q    Quantiles
			}{{kindResponse, op.ResponseNS}, {kindService, op.ServiceNS}} {
				row := []string{s.Run.ID, p.Name, decimal(p.From), decimal(p.To), name, k.kind,
					strconv.FormatInt(op.Count, 10), strconv.FormatInt(op.Errors, 10)}
				for _, ns := range []int64{k.q.Min, k.q.P50, k.q.P90, k.q.P95, k.q.P99, k.q.P999, k.q.Max, k.q.Mean} {
					cell := ""
					if op.Count > 0 {
						cell = strconv.FormatInt(ns, 10)
					}
					row = append(row, cell)
				}
				_ = out.Write(row)
			}
		}
	}
	out.Flush()
	return out.Error()
}

func decimal(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }

// WriteJUnit writes JUnit's XML with a case for the generator's verdict and one
// for each threshold of the run that m and s are of.
func WriteJUnit(w io.Writer, m *Manifest, s *Summary) error {
	suite := junit.Suite{Name: "slload " + s.Run.Profile, Time: decimal(s.Run.Seconds)}
	class := "slload." + s.Run.Profile
	generator := junit.Case{Class: class, Name: "generator"}
	if v := s.Verdict; v.Generator == Invalid {
		generator.Failure = &junit.Message{Message: fmt.Sprintf("%s: %q", v.Generator, v.Reasons)}
	} else if v.Generator == Suspect {
		generator.Output = fmt.Sprintf("%s: %q", v.Generator, v.Reasons)
	}
	suite.Cases = append(suite.Cases, generator)
	for _, t := range m.Thresholds {
		c := junit.Case{Class: class, Name: t.String()}
		if was := s.Verdict.Breach(t); was != "" {
			c.Failure = &junit.Message{Message: was}
		}
		suite.Cases = append(suite.Cases, c)
	}
	return junit.Write(w, suite)
}

// CopyHlog writes histograms.hlog of the run in dir.
func CopyHlog(w io.Writer, dir string) error {
	f, err := os.Open(filepath.Join(dir, fileHlog))
	if err != nil {
		return err
	}
	_, err = io.Copy(w, f)
	return errors.Join(err, f.Close())
}
