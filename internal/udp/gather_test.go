package udp

import (
	"errors"
	"net"
	"testing"
	"time"
)

// gatherer is a Conn that can leave datagrams alone for longer than CoalesceWindow.
type gatherer interface {
	Conn
	Gather(window time.Duration)
}

// conformGathering runs a test on the transports that gather: all but the portable one, whose goroutines read anyway.
func conformGathering(t *testing.T, test func(r *rig, c gatherer, say func())) {
	conform(t, func(t *testing.T, tr transport) {
		r := newRig(t, tr, Config{}, Config{})
		c, ok := r.server.(gatherer)
		if !ok {
			if tr.mode != ModePortable {
				t.Errorf("%T has no Gather", r.server)
			}
			return
		}
		e := r.endpoint()
		test(r, c, func() { r.say(e, "ring") })
	})
}

// reads waits until it has read something, and tells since when it waited: the
// window begins with the end of that Wait, which nobody else sees.
func (r *rig) reads(c Conn) (began time.Time) {
	r.Helper()
	for n := 0; n == 0; {
		began = time.Now()
		if err := c.Wait(patience); err != nil {
			r.Fatal(err)
		}
		var err error
		if n, err = c.ReadBatch(make([]Packet, 8)); err != nil {
			r.Fatal(err)
		}
	}
	return began
}

func TestWaitLeavesDatagramsAloneForAWindow(t *testing.T) {
	const window = 30 * time.Millisecond
	conformGathering(t, func(r *rig, c gatherer, say func()) {
		c.Gather(window)
		say()
		read := r.reads(c)
		say()
		for range 2 { // the second is empty, as after a post: the window goes on
			if err := c.Wait(window / 4); err != nil {
				t.Fatal(err)
			}
			if took := time.Since(read); took < window/4 {
				t.Errorf("a datagram ended Wait %v into the window", took)
			}
		}
		if err := c.Wait(patience); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(read); took < window-time.Millisecond || took > patience/2 {
			t.Errorf("the window ended after %v, want %v", took, window)
		}
		if n, err := c.ReadBatch(make([]Packet, 8)); n != 1 || err != nil {
			t.Errorf("%d datagrams, error %v; want the one that waited", n, err)
		}
	})
}

func TestWakeEndsAWindow(t *testing.T) {
	conformGathering(t, func(r *rig, c gatherer, say func()) {
		c.Gather(time.Hour)
		say()
		r.reads(c)
		say()
		time.AfterFunc(time.Millisecond, c.Wake)
		start := time.Now()
		if err := c.Wait(time.Hour); err != nil || time.Since(start) > patience {
			t.Errorf("error %v after %v", err, time.Since(start))
		}
	})
}

func TestCloseEndsAWindow(t *testing.T) {
	conformGathering(t, func(r *rig, c gatherer, say func()) {
		c.Gather(time.Hour)
		say()
		r.reads(c)
		closed := make(chan error, 1)
		time.AfterFunc(time.Millisecond, func() { closed <- c.Close() })
		start := time.Now()
		if err := c.Wait(time.Hour); !errors.Is(err, net.ErrClosed) || time.Since(start) > patience {
			t.Errorf("error %v after %v", err, time.Since(start))
		}
		if err := <-closed; err != nil {
			t.Error(err)
		}
	})
}

func TestSilenceHasNoWindow(t *testing.T) {
	const window = time.Millisecond * 5
	conformGathering(t, func(r *rig, c gatherer, say func()) {
		c.Gather(window)
		say()
		r.reads(c)
		if err := c.Wait(2 * window); err != nil { // the window passes, and nothing has come
			t.Fatal(err)
		}
		time.AfterFunc(2*window, say)
		start := time.Now()
		r.reads(c)
		if took := time.Since(start); took > patience/2 {
			t.Errorf("a datagram into silence was read after %v", took)
		}
	})
}
