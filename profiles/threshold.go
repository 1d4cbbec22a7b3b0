package profiles

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
)

// Stat is what a threshold looks at.
type Stat string

// The statistics of a threshold. The first four are of the response time.
const (
	StatQuantile Stat = "quantile"
	StatMin      Stat = "min"
	StatMean     Stat = "mean"
	StatMax      Stat = "max"
	// StatErrors is the share of failed operations.
	StatErrors Stat = "errors"
)

// Threshold is one line of what a run must hold, in one of the forms
//
//	login.p95 < 2s
//	msg.chat.p99 < 500ms over 1m abort
//	errors < 1%
//	msg.im.errors < 0.5% over 30s
//
// p50, p95, p99 and so on name percentiles, p999 is 99.9 %; min, mean and max
// stand in their place too.
type Threshold struct {
	// Op is the operation; empty: all of them together (errors only).
	Op   string
	Stat Stat
	// Quantile is the percentile of StatQuantile, above 0 and below 100.
	Quantile float64
	// Limit is what a time must stay below.
	Limit Duration
	// Ratio is what StatErrors must stay below: 0.01 is 1 %.
	Ratio float64
	// Over is the sliding window that is judged; 0: the whole run.
	Over Duration
	// Abort ends the run as soon as the threshold fails.
	Abort bool
}

var thresholdForm = regexp.MustCompile(
	`^([A-Za-z][A-Za-z0-9_.-]*?)\s*<\s*([0-9][0-9A-Za-zµ.%]*)(?:\s+over\s+(\S+))?(\s+abort)?$`)

// UnmarshalText parses a threshold.
func (t *Threshold) UnmarshalText(text []byte) error {
	m := thresholdForm.FindStringSubmatch(strings.TrimSpace(string(text)))
	if m == nil {
		return fmt.Errorf("%q is no threshold: want one such as login.p95 < 2s, "+
			"msg.chat.p99 < 500ms over 1m abort, or errors < 1%%", text)
	}
	v := Threshold{Abort: m[4] != ""}
	if err := v.setSubject(m[1]); err != nil {
		return err
	}
	if err := v.setLimit(m[2]); err != nil {
		return err
	}
	if m[3] != "" {
		if err := v.Over.UnmarshalText([]byte(m[3])); err != nil {
			return err
		}
		if v.Over == 0 {
			return fmt.Errorf("%q has no window: want one such as over 1m", text)
		}
	}
	*t = v
	return nil
}

var quantileForm = regexp.MustCompile(`^p([0-9]{1,6})$`)

// setSubject splits what stands left of the <: msg.chat.p99 is the operation
// msg.chat and its statistic p99.
func (t *Threshold) setSubject(s string) error {
	if s == string(StatErrors) {
		t.Stat = StatErrors
		return nil
	}
	dot := strings.LastIndexByte(s, '.')
	if dot <= 0 {
		return fmt.Errorf("%q names no statistic: want one such as %s.p95 or %s.errors", s, s, s)
	}
	t.Op = s[:dot]
	switch name := s[dot+1:]; Stat(name) {
	case StatMin, StatMean, StatMax, StatErrors:
		t.Stat = Stat(name)
	default:
		q, ok := parseQuantile(name)
		if !ok {
			return fmt.Errorf("%q is no statistic: want p50, p95, p99, p999, min, mean, max or errors", name)
		}
		t.Stat, t.Quantile = StatQuantile, q
	}
	return nil
}

// parseQuantile reads p95 as 95 and p999 as 99.9: the first two digits are
// whole percents, the rest their decimals.
func parseQuantile(s string) (percent float64, ok bool) {
	m := quantileForm.FindStringSubmatch(s)
	if m == nil {
		return 0, false
	}
	digits := m[1]
	if len(digits) > 2 {
		digits = digits[:2] + "." + digits[2:]
	}
	q, err := strconv.ParseFloat(digits, 64)
	return q, err == nil && q > 0
}

func (t *Threshold) setLimit(s string) error {
	percent, isPercent := strings.CutSuffix(s, "%")
	if t.Stat != StatErrors {
		if isPercent {
			return fmt.Errorf("%q is a share, %s is a time: want a limit such as 500ms", s, t.subject())
		}
		if err := t.Limit.UnmarshalText([]byte(s)); err != nil {
			return err
		}
		if t.Limit == 0 {
			return fmt.Errorf("nothing takes less than %s: want a limit such as 500ms", s)
		}
		return nil
	}
	v, err := strconv.ParseFloat(percent, 64)
	if !isPercent || err != nil || !(v >= 0.0001 && v <= 100) {
		return fmt.Errorf("%q is no share of errors: want one from 0.0001%% to 100%%, such as 1%%", s)
	}
	t.Ratio = v / 100
	return nil
}

// subject is what stands left of the <.
func (t Threshold) subject() string {
	stat := string(t.Stat)
	if t.Stat == StatQuantile {
		whole, decimals, _ := strings.Cut(strconv.FormatFloat(t.Quantile, 'f', -1, 64), ".")
		if decimals != "" && len(whole) == 1 {
			whole = "0" + whole
		}
		stat = "p" + whole + decimals
	}
	if t.Op == "" {
		return stat
	}
	return t.Op + "." + stat
}

// String writes the threshold in its canonical form, which UnmarshalText reads
// back.
func (t Threshold) String() string {
	s := t.subject() + " < "
	if t.Stat == StatErrors {
		s += percent(t.Ratio)
	} else {
		s += t.Limit.String()
	}
	if t.Over > 0 {
		s += " over " + t.Over.String()
	}
	if t.Abort {
		s += " abort"
	}
	return s
}

// percent writes a ratio as a percentage that gives it again: a short one if
// there is one, else one of those that the division may have come from.
func percent(ratio float64) string {
	p := ratio * 100
	for digits := range 12 {
		v := strconv.FormatFloat(p, 'f', digits, 64)
		if back, err := strconv.ParseFloat(v, 64); err == nil && back/100 == ratio {
			return v + "%"
		}
	}
	for _, v := range []float64{math.Nextafter(p, 0), math.Nextafter(p, 101)} {
		if v/100 == ratio {
			p = v
		}
	}
	return strconv.FormatFloat(p, 'f', -1, 64) + "%"
}

// MarshalText is String.
func (t Threshold) MarshalText() ([]byte, error) { return []byte(t.String()), nil }
