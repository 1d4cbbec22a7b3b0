package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"

	"github.com/slload/slload/profiles"
	"github.com/slload/slload/swarm"
)

// equip gives the run what it stands on: a grid (nil: somebody else's),
// accounts, the capture file. end closes them.
func (f *runFlags) equip(cfg *swarm.Config, logs *logging, view io.Writer) (grid *childGrid, end func() error, err error) {
	end = func() error { return nil }
	getenv := os.Getenv
	if cfg.LoginURI == "" {
		password, err := f.gridPassword(cfg.Profile)
		if err != nil {
			return nil, nil, err
		}
		getenv = func(string) string { return password }
		settings := f.grid
		settings.faults, settings.seed = cfg.Profile.Faults, cfg.Seed
		if grid, err = startChild(settings, password, logs, view); err != nil {
			return nil, nil, err
		}
		cfg.LoginURI, cfg.GridCPUSeconds, end = grid.loginURI, grid.cpuSeconds, grid.stop
	}
	if f.player != nil {
		return grid, end, nil // who makes the run has accounts and captures
	}
	if cfg.Accounts, err = cfg.Profile.Accounts.Open(getenv); err != nil {
		return nil, nil, errors.Join(&usageError{err}, end())
	}
	if f.pcap == "" {
		return grid, end, nil
	}
	capture, err := newCapture(f.pcap, f.resume != nil)
	if err != nil {
		return nil, nil, errors.Join(&usageError{fmt.Errorf("--pcap: %w", err)}, end())
	}
	cfg.PCAP = capture
	stop := end
	return grid, func() error { return errors.Join(stop(), capture.close(view)) }, nil
}

// gridPassword is that of all accounts on the embedded grid: drawn, unless other
// processes must know it.
func (f *runFlags) gridPassword(p *profiles.Profile) (string, error) {
	if f.player == nil {
		return fmt.Sprintf("%016x", rand.Uint64()), nil
	}
	env := cmp.Or(p.Accounts.PasswordEnv, profiles.DefaultPasswordEnv)
	if password := os.Getenv(env); password != "" {
		return password, nil
	}
	return "", &usageError{fmt.Errorf("no password: set the environment variable %s to one for all accounts of the embedded grid, here and for the workers", env)}
}
