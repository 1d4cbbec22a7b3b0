package udp

import (
	"net/netip"
	"testing"
	"testing/synctest"
	"time"
)

func TestMemoryUnderSynctest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := NewMemory()
		server := m.Conn(Config{Listen: netip.MustParseAddrPort("127.0.0.1:9000")})
		client := m.Conn(Config{})
		e, err := client.Open()
		if err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		if err := server.Wait(time.Minute); err != nil || time.Since(start) != time.Minute {
			t.Fatal(err, time.Since(start))
		}
		go client.WriteBatch([]Packet{{Data: []byte("hi"), Endpoint: e, Peer: AddrFrom(server.Local(0))}})
		if err := server.Wait(time.Minute); err != nil || time.Since(start) != time.Minute {
			t.Fatal(err, time.Since(start))
		}
		var p [4]Packet
		n, err := server.ReadBatch(p[:])
		if n != 1 || err != nil || string(p[0].Data) != "hi" || p[0].Peer.AddrPort() != client.Local(e) {
			t.Fatal(n, err, p[0])
		}
	})
}

func TestPortableEcho(t *testing.T) {
	server, err := New(Config{Listen: netip.MustParseAddrPort("127.0.0.1:0")})
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	client, err := New(Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	e, err := client.Open()
	if err != nil {
		t.Fatal(err)
	}
	client.WriteBatch([]Packet{{Data: []byte("hi"), Endpoint: e, Peer: AddrFrom(server.Local(0))}})
	if err := server.Wait(10 * time.Second); err != nil {
		t.Fatal(err)
	}
	var p [4]Packet
	if n, err := server.ReadBatch(p[:]); n != 1 || err != nil || string(p[0].Data) != "hi" {
		t.Fatal(n, err, p[0])
	}
}
