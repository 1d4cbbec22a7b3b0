package cluster

import (
	"bytes"
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/slload/slload/swarm"
)

// testStream is a stream on an embedded server of the test.
func testStream(t *testing.T) (*embedded, jetstream.JetStream, subjects) {
	t.Helper()
	e, nc := startNATS(t)
	if err := e.store(t.TempDir()); err != nil {
		t.Fatal(err)
	}
	js, err := jetstream.New(nc, jetstream.WithPublishAsyncTimeout(publishTime))
	if err != nil {
		t.Fatal(err)
	}
	s := subjects{DefaultName, "run-1"}
	if _, err := openStream(t.Context(), js, s); err != nil {
		t.Fatal(err)
	}
	return e, js, s
}

// What a courier is given gets into the stream once and in order, sent twice or
// not; what was purged doesn't come again, and a stream that is gone is made anew.
func TestCourierAndConsumer(t *testing.T) {
	t.Parallel()
	_, js, s := testStream(t)
	acked := make(chan uint64, 100)
	c := deliver(t.Context(), js, func(seq uint64, full bool) { acked <- seq })
	for range 2 {
		for seq := range uint64(5) {
			c.in <- message{s.frames(0), fmt.Sprint("0.1.", seq+1), seq + 1, []byte{byte(seq + 1)}}
		}
	}
	close(c.in)
	<-c.ended
	if len(acked) != 10 || len(c.left) != 0 {
		t.Errorf("%d of 10 are acked, %d left", len(acked), len(c.left))
	}
	read := func(from uint64, n int) (got []string) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		list := make(chan received)
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			reader := &consumer{js: js, names: s, next: from, warn: func(error) {}}
			reader.hand = func(r received) {
				select {
				case list <- r:
				case <-ctx.Done():
				}
			}
			reader.run(ctx)
		}()
		for range n {
			r := <-list
			got = append(got, fmt.Sprintf("%d%v", r.place, r.data))
		}
		cancel()
		<-ended
		return got
	}
	if diff := cmp.Diff([]string{"1[1]", "2[2]", "3[3]", "4[4]", "5[5]"}, read(1, 5)); diff != "" {
		t.Error(diff)
	}
	if err := purgeStream(t.Context(), js, s, 4); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"4[4]", "5[5]"}, read(1, 2)); diff != "" {
		t.Error(diff)
	}
	if err := js.DeleteStream(t.Context(), s.stream()); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"0[]"}, read(6, 1)); diff != "" {
		t.Error(diff)
	}
	if _, err := js.Stream(t.Context(), s.stream()); err != nil {
		t.Errorf("the stream isn't there again: %v", err)
	}
}

// NATS comes back without what it had, and has given the places to others before
// anybody looks.
func TestPlacesThatAreGivenOutAgain(t *testing.T) {
	t.Parallel()
	_, js, s := testStream(t)
	list := make(chan string, 100)
	reader := &consumer{
		js: js, names: s, next: 1, again: make(chan struct{}, 1), warn: func(error) {},
		hand: func(r received) { list <- fmt.Sprintf("%d%v", r.place, r.data) },
	}
	// read gives what comes from the first of want on.
	read := func(want ...string) (got []string) {
		ctx, cancel := context.WithTimeout(t.Context(), testLimit)
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			reader.run(ctx)
		}()
		defer func() { cancel(); <-ended }()
		for len(got) < len(want) {
			select {
			case line := <-list:
				if len(got) > 0 || line == want[0] {
					got = append(got, line)
				}
			case <-ctx.Done():
				return got
			}
		}
		return got
	}
	publish := func(first byte, n int) {
		for i := range n {
			if _, err := js.Publish(t.Context(), s.frames(0), []byte{first + byte(i)}); err != nil {
				t.Fatal(err)
			}
		}
	}
	check := func(want ...string) {
		t.Helper()
		if diff := cmp.Diff(want, read(want...)); diff != "" {
			t.Error(diff)
		}
	}
	publish(1, 3)
	check("1[1]", "2[2]", "3[3]")
	err := js.DeleteStream(t.Context(), s.stream())
	if err == nil {
		_, err = openStream(t.Context(), js, s)
	}
	if err != nil {
		t.Fatal(err)
	}
	publish(11, 5)
	reader.again <- struct{}{}
	check("0[]", "1[11]", "2[12]", "3[13]", "4[14]", "5[15]")
}

// A courier that is given up leaves what wasn't acked, in order.
func TestCourierLeavesTheRest(t *testing.T) {
	t.Parallel()
	_, js, s := testStream(t)
	if err := js.DeleteStream(t.Context(), s.stream()); err != nil {
		t.Fatal(err)
	}
	ctx, giveUp := context.WithCancel(t.Context())
	c := deliver(ctx, js, func(uint64, bool) { t.Error("something was acked, or there is too much of it") })
	for seq := range uint64(5) {
		c.in <- message{s.frames(0), fmt.Sprint("0.1.", seq+1), seq + 1, []byte{byte(seq)}}
	}
	giveUp()
	<-c.ended
	for i, m := range c.left {
		if m.seq != uint64(i)+1 {
			t.Errorf("message %d is %d", i, m.seq)
		}
	}
	if len(c.left) != 5 {
		t.Errorf("%d are left of 5", len(c.left))
	}
}

// A courier keeps what is acked until it is safe, and sends it again when NATS has
// come back; what comes after it keeps its place.
func TestCourierSendsAgainWhatIsNotSafe(t *testing.T) {
	t.Parallel()
	_, js, s := testStream(t)
	ctx, giveUp := context.WithCancel(t.Context())
	acked := make(chan uint64, 100)
	c := deliver(ctx, js, func(seq uint64, full bool) { acked <- seq })
	send := func(seq uint64) {
		c.in <- message{s.frames(0), fmt.Sprint("0.1.", seq), seq, []byte{byte(seq)}}
	}
	for seq := range uint64(5) {
		send(seq + 1)
		<-acked
	}
	if err := js.DeleteStream(t.Context(), s.stream()); err != nil {
		t.Fatal(err)
	}
	c.isSafe(2)
	c.isSafe(3) // places 1 and 2
	send(6)     // nobody takes it
	if _, err := openStream(t.Context(), js, s); err != nil {
		t.Fatal(err)
	}
	c.sendAgain()
	for seq := range acked {
		if seq == 6 {
			break
		}
	}
	stream, err := js.Stream(t.Context(), s.stream())
	if err != nil {
		t.Fatal(err)
	}
	var got []byte
	state := stream.CachedInfo().State
	for place := state.FirstSeq; place <= state.LastSeq; place++ {
		m, err := stream.GetMsg(t.Context(), place)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, m.Data...)
	}
	if i := bytes.Index(got, []byte{3, 4, 5, 6}); i < 0 || bytes.ContainsAny(got, "\x01\x02") {
		t.Errorf("the stream has %v, want 3 to 6 in order, and none that is safe", got)
	}
	giveUp()
	<-c.ended
	for i, m := range c.left {
		if m.seq != uint64(i)+3 {
			t.Errorf("message %d of those that are left is %d", i, m.seq)
		}
	}
	if len(c.left) != 4 {
		t.Errorf("%d are left, want 3 to 6, which nothing has that is safe", len(c.left))
	}
}

// What is never safe, as with a disk that refuses the run's files, takes no end of
// memory: the oldest goes.
func TestCourierKeepsSoMuch(t *testing.T) {
	c := &courier{safe: make(chan uint64, 1), report: func(uint64, bool) {}}
	const size, n = 1 << 20, maxStored>>20 + 3
	for seq := range uint64(n) {
		c.take(message{seq: seq + 1, data: make([]byte, size)})
		c.store(seq + 1)
	}
	if first := c.stored[0].seq; c.spare != maxStored || c.size != 0 || first != 4 {
		t.Errorf("%d bytes are kept from message %d on, and %d wait", c.spare, first, c.size)
	}
	c.forget(6)
	c.takeBack()
	if first := c.waiting[0].seq; first != 6 || len(c.stored) != 0 || c.spare != 0 || c.size != maxStored-2*size {
		t.Errorf("%d bytes wait from message %d on, %d are kept", c.size, first, c.spare)
	}
}

// NATS loses its store while the run goes on: workers have what isn't safe, and
// nothing is lost.
func TestNATSLosesItsStore(t *testing.T) {
	inBubble(t, func(t *testing.T, th *theater) {
		e := th.lan.start(t, t.TempDir())
		l := startLead(t, th, func(c *ControllerConfig) {
			longer(t, "140s")(c)
			c.URL = here
		})
		for range 3 {
			startWorker(t, th, here, nil)
		}
		l.untilT(25 * time.Second)
		e.close()
		e = th.lan.start(t, t.TempDir())
		defer func() { e.close() }()
		l.until("it goes on", func(p swarm.Progress) bool { return p.T > 40*time.Second })
		s := l.wait()
		n := exact(t, s)
		if n != th.total() || len(s.Run.LostLoad) > 0 {
			t.Errorf("%d ticks of %d are in, and lost are %+v", n, th.total(), s.Run.LostLoad)
		}
	})
}
