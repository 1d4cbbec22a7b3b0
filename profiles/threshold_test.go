package profiles

import (
	"testing"
	"time"
)

func TestThreshold(t *testing.T) {
	const ms = Duration(time.Millisecond)
	tests := []struct {
		text, canonical string
		want            Threshold
	}{
		{"login.p95 < 2s", "", Threshold{Op: "login", Stat: StatQuantile, Quantile: 95, Limit: 2000 * ms}},
		{"msg.chat.p99<500ms   over 1m abort", "msg.chat.p99 < 500ms over 1m abort",
			Threshold{Op: "msg.chat", Stat: StatQuantile, Quantile: 99, Limit: 500 * ms, Over: 60_000 * ms, Abort: true}},
		{"login.p999 < 2s abort", "", Threshold{Op: "login", Stat: StatQuantile, Quantile: 99.9, Limit: 2000 * ms, Abort: true}},
		{"login.p9999 < 2s", "", Threshold{Op: "login", Stat: StatQuantile, Quantile: 99.99, Limit: 2000 * ms}},
		{"login.p5 < 2s", "", Threshold{Op: "login", Stat: StatQuantile, Quantile: 5, Limit: 2000 * ms}},
		{"login.p05 < 2s", "login.p5 < 2s", Threshold{Op: "login", Stat: StatQuantile, Quantile: 5, Limit: 2000 * ms}},
		{"login.p005 < 2s", "", Threshold{Op: "login", Stat: StatQuantile, Quantile: 0.5, Limit: 2000 * ms}},
		{"login.p50 < 2s", "", Threshold{Op: "login", Stat: StatQuantile, Quantile: 50, Limit: 2000 * ms}},
		{"eq.poll.mean < 1m30s", "", Threshold{Op: "eq.poll", Stat: StatMean, Limit: 90_000 * ms}},
		{"caps.GetTexture.max < 1h", "", Threshold{Op: "caps.GetTexture", Stat: StatMax, Limit: 3_600_000 * ms}},
		{"msg.ping.min < 1.5ms", "", Threshold{Op: "msg.ping", Stat: StatMin, Limit: 1500 * ms / 1000}},
		{"errors < 1%", "", Threshold{Stat: StatErrors, Ratio: 0.01}},
		{"errors < 0.1% over 30s", "", Threshold{Stat: StatErrors, Ratio: 0.001, Over: 30_000 * ms}},
		{"msg.im.errors < 100%", "", Threshold{Op: "msg.im", Stat: StatErrors, Ratio: 1}},
	}
	for _, tt := range tests {
		t.Run(tt.text, func(t *testing.T) {
			var got Threshold
			if err := got.UnmarshalText([]byte(tt.text)); err != nil {
				t.Fatal(err)
			}
			if got != tt.want {
				t.Errorf("got %#v, want %#v", got, tt.want)
			}
			if tt.canonical == "" {
				tt.canonical = tt.text
			}
			if got.String() != tt.canonical {
				t.Errorf("written as %q, want %q", got.String(), tt.canonical)
			}
		})
	}
	// What is said of these is in testdata/errors/thresholds.golden.
	wantRefused(t, new(Threshold), "", "login", "login.p95", "login.p95 <", "< 2s", ".p95 < 2s", "p95 < 2s",
		"login.p95 < 2s and more", "login.p95 <= 2s", "login.p95 < 9000h", "errors < 1", "errors < 0%", "errors < nan%",
		"errors < 1e300%", "login.p1234567 < 2s", "login.p00 < 2s", "login.p95 < -2s", "login.p95 < 2s\nerrors < 1%")
}

func TestRefusedThresholdLeavesTheValueAlone(t *testing.T) {
	th := Threshold{Stat: StatErrors, Ratio: 0.5}
	before := th
	if err := th.UnmarshalText([]byte("login.p95 < 2s over never")); err == nil || th != before {
		t.Errorf("got %v and %v, want an error and %v", th, err, before)
	}
}
