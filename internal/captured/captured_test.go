package captured

import (
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// One of our own captures, whose first packet is the client's.
const visit = "../../testdata/captures/opensim-0.9.2-visit.pcap"

func TestRead(t *testing.T) {
	all := Read(t, visit)
	if len(all) < 100 {
		t.Fatalf("%d datagrams", len(all))
	}
	simulator := netip.AddrPortFrom(all[0].To.Addr(), 9000)
	ways := map[bool]int{}
	for i, d := range all {
		ways[d.To == simulator]++
		if d.To != simulator && d.From != simulator || len(d.Data) < 6 || i > 0 && d.At.Before(all[i-1].At) {
			t.Errorf("datagram %d: from %v to %v at %v, %d bytes", i, d.From, d.To, d.At, len(d.Data))
		}
	}
	if ways[true] < 10 || ways[false] < 10 {
		t.Errorf("%d to the simulator, %d from it", ways[true], ways[false])
	}
}

func TestReadOfWhatIsNoCapture(t *testing.T) {
	whole, err := os.ReadFile(visit)
	if err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		content []byte
		want    string
	}{
		"nothing":         {nil, "EOF"},
		"another format":  {[]byte(strings.Repeat("x", 100)), "Unknown magic"},
		"no datagram":     {whole[:24], "after 0 datagrams"},
		"an unfinished":   {whole[:len(whole)-3], "unexpected EOF"},
		"not UDP on IPv4": {append(whole[:24:24], make([]byte, 16)...), "not UDP over IPv4"},
	} {
		path := filepath.Join(t.TempDir(), "x.pcap")
		if err := os.WriteFile(path, tt.content, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := read(path); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want %s", name, err, tt.want)
		}
	}
	if _, err := read("missing.pcap"); !os.IsNotExist(err) {
		t.Errorf("a missing file: %v", err)
	}
}
