package main

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
	"github.com/gopacket/gopacket/pcapgo"
)

// packetsIn are the first bytes of the packets in a capture, which must be one.
func packetsIn(t *testing.T, path string) (firsts []byte) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r, err := pcapgo.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	for {
		data, _, err := r.ReadPacketData()
		if errors.Is(err, io.EOF) {
			return firsts
		}
		if err != nil {
			t.Fatal(err)
		}
		firsts = append(firsts, data[0])
	}
}

func TestACaptureKeepsTheNewestPackets(t *testing.T) {
	path := filepath.Join(t.TempDir(), "one.pcap")
	c, err := newCapture(path, false)
	if err != nil {
		t.Fatal(err)
	}
	c.most = 24 + 3*(16+10) // the header and three packets
	var record bytes.Buffer
	w := pcapgo.NewWriter(&record)
	put := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.Write(record.Bytes()); err != nil {
			t.Fatal(err)
		}
		record.Reset()
	}
	put(w.WriteFileHeader(100, layers.LinkTypeRaw))
	for i := range byte(11) {
		put(w.WritePacket(gopacket.CaptureInfo{CaptureLength: 10, Length: 10}, bytes.Repeat([]byte{i}, 10)))
	}
	var said strings.Builder
	if err := c.close(&said); err != nil {
		t.Fatal(err)
	}
	if got := packetsIn(t, path); !bytes.Equal(got, []byte{9, 10}) {
		t.Errorf("the newer file has packets %v", got)
	}
	if got := packetsIn(t, olderCapture(path)); !bytes.Equal(got, []byte{6, 7, 8}) {
		t.Errorf("the older file has packets %v", got)
	}
	if !strings.Contains(said.String(), "the oldest 6 packets") {
		t.Errorf("it says %q", said.String())
	}
}

func TestACaptureOnAFullDiskSaysSo(t *testing.T) {
	c, err := newCapture("/dev/full", false)
	if err != nil {
		t.Skip("no /dev/full here:", err)
	}
	for range 3 {
		_, _ = c.Write(make([]byte, 4000)) // a tap that fails writes no more
	}
	if err := c.close(io.Discard); err == nil || !strings.Contains(err.Error(), "write the capture: ") {
		t.Errorf("error %v", err)
	}
}
