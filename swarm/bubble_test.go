package swarm

import (
	"context"
	"net"
	"net/netip"
	"os"
	"testing"
	"testing/synctest"
	"time"

	"github.com/slload/slload/circuit"
	"github.com/slload/slload/internal/pipes"
	"github.com/slload/slload/internal/udp"
	"github.com/slload/slload/profiles"
	"github.com/slload/slload/testgrid"
)

// bubble is a grid on a network without sockets, in a world with a clock of its
// own: days pass in minutes, and nothing but time is pretended.
type bubble struct {
	*testing.T
	udp  *udp.Memory
	http *pipes.Pipes
	grid *testgrid.Grid
	out  string // where runs go
	runs int    // how many shares were made
}

// inBubble runs f in a bubble with a grid.
func inBubble(t *testing.T, cfg testgrid.Config, f func(b *bubble)) {
	t.Helper()
	out := memoryDir(t)
	defer func(epoch time.Time) { circuit.Epoch = epoch }(circuit.Epoch)
	synctest.Test(t, func(t *testing.T) {
		circuit.Epoch = time.Now().Add(-time.Hour) // or instants would be those of another clock
		b := &bubble{T: t, udp: udp.NewMemory(), out: out + "/run"}
		b.http = pipes.New(netip.MustParseAddrPort("127.0.0.1:9000"))
		cfg.Password = password
		cfg = cfg.OnNetwork(
			func(c udp.Config) (udp.Conn, error) { return b.udp.Conn(c), nil },
			func(netip.AddrPort) (net.Listener, error) { return b.http, nil },
		)
		var err error
		if b.grid, err = testgrid.New(cfg); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(context.Background())
		ended := make(chan error, 1)
		go func() { ended <- b.grid.Run(ctx) }()
		defer func() {
			cancel()
			if err := <-ended; err != nil {
				t.Errorf("grid: %v", err)
			}
			time.Sleep(time.Minute) // for what has a timeout of its own
		}()
		f(b)
	})
}

// memoryDir is a directory that costs nothing to sync where there is one.
func memoryDir(t *testing.T) string {
	dir, err := os.MkdirTemp("/dev/shm", "slload-soak-")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

// config is a run of a profile on the bubble's grid.
func (b *bubble) config(yaml string) Config {
	b.Helper()
	return b.configOf(profile(b.T, yaml))
}

func (b *bubble) configOf(p *profiles.Profile) Config {
	b.Helper()
	cfg := configOf(b.T, p, b.grid.LoginURI(), password)
	cfg.Out, cfg.dial = b.out, b.http.Dial
	cfg.openUDP = func(c circuit.TransportConfig) (circuit.Transport, error) {
		return b.udp.Conn(udp.Config{Sources: c.Sources}), nil
	}
	return cfg
}
