package udp

import (
	"errors"
	"fmt"
	"time"

	"golang.org/x/sys/unix"
)

// newAuto takes the best transport that works: one shared socket where there are many source addresses (it is the
// cheapest, and saves descriptors) and for a server, a socket for each endpoint where there is one address.
func newAuto(cfg Config) (Conn, error) {
	if cfg.Listen.IsValid() {
		return newShared(cfg)
	}
	list, err := newSources(sharedSources(cfg))
	if err != nil {
		return nil, err
	}
	if list.n > 1 {
		if c, err := newShared(cfg); err == nil || isDescriptorLimit(err) {
			return c, err
		}
	}
	if c, err := newEpoll(cfg); err == nil || isDescriptorLimit(err) {
		return c, err
	}
	return newPortable(cfg)
}

func newShared(cfg Config) (Conn, error) {
	cfg.Sources = sharedSources(cfg)
	c, err := openShared(cfg)
	if err != nil {
		return nil, unavailable(ModeShared, err)
	}
	if c.sources.n > 1 {
		if err := probeShared(cfg); err != nil {
			return nil, errors.Join(err, c.Close())
		}
	}
	return c, nil
}

// unavailable makes a *ModeError of an error that says that the kernel, or the sandbox in its place, lacks something.
func unavailable(mode Mode, err error) error {
	for _, errno := range []unix.Errno{unix.ENOSYS, unix.ENOPROTOOPT, unix.EOPNOTSUPP, unix.EPERM, unix.EINVAL} {
		if errors.Is(err, errno) {
			return &ModeError{Mode: mode, Err: err}
		}
	}
	return err
}

// probeTimeout is how long a datagram may take on its way through this machine.
const probeTimeout = time.Second

// probeShared sends a datagram from one source address to another and looks whether both are told right: a kernel or
// a sandbox can know IP_PKTINFO and still not do it.
func probeShared(cfg Config) error {
	cfg.MaxDatagram, cfg.SourcePorts = 64, [2]uint16{}
	c, err := openShared(cfg)
	if err != nil {
		return err
	}
	defer func() { _ = c.Close() }()
	a, err := c.Open()
	if err != nil {
		return err
	}
	b, err := c.Open()
	if err != nil {
		return err
	}
	if _, err := c.WriteBatch([]Packet{{Data: []byte("probe"), Endpoint: a, Peer: AddrFrom(c.Local(b))}}); err != nil {
		return err
	}
	var p [1]Packet
	for end := time.Now().Add(probeTimeout); time.Now().Before(end); {
		if err := c.Wait(time.Until(end)); err != nil {
			return err
		}
		if n, err := c.ReadBatch(p[:]); err != nil {
			return err
		} else if n == 0 {
			continue
		}
		if p[0].Endpoint != b || p[0].Peer != AddrFrom(c.Local(a)) {
			return &ModeError{Mode: ModeShared, Err: fmt.Errorf("a datagram from %v came as one from %v", c.Local(a), p[0].Peer)}
		}
		return nil
	}
	return &ModeError{Mode: ModeShared, Err: fmt.Errorf("a datagram from %v to %v did not arrive", c.Local(a), c.Local(b))}
}
