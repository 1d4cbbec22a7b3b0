package llsd

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"time"
)

// parseBool reads the words of XML and notation.
func parseBool(s string) (bool, error) {
	switch s {
	case "", "0", "false", "f", "F", "False", "FALSE":
		return false, nil
	case "1", "true", "t", "T", "True", "TRUE":
		return true, nil
	}
	return false, fmt.Errorf("%q is no boolean", clip(s))
}

// parseInteger reads a 32-bit integer. What only fits unsigned keeps its 32
// bits: servers write a U32 this way now and then.
func parseInteger(s string) (int32, error) {
	if s == "" {
		return 0, nil
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < math.MinInt32 || n > math.MaxUint32 {
		return 0, fmt.Errorf("%q is no 32-bit integer", clip(s))
	}
	return int32(uint32(n)), nil
}

// parseReal reads a 64-bit float; what is beyond its range is an infinity.
func parseReal(s string) (float64, error) {
	if s == "" {
		return 0, nil
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil && !errors.Is(err, strconv.ErrRange) {
		return 0, fmt.Errorf("%q is no real", clip(s))
	}
	return f, nil
}

// dateFormat is LLSD's: UTC, with as many digits of the second as needed.
const dateFormat = "2006-01-02T15:04:05.999999999Z"

// parseDate reads an ISO 8601 date; the default is the Unix epoch. A missing
// time zone is UTC, a missing time midnight.
func parseDate(s string) (time.Time, error) {
	if s == "" {
		return time.Unix(0, 0).UTC(), nil
	}
	for _, layout := range [...]string{time.RFC3339, "2006-01-02T15:04:05", time.DateOnly} {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UTC(), nil
		}
	}
	return time.Time{}, fmt.Errorf("%q is no date like 2006-01-02T15:04:05Z", clip(s))
}

// dateFromSeconds is binary LLSD's date: seconds since the epoch. What is
// beyond years 1 to 9999 is refused, as no other format could hold it.
func dateFromSeconds(s float64) (time.Time, error) {
	const first, last = -62135596800, 253402300799
	if !(s >= first && s <= last) {
		return time.Time{}, fmt.Errorf("date of %g seconds since 1970 is outside years 1 to 9999", s)
	}
	whole, part := math.Modf(s)
	return time.Unix(int64(whole), int64(math.Round(part*1e9))).UTC(), nil
}

func secondsFromDate(t time.Time) float64 {
	return float64(t.Unix()) + float64(t.Nanosecond())/1e9
}

// clip shortens text for an error.
func clip(s string) string {
	const most = 24
	if len(s) <= most {
		return s
	}
	return s[:most] + "..."
}
