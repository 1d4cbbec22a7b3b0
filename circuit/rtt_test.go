package circuit

import (
	"testing"
	"time"
)

func TestTimeoutFollowsRFC6298(t *testing.T) {
	tests := []struct {
		name               string
		samples            []time.Duration
		smoothed, variance time.Duration
		rto                time.Duration
	}{
		{"none", nil, 0, 0, initialRTO},
		{"the first", []time.Duration{200 * ms}, 200 * ms, 100 * ms, 600 * ms},
		// variance = 3/4 * 100 + 1/4 * |200-280|, smoothed = 7/8 * 200 + 1/8 * 280
		{"the second", []time.Duration{200 * ms, 280 * ms}, 210 * ms, 95 * ms, 590 * ms},
		{"short", []time.Duration{ms}, ms, ms / 2, minRTO},
		{"long", []time.Duration{2 * time.Second}, 2 * time.Second, time.Second, maxRTO},
		{"zero", []time.Duration{0}, 1, 0, minRTO},
	}
	for _, tt := range tests {
		var r rtt
		for _, d := range tt.samples {
			r.sample(d)
		}
		if r.smoothed != tt.smoothed || r.variance != tt.variance || r.timeout(0) != tt.rto {
			t.Errorf("%s: smoothed %v, variance %v, timeout %v; want %v, %v, %v",
				tt.name, r.smoothed, r.variance, r.timeout(0), tt.smoothed, tt.variance, tt.rto)
		}
	}
}

// TestNoResendThatAnAckTimerCauses: a peer that acknowledges every 500 ms, as
// OpenSimulator does, but at times at once, must never look lossy.
func TestNoResendThatAnAckTimerCauses(t *testing.T) {
	var r rtt
	for range 1000 {
		r.sample(2 * ms)
	}
	if got := r.timeout(DefaultAckDelay); got < 502*ms {
		t.Errorf("after many quick acks the timeout is %v, shorter than the slow ack after 502ms", got)
	}
}

func TestBackoff(t *testing.T) {
	for resends, want := range []time.Duration{400 * ms, 800 * ms, 1600 * ms, maxRTO, maxRTO} {
		if got := backoff(400*ms, resends); got != want {
			t.Errorf("after %d resends: %v, want %v", resends, got, want)
		}
	}
	if got := backoff(400*ms, 1000); got != maxRTO {
		t.Errorf("after 1000 resends: %v, want %v", got, maxRTO)
	}
}
