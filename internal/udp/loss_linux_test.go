package udp

import (
	"testing"

	"golang.org/x/sys/unix"
)

func TestFullSendBufferStopsWriteBatch(t *testing.T) {
	// On loopback a send buffer is never full: the receiver takes the datagram's memory over at once. A pair of local
	// datagram sockets in the socket's place has a queue that nobody reads.
	r := newRig(t, transport{open: openMode(ModeShared)}, Config{}, Config{})
	e := r.endpoint()
	c := r.client.(*shared)
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_DGRAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(pair[1])
	if err := unix.Close(c.list[0].fd); err != nil {
		t.Fatal(err)
	}
	c.list[0].fd = pair[0]
	for i := range c.sender.headers {
		c.sender.headers[i].Namelen = 0
		c.sender.headers[i].SetControllen(0)
	}
	batch := make([]Packet, 5000)
	for i := range batch {
		batch[i] = Packet{Data: []byte{byte(i)}, Endpoint: e, Peer: r.toServer}
	}
	n, err := c.WriteBatch(batch)
	if n == 0 || n == len(batch) || err != nil {
		t.Fatalf("WriteBatch took %d of %d: %v", n, len(batch), err)
	}
	if again, err := c.WriteBatch(batch[n:]); again != 0 || err != nil {
		t.Errorf("WriteBatch took %d more: %v", again, err)
	}
	var one [1]byte
	for i := range n {
		if _, err := unix.Read(pair[1], one[:]); err != nil || one[0] != byte(i) {
			t.Fatalf("datagram %d is number %d: %v", i, one[0], err)
		}
	}
	if again, err := c.WriteBatch(batch[n:]); again != n || err != nil {
		t.Errorf("WriteBatch took %d after the buffer was emptied, want %d: %v", again, n, err)
	}
	if counters := c.Counters(); counters.Sent != uint64(2*n) || counters.SendErrors != 0 {
		t.Errorf("counters %+v, want %d sent and no errors", counters, 2*n)
	}
}
