package udp

import "errors"

var errNotYet = errors.New("it is not built yet")

func newAuto(cfg Config) (Conn, error)   { return newPortable(cfg) }
func newShared(cfg Config) (Conn, error) { return nil, &ModeError{Mode: cfg.Mode, Err: errNotYet} }
func newEpoll(cfg Config) (Conn, error)  { return nil, &ModeError{Mode: cfg.Mode, Err: errNotYet} }
