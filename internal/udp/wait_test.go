package udp

import (
	"errors"
	"net"
	"sync"
	"testing"
	"time"
)

func TestWakeComesBeforeWait(t *testing.T) {
	conform(t, func(t *testing.T, tr transport) {
		r := newRig(t, tr, Config{}, Config{})
		for range 3 {
			r.client.Wake()
		}
		start := time.Now()
		if err := r.client.Wait(time.Hour); err != nil {
			t.Fatal(err)
		}
		if time.Since(start) > time.Minute {
			t.Error("a pending wake-up did not end Wait")
		}
		// The three were one.
		r.waitsFully(r.client, 5*time.Millisecond)
	})
}

// waitsFully fails if a Wait with nothing to wait for ends early. Wait may end early for no reason, so one is forgiven.
func (r *rig) waitsFully(c Conn, d time.Duration) {
	r.Helper()
	var took [2]time.Duration
	for i := range took {
		start := time.Now()
		if err := c.Wait(d); err != nil {
			r.Fatal(err)
		}
		if took[i] = time.Since(start); took[i] >= d {
			return
		}
	}
	r.Errorf("Wait(%v) ended after %v", d, took)
}

func TestWakeEndsWait(t *testing.T) {
	conform(t, func(t *testing.T, tr transport) {
		r := newRig(t, tr, Config{}, Config{})
		for range 50 {
			var waiting sync.WaitGroup
			waiting.Go(func() {
				if err := r.client.Wait(time.Hour); err != nil {
					t.Error(err)
				}
			})
			r.client.Wake()
			waiting.Wait() // hangs when the wake-up was lost
		}
	})
}

func TestWakeFromManyGoroutines(t *testing.T) {
	// A loop that waits, and posters that wake it: no post may wait for a second wake-up.
	conform(t, func(t *testing.T, tr transport) {
		r := newRig(t, tr, Config{}, Config{})
		const posters, posts = 4, 200
		mailbox := make(chan struct{}, 1)
		var all sync.WaitGroup
		for range posters {
			all.Go(func() {
				for range posts {
					mailbox <- struct{}{}
					r.client.Wake()
				}
			})
		}
		for taken := 0; taken < posters*posts; {
			if err := r.client.Wait(patience); err != nil {
				t.Fatal(err)
			}
			for more := true; more; {
				select {
				case <-mailbox:
					taken++
				default:
					more = false
				}
			}
		}
		all.Wait()
	})
}

func TestWaitTimesOut(t *testing.T) {
	conform(t, func(t *testing.T, tr transport) {
		r := newRig(t, tr, Config{}, Config{})
		r.endpoint()
		for _, d := range []time.Duration{100 * time.Microsecond, 1500 * time.Microsecond, 20 * time.Millisecond} {
			r.waitsFully(r.client, d)
		}
		for _, d := range []time.Duration{0, -time.Second} {
			start := time.Now()
			if err := r.client.Wait(d); err != nil || time.Since(start) > patience {
				t.Errorf("Wait(%v) = %v after %v", d, err, time.Since(start))
			}
		}
	})
}

func TestWaitEndsWithDatagram(t *testing.T) {
	conform(t, func(t *testing.T, tr transport) {
		r := newRig(t, tr, Config{}, Config{})
		e := r.endpoint()
		for range 20 {
			var waiting sync.WaitGroup
			waiting.Go(func() {
				start := time.Now()
				for n := 0; n == 0; {
					if err := r.server.Wait(patience); err != nil {
						t.Error(err)
						return
					}
					if time.Since(start) >= patience {
						t.Error("a datagram did not end Wait")
						return
					}
					n, _ = r.server.ReadBatch(make([]Packet, 8))
				}
			})
			r.say(e, "ring")
			waiting.Wait()
		}
	})
}

func TestWaitSeesWhatIsLeft(t *testing.T) {
	conform(t, func(t *testing.T, tr transport) {
		r := newRig(t, tr, Config{}, Config{})
		e := r.endpoint()
		r.say(e, "1", "2", "3")
		var one [1]Packet
		for i := 0; i < 3; {
			start := time.Now()
			if err := r.server.Wait(patience); err != nil || time.Since(start) >= patience {
				t.Fatalf("Wait slept over the datagrams that were left: %v", err)
			}
			n, err := r.server.ReadBatch(one[:])
			if err != nil {
				t.Fatal(err)
			}
			if n == 1 && r.mine(&one[0]) {
				i++
			}
		}
	})
}

func TestCloseEndsWait(t *testing.T) {
	conform(t, func(t *testing.T, tr transport) {
		for range 20 {
			r := newRig(t, tr, Config{}, Config{})
			r.endpoint()
			var waiting sync.WaitGroup
			waiting.Go(func() {
				for {
					if err := r.client.Wait(time.Hour); err != nil {
						if !errors.Is(err, net.ErrClosed) {
							t.Errorf("Wait = %v, want %v", err, net.ErrClosed)
						}
						return
					}
				}
			})
			if err := r.client.Close(); err != nil {
				t.Error(err)
			}
			waiting.Wait()
		}
	})
}

func TestCloseWhileBusy(t *testing.T) {
	conform(t, func(t *testing.T, tr transport) {
		for range 10 {
			r := newRig(t, tr, Config{}, Config{})
			e := r.endpoint()
			started := make(chan struct{})
			var loop sync.WaitGroup
			loop.Go(func() {
				batch := []Packet{{Data: []byte("x"), Endpoint: e, Peer: r.toServer}}
				for i := 0; ; i++ {
					_, errRead := r.client.ReadBatch(make([]Packet, 4))
					_, errWrite := r.client.WriteBatch(batch)
					errWait := r.client.Wait(10 * time.Microsecond)
					if err := errors.Join(errRead, errWrite, errWait); err != nil {
						if !errors.Is(err, net.ErrClosed) {
							t.Errorf("got %v, want %v", err, net.ErrClosed)
						}
						return
					}
					if i == 10 {
						close(started)
					}
				}
			})
			<-started
			r.client.Wake()
			if err := r.client.Close(); err != nil {
				t.Error(err)
			}
			loop.Wait()
		}
	})
}
