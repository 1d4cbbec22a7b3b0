package profiles

import (
	"encoding"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestDuration(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"30s": 30 * time.Second, "5m": 5 * time.Minute, "1h30m": 90 * time.Minute, "0s": 0, "0": 0,
		"500ms": 500 * time.Millisecond, "1.5s": 1500 * time.Millisecond, "8760h": 365 * 24 * time.Hour, " 2s ": 2 * time.Second,
	} {
		var d Duration
		if err := d.UnmarshalText([]byte(text)); err != nil || time.Duration(d) != want {
			t.Errorf("%q: got %v, %v, want %v", text, d, err, want)
		}
	}
	wantRefused(t, new(Duration), "", "30", "s", "-1s", "8761h", "1d", "NaNs", "99999999999h")
}

func TestDurationString(t *testing.T) {
	for want, d := range map[string]time.Duration{
		"0s": 0, "5m": 5 * time.Minute, "1h": time.Hour, "1h30m": 90 * time.Minute, "10m": 10 * time.Minute,
		"1h0m1s": time.Hour + time.Second, "20h": 20 * time.Hour, "1m30s": 90 * time.Second, "1.5s": 1500 * time.Millisecond,
	} {
		if got := Duration(d).String(); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func TestRate(t *testing.T) {
	for text, want := range map[string]Rate{
		"10/s": 10, "0.5/s": 0.5, "6/m": 0.1, "36/h": 0.01, "1e3/s": 1000, "1 / m": 1. / 60,
	} {
		var r Rate
		if err := r.UnmarshalText([]byte(text)); err != nil || r != want {
			t.Errorf("%q: got %v, %v, want %v", text, float64(r), err, float64(want))
		}
	}
	wantRefused(t, new(Rate), "", "10", "10/", "/s", "0/s", "-1/s", "NaN/s", "Inf/s", "1000001/s", "1e-7/s", "10/d", "10/s/s")
}

func TestRateString(t *testing.T) {
	for want, r := range map[string]Rate{"10/s": 10, "0.2/s": 0.2, "1/m": 1. / 60, "1/h": 1. / 3600, "33.3/s": 33.3} {
		if got := r.String(); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func TestRatePeriod(t *testing.T) {
	for rate, want := range map[Rate]time.Duration{1: time.Second, 10: 100 * time.Millisecond, 3: 333333333, 1. / 60: time.Minute} {
		if got := rate.Period(); got != want {
			t.Errorf("%v: got %v, want %v", rate, got, want)
		}
	}
}

func TestBitRate(t *testing.T) {
	for text, want := range map[string]BitRate{
		"500kbit/s": 500_000, "1.5Mbit/s": 1_500_000, "64000bit/s": 64_000, "1000Mbit/s": 1e9, "1 kbit/s": 1000,
	} {
		var b BitRate
		if err := b.UnmarshalText([]byte(text)); err != nil || b != want {
			t.Errorf("%q: got %v, %v, want %v", text, float64(b), err, float64(want))
		}
	}
	wantRefused(t, new(BitRate), "", "500", "500kb/s", "Mbit/s", "999bit/s", "1001Mbit/s", "-1Mbit/s", "NaNbit/s", "InfMbit/s")
}

func wantRefused(t *testing.T, v encoding.TextUnmarshaler, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if err := v.UnmarshalText([]byte(text)); err == nil {
			t.Errorf("%q was taken for %v", text, v)
		}
	}
}

func TestUnitsRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := someDuration(t, "duration", 0, time.Duration(maxDuration))
		wantBack(t, d, d.String(), new(Duration))
		r := Rate(rapid.Float64Range(minRate, maxRate).Draw(t, "rate"))
		wantBack(t, r, r.String(), new(Rate))
		b := BitRate(rapid.Float64Range(1e3, 1e9).Draw(t, "bit rate"))
		wantBack(t, b, b.String(), new(BitRate))
		th := someThreshold(t)
		wantBack(t, th, th.String(), new(Threshold))
	})
}

// wantBack wants that text is read as value.
func wantBack[T comparable, P interface {
	*T
	encoding.TextUnmarshaler
}](t *rapid.T, value T, text string, into P) {
	if err := into.UnmarshalText([]byte(text)); err != nil || *into != value {
		t.Fatalf("%#v was written as %q and read as %#v, %v", value, text, *into, err)
	}
}
