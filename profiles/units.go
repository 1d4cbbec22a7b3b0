package profiles

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// maxDuration bounds every duration of a profile: a year is longer than any
// soak, and sums of such durations stay far from overflow.
const maxDuration = Duration(365 * 24 * time.Hour)

// Duration is a time.Duration that a profile writes as "30s", "5m" or "1h30m".
type Duration time.Duration

// UnmarshalText reads a duration as time.ParseDuration does, not below zero
// and not above a year.
func (d *Duration) UnmarshalText(text []byte) error {
	v, err := time.ParseDuration(strings.TrimSpace(string(text)))
	if err != nil {
		return fmt.Errorf("%q is no duration: want one such as 30s, 5m or 1h30m", text)
	}
	if v < 0 || Duration(v) > maxDuration {
		return fmt.Errorf("%q is out of range: want a duration from 0s to 8760h", text)
	}
	*d = Duration(v)
	return nil
}

// MarshalText writes the duration so that UnmarshalText reads it back.
func (d Duration) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// String is time.Duration's form without trailing zero units: 5m, not 5m0s.
func (d Duration) String() string {
	s := time.Duration(d).String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

// Bounds of every rate: a period of a microsecond, and one of eleven days.
const (
	maxRate = 1e6
	minRate = 1e-6
)

// Rate is a number of events per second, written as "10/s", "0.5/s", "6/m" or
// "30/h".
type Rate float64

// rateUnits are the units of a rate with their seconds, in the order in which
// String prefers them.
var rateUnits = []struct {
	name    string
	seconds float64
}{{"s", 1}, {"m", 60}, {"h", 3600}}

// UnmarshalText reads a rate from one in eleven days to a million a second.
func (r *Rate) UnmarshalText(text []byte) error {
	v, ok := parseRate(strings.TrimSpace(string(text)))
	if !ok {
		return fmt.Errorf("%q is no rate: want one such as 10/s, 0.5/s or 6/m", text)
	}
	if !(v >= minRate && v <= maxRate) {
		return fmt.Errorf("%q is out of range: want a rate from 0.000001/s to 1000000/s", text)
	}
	*r = v
	return nil
}

func parseRate(s string) (Rate, bool) {
	number, unit, _ := strings.Cut(s, "/")
	v, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
	if err != nil {
		return 0, false
	}
	for _, u := range rateUnits {
		if strings.TrimSpace(unit) == u.name {
			return Rate(v / u.seconds), true
		}
	}
	return 0, false
}

// MarshalText writes the rate so that UnmarshalText reads the same float back.
func (r Rate) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// String writes events a second, or the shortest of the other units where that
// takes many digits: 0.2/s, but 1/m. It gives the same float again.
func (r Rate) String() string {
	best := ""
	for _, u := range rateUnits {
		s := strconv.FormatFloat(float64(r)*u.seconds, 'g', -1, 64) + "/" + u.name
		if back, ok := parseRate(s); !ok || back != r {
			continue
		}
		if len(s) <= len("00.00/s") {
			return s
		}
		if best == "" || len(s) < len(best) {
			best = s
		}
	}
	return best
}

// Period is the mean time between two events.
func (r Rate) Period() time.Duration {
	return time.Duration(math.Round(float64(time.Second) / float64(r)))
}

// BitRate is a bandwidth in bits a second, written as "500kbit/s" or
// "1.5Mbit/s".
type BitRate float64

// bitUnits are the units of a bandwidth with their bits a second.
var bitUnits = []struct {
	name string
	bits float64
}{{"Mbit/s", 1e6}, {"kbit/s", 1e3}, {"bit/s", 1}}

// UnmarshalText reads a bandwidth of 1 kbit/s to 1,000 Mbit/s.
func (b *BitRate) UnmarshalText(text []byte) error {
	s := strings.TrimSpace(string(text))
	for _, u := range bitUnits {
		number, ok := strings.CutSuffix(s, u.name)
		if !ok {
			continue
		}
		v, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
		if err != nil {
			break
		}
		if !(v*u.bits >= 1e3 && v*u.bits <= 1e9) {
			return fmt.Errorf("%q is out of range: want 1kbit/s to 1000Mbit/s", text)
		}
		*b = BitRate(v * u.bits)
		return nil
	}
	return fmt.Errorf("%q is no bandwidth: want one such as 500kbit/s or 1.5Mbit/s", text)
}

// MarshalText writes the bandwidth so that UnmarshalText reads it back.
func (b BitRate) MarshalText() ([]byte, error) { return []byte(b.String()), nil }

// String takes the largest unit that gives the same float again.
func (b BitRate) String() string {
	for _, u := range bitUnits[:len(bitUnits)-1] {
		v := float64(b) / u.bits
		if v >= 1 && BitRate(v*u.bits) == b {
			return strconv.FormatFloat(v, 'g', -1, 64) + u.name
		}
	}
	return strconv.FormatFloat(float64(b), 'f', -1, 64) + "bit/s"
}
