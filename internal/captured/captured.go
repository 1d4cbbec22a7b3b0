// Package captured reads recorded traffic for tests: that of a real simulator
// and its own bots, which stands beside the repository on some machines and is
// no part of it, and captures of our own in testdata. It imports nothing of
// ours, and only tests import it.
package captured

import (
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
	"github.com/gopacket/gopacket/pcapgo"
)

// Datagram is one of a capture's UDP datagrams.
type Datagram struct {
	At       time.Time
	From, To netip.AddrPort
	Data     []byte
}

// Bots gives what four bots and their simulators said to each other in 94 s.
// The test is skipped where that capture isn't at hand.
func Bots(t testing.TB) []Datagram {
	t.Helper()
	path, ok := beside("walking-bots.pcap")
	if !ok {
		t.Skip("no captures beside the repository")
	}
	return Read(t, path)
}

// Read gives the datagrams of a capture file.
func Read(t testing.TB, path string) []Datagram {
	t.Helper()
	all, err := read(path)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func read(path string) (all []Datagram, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // it was only read
	r, err := pcapgo.NewReader(f)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	for {
		data, info, err := r.ReadPacketData()
		if errors.Is(err, io.EOF) && len(all) > 0 {
			return all, nil
		}
		if err != nil {
			return nil, fmt.Errorf("read %s after %d datagrams: %w", path, len(all), err)
		}
		d, err := datagram(data, r.LinkType())
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		d.At = info.Timestamp
		all = append(all, d)
	}
}

func datagram(frame []byte, link layers.LinkType) (d Datagram, err error) {
	first := gopacket.Decoder(link)
	if link == layers.LinkTypeRaw {
		first = layers.LayerTypeIPv4
	}
	p := gopacket.NewPacket(frame, first, gopacket.NoCopy)
	ip, _ := p.Layer(layers.LayerTypeIPv4).(*layers.IPv4)
	udp, _ := p.Layer(layers.LayerTypeUDP).(*layers.UDP)
	if ip == nil || udp == nil {
		return d, fmt.Errorf("a packet is not UDP over IPv4: %v", p)
	}
	from, _ := netip.AddrFromSlice(ip.SrcIP)
	to, _ := netip.AddrFromSlice(ip.DstIP)
	d.From = netip.AddrPortFrom(from, uint16(udp.SrcPort))
	d.To = netip.AddrPortFrom(to, uint16(udp.DstPort))
	d.Data = udp.Payload
	return d, nil
}

// HTTP gives the files of recorded HTTP whose names match the pattern, by name.
// The test is skipped where there is none.
func HTTP(t testing.TB, pattern string) map[string][]byte {
	t.Helper()
	files := http(t, pattern)
	if len(files) == 0 {
		t.Skip("no captures beside the repository")
	}
	return files
}

func http(t testing.TB, pattern string) map[string][]byte {
	t.Helper()
	root, ok := beside("http")
	if !ok {
		return nil
	}
	names, err := filepath.Glob(filepath.Join(root, pattern))
	if err != nil || len(names) == 0 {
		t.Fatalf("no file %s in %s: %v", pattern, root, err)
	}
	files := map[string][]byte{}
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		files[filepath.Base(name)] = data
	}
	return files
}

// mostSeeds bounds what a fuzz target begins with: each test run tries all.
const mostSeeds = 200

// SeedDatagrams gives add a choice of what bots and simulators said, for a fuzz
// target to begin with; nothing where there is no capture.
func SeedDatagrams(f *testing.F, add func(data []byte)) {
	f.Helper()
	path, ok := beside("walking-bots.pcap")
	if !ok {
		return
	}
	all := Read(f, path)
	for i := 0; i < len(all); i += max(1, len(all)/mostSeeds) {
		add(all[i].Data)
	}
}

// SeedHTTP gives add the files of recorded HTTP that match the pattern, as
// SeedDatagrams does.
func SeedHTTP(f *testing.F, pattern string, add func(data []byte)) {
	f.Helper()
	for _, data := range http(f, pattern) {
		add(data)
	}
}

// beside finds a file of the captures in the folder shared that stands next to
// the repository, from the directory of any of its packages.
func beside(name string) (path string, ok bool) {
	dir, err := os.Getwd()
	if err != nil {
		return "", false
	}
	for range 6 {
		path = filepath.Join(dir, "shared", "captures", name)
		if _, err := os.Stat(path); err == nil {
			return path, true
		}
		dir = filepath.Dir(dir)
	}
	return "", false
}
