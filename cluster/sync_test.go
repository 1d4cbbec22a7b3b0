package cluster

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// BenchmarkSync is what the embedded server's store takes for a second of 1,000
// segments, a frame each, all sent at once, by how it brings them to the disk: an
// operation must take less than a second. worst-ack is how long the last of them
// waits for its ack, and median-ack the one in the middle.
func BenchmarkSync(b *testing.B) {
	for _, size := range []int{2 << 10, 6 << 10} {
		for _, every := range []time.Duration{2 * time.Minute, 10 * time.Second, time.Second, 0} {
			name := fmt.Sprintf("%dKB/every-%v", size>>10, every)
			if every == 0 {
				name = fmt.Sprintf("%dKB/always", size>>10)
			}
			b.Run(name, func(b *testing.B) {
				benchSync(b, size, func(o *server.Options) { o.SyncInterval, o.SyncAlways = every, every == 0 })
			})
		}
	}
}

func benchSync(b *testing.B, size int, set func(*server.Options)) {
	opts, err := listenOptions("127.0.0.1:0", TLS{})
	if err != nil {
		b.Fatal(err)
	}
	bound(opts)
	set(opts)
	opts.CustomClientAuthentication = openDoor
	s, err := server.NewServer(opts)
	if err != nil {
		b.Fatal(err)
	}
	s.Start()
	e := &embedded{server: s}
	defer e.close()
	if !s.ReadyForConnections(testLimit) {
		b.Fatal("the server doesn't come up")
	}
	if err := e.store(b.TempDir()); err != nil {
		b.Fatal(err)
	}
	nc, err := nats.Connect("nats://"+e.addr(), nats.Token(testToken))
	if err != nil {
		b.Fatal(err)
	}
	defer nc.Close()
	js, err := jetstream.New(nc, jetstream.WithPublishAsyncMaxPending(2000))
	if err != nil {
		b.Fatal(err)
	}
	names := subjects{DefaultName, "bench"}
	if _, err := openStream(b.Context(), js, names); err != nil {
		b.Fatal(err)
	}
	data := make([]byte, size)
	var waited []time.Duration
	second := 0
	for b.Loop() {
		second++
		began := time.Now()
		acks := make([]jetstream.PubAckFuture, 1000)
		for i := range acks {
			m := message{names.frames(i), fmt.Sprint(i, ".1.", second), uint64(second), data}
			if acks[i], err = js.PublishMsgAsync(m.nats()); err != nil {
				b.Fatal(err)
			}
		}
		for _, ack := range acks {
			select {
			case <-ack.Ok():
				waited = append(waited, time.Since(began))
			case err := <-ack.Err():
				b.Fatal(err)
			}
		}
	}
	slices.Sort(waited)
	b.ReportMetric(float64(waited[len(waited)/2].Microseconds())/1e3, "median-ack-ms")
	b.ReportMetric(float64(waited[len(waited)-1].Microseconds())/1e3, "worst-ack-ms")
}
