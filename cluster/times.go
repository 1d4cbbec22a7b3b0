package cluster

import "time"

// Defaults of flags.
const (
	DefaultJoinTimeout = 5 * time.Minute
	DefaultLossTimeout = 10 * time.Second
)

// times are how long things take, which tests shorten.
type times struct {
	beat     time.Duration // between beats of either side
	start    time.Duration // from all being ready to the start
	takeover time.Duration // that a worker has to make a lost segment ready
	orphan   time.Duration // without a controller until a worker ends its load
	logout   time.Duration // that an orphan's load may go on
	deliver  time.Duration // that frames get at a worker's end
	prepare  time.Duration // until all are ready
	settle   time.Duration // of the end, until all have said so
	// end is what segments have for their end: actions under way, logouts, the way
	// of the last frame.
	end time.Duration
}

func defaultTimes() times {
	return times{
		beat: time.Second, start: 2 * time.Second, takeover: 5 * time.Second,
		// 40 s, 16 s, and what a connection may hold the loop up: an orphan's load has
		// ended within 60.
		orphan: 40 * time.Second, logout: 16 * time.Second,
		deliver: 10 * time.Second, prepare: 2 * time.Minute, settle: 10 * time.Second, end: 90 * time.Second,
	}
}
