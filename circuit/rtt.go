package circuit

import "time"

// Bounds of the retransmission timeout; the same as OpenSimulator's, but for
// the first.
const (
	initialRTO = 1 * time.Second
	minRTO     = 250 * time.Millisecond
	maxRTO     = 3 * time.Second
)

// rtt estimates the round trip and the retransmission timeout of RFC 6298,
// section 2, with alpha 1/8, beta 1/4, K 4.
type rtt struct {
	smoothed, variance time.Duration
}

// sample takes one round trip of a packet that was sent once only (Karn).
func (r *rtt) sample(d time.Duration) {
	d = max(d, 1)
	if r.smoothed == 0 {
		r.smoothed, r.variance = d, d/2
		return
	}
	r.variance += ((r.smoothed - d).Abs() - r.variance) / 4
	r.smoothed += (d - r.smoothed) / 8
}

// timeout gives how long to wait for an acknowledgement that the peer may hold
// back for ackDelay by itself. RFC 6298 knows no such delay; it is added as
// RFC 9002, section 6.2.1, does, or a peer that acknowledges by a timer gets
// resends that nothing but the estimate's short memory caused.
func (r *rtt) timeout(ackDelay time.Duration) time.Duration {
	if r.smoothed == 0 {
		return initialRTO
	}
	return min(max(r.smoothed+4*r.variance+ackDelay, minRTO), maxRTO)
}

// backoff doubles a timeout for each resend so far (RFC 6298, 5.5), up to
// maxRTO.
func backoff(rto time.Duration, resends int) time.Duration {
	return min(rto<<min(resends, 8), maxRTO)
}
