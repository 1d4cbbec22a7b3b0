package udp

import (
	"errors"
	"fmt"
)

// New opens a Conn as cfg says. A forced mode that this machine does not have fails with a *ModeError.
func New(cfg Config) (Conn, error) {
	if cfg.MaxDatagram == 0 {
		cfg.MaxDatagram = DefaultMaxDatagram
	}
	if cfg.MaxDatagram < 0 || cfg.RcvBuf < 0 {
		return nil, fmt.Errorf("udp: MaxDatagram %d, RcvBuf %d: want sizes in bytes, or 0", cfg.MaxDatagram, cfg.RcvBuf)
	}
	if cfg.Listen.IsValid() && !cfg.Listen.Addr().Unmap().Is4() {
		return nil, fmt.Errorf("listen on %v: %w", cfg.Listen, errIPv4Only)
	}
	if cfg.Listen.IsValid() && len(cfg.Sources) > 0 {
		return nil, errors.New("udp: Listen and Sources exclude each other: a server has one endpoint")
	}
	switch cfg.Mode {
	case "", ModeAuto:
		return newAuto(cfg)
	case ModeShared:
		return newShared(cfg)
	case ModeEpoll:
		return newEpoll(cfg)
	case ModePortable:
		return newPortable(cfg)
	}
	return nil, fmt.Errorf("transport %q: %w", cfg.Mode, errUnknownMode)
}
