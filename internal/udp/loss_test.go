package udp

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
)

func TestDropsAreCounted(t *testing.T) {
	// More than a tiny receive buffer holds: what did not come must have been counted, to the datagram.
	conform(t, func(t *testing.T, tr transport) {
		if tr.mode == ModePortable {
			t.Skip("the standard library does not tell what the kernel dropped; see TestPortableQueueIsBounded")
		}
		r := newRig(t, tr, Config{RcvBuf: 4096}, Config{})
		e := r.endpoint()
		const sent = 300
		for i := range sent {
			r.say(e, fmt.Sprint(i, strings.Repeat(".", 500)))
		}
		r.checkDrops(r.server, sent)
	})
}

func TestDropsOfManySockets(t *testing.T) {
	conform(t, func(t *testing.T, tr transport) {
		if tr.mode == ModePortable {
			t.Skip("the standard library does not tell what the kernel dropped")
		}
		r := newRig(t, tr, Config{}, Config{RcvBuf: 4096})
		list := r.endpoints(3)
		const each = 100
		for _, e := range list {
			r.say(e, "here I am")
			peer := r.hear(r.server, "here I am")[0].Peer
			for range each {
				r.write(r.server, 0, peer, strings.Repeat(".", 500))
			}
		}
		r.checkDrops(r.client, each*len(list))
	})
}

// checkDrops reads all that is left and compares with the counters.
func (r *rig) checkDrops(c Conn, sent int) {
	r.Helper()
	got, foreign, batch := 0, 0, make([]Packet, 64)
	for n := 1; n > 0; {
		var err error
		if n, err = c.ReadBatch(batch); err != nil {
			r.Fatal(err)
		}
		for i := range batch[:n] {
			if r.mine(&batch[i]) {
				got++
			} else {
				foreign++
			}
		}
	}
	counters := c.Counters()
	drops := int(counters.KernelDrops + counters.QueueDrops)
	if got == 0 || drops == 0 || got+drops != sent || counters.Received != uint64(got+foreign) {
		r.Errorf("sent %d: got %d, counted %d drops and %d received", sent, got, drops, counters.Received)
	}
}

func TestPortableQueueIsBounded(t *testing.T) {
	r := newRig(t, transports()[1], Config{}, Config{})
	c := r.client.(*portable)
	e := r.endpoint()
	const more = 10
	for range portableQueue + more {
		c.enqueue(c.endpoints[e], r.toServer, []byte("x"))
	}
	if drops := c.Counters().QueueDrops; drops != more {
		t.Errorf("%d drops counted, want %d", drops, more)
	}
}

func TestRefusedDatagramsDoNotStopABatch(t *testing.T) {
	conform(t, func(t *testing.T, tr transport) {
		if !tr.system {
			t.Skip("it has no errors")
		}
		r := newRig(t, tr, Config{}, Config{Sources: []netip.Prefix{netip.MustParsePrefix("127.0.2.0/24")}})
		e := r.endpoint()
		tooLong := Packet{Data: make([]byte, 65508), Endpoint: e, Peer: r.toServer}
		nowhere := Packet{Data: []byte("x"), Endpoint: e, Peer: Addr{IP: [4]byte{198, 51, 100, 1}, Port: 9}} // not from a loopback source
		good := Packet{Data: []byte("good"), Endpoint: e, Peer: r.toServer}
		n, err := r.client.WriteBatch([]Packet{tooLong, good, tooLong, good, nowhere, nowhere, good})
		if n != 7 || err != nil {
			t.Fatalf("WriteBatch took %d of 7: %v", n, err)
		}
		r.hear(r.server, "good", "good", "good")
		if c := r.client.Counters(); c.Sent != 3 || c.SendErrors != 4 {
			t.Errorf("counters %+v, want 3 sent, 4 errors", c)
		}
	})
}

func TestStraysAreCounted(t *testing.T) {
	conform(t, func(t *testing.T, tr transport) {
		if tr.mode != ModeShared {
			t.Skip("only a wildcard socket hears what is for no endpoint")
		}
		r := newRig(t, tr, Config{}, Config{})
		port := r.client.Local(r.endpoint()).Port()
		r.write(r.server, 0, Addr{IP: [4]byte{127, 9, 9, 9}, Port: port}, "outside of the sources")
		r.write(r.server, 0, Addr{IP: [4]byte{127, 1, 200, 1}, Port: port}, "not open")
		r.silent(r.client)
		if n := r.client.Counters().Strays; n != 2 {
			t.Errorf("%d strays counted, want 2", n)
		}
	})
}
