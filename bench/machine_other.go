//go:build !linux

package main

import (
	"errors"
	"time"
)

// errLinux says why nothing can be measured here.
var errLinux = errors.New("the floor and the transports that are compared with it are Linux's: run this on Linux")

func cpuTime() time.Duration                 { return 0 }
func cpuWait() time.Duration                 { return 0 }
func cpus() (generator, peer int, err error) { return 0, 0, errLinux }
func pin(string, string, []string) error     { return errLinux }
func checkDescriptors(int) error             { return nil }
func machine() string                        { return "" }
