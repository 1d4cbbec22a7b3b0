//go:build !linux

package udp

import (
	"errors"
	"runtime"
)

var errLinuxOnly = errors.New("it needs Linux, this is " + runtime.GOOS)

func newAuto(cfg Config) (Conn, error)   { return newPortable(cfg) }
func newShared(cfg Config) (Conn, error) { return nil, &ModeError{Mode: cfg.Mode, Err: errLinuxOnly} }
func newEpoll(cfg Config) (Conn, error)  { return nil, &ModeError{Mode: cfg.Mode, Err: errLinuxOnly} }
