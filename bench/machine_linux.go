package main

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// cpuTime is the CPU time of this process so far, user and system, as the
// floor takes it.
func cpuTime() time.Duration {
	var use unix.Rusage
	_ = unix.Getrusage(unix.RUSAGE_SELF, &use) // fails only on a bad pointer
	return time.Duration(use.Utime.Nano() + use.Stime.Nano())
}

// cpuWait is for how long threads of this process have waited for a CPU that
// they were ready to use: the second figure of each thread's schedstat. 0
// where the kernel doesn't tell.
func cpuWait() time.Duration {
	files, _ := filepath.Glob("/proc/self/task/*/schedstat") // fails only on a bad pattern
	var sum time.Duration
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			continue // the thread has ended
		}
		if fields := strings.Fields(string(text)); len(fields) > 1 {
			ns, _ := strconv.ParseInt(fields[1], 10, 64) // the kernel writes numbers
			sum += time.Duration(ns)
		}
	}
	return sum
}

// cpus gives the CPUs of the generator and of its peer: the first two that
// this process may use, or one and the same where there are no two.
func cpus() (generator, peer int, err error) {
	var set unix.CPUSet
	if err := unix.SchedGetaffinity(0, &set); err != nil {
		return 0, 0, fmt.Errorf("ask which CPUs there are: %w", err)
	}
	var usable []int
	for cpu := 0; len(usable) < min(2, set.Count()); cpu++ {
		if set.IsSet(cpu) {
			usable = append(usable, cpu)
		}
	}
	if len(usable) == 0 {
		return 0, 0, errors.New("ask which CPUs there are: none")
	}
	return usable[0], usable[len(usable)-1], nil
}

// pin becomes a program on one CPU. Affinity is a thread's and is kept by the
// one that execs; all threads of the program to come inherit it.
func pin(cpu, path string, argv []string) error {
	n, err := strconv.Atoi(cpu)
	if err != nil {
		return fmt.Errorf("pin to CPU %q: %w", cpu, err)
	}
	runtime.LockOSThread()
	var set unix.CPUSet
	set.Set(n)
	if err := unix.SchedSetaffinity(0, &set); err != nil {
		return fmt.Errorf("pin to CPU %d: %w", n, err)
	}
	if err := raiseDescriptors(); err != nil {
		return err
	}
	return fmt.Errorf("start %s: %w", path, unix.Exec(path, argv, os.Environ()))
}

// raiseDescriptors raises the soft limit of descriptors to the hard one for
// the program to come, too: Go does it for itself and takes it back at exec,
// unless it was done on purpose.
func raiseDescriptors() error {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return fmt.Errorf("ask for the limit of descriptors: %w", err)
	}
	limit.Cur = limit.Max
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return fmt.Errorf("raise the limit of descriptors: %w", err)
	}
	return nil
}

// spareDescriptors are what a process has open beside its endpoints.
const spareDescriptors = 64

// checkDescriptors tells when a socket for each endpoint can't be had.
func checkDescriptors(endpoints int) error {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return fmt.Errorf("ask for the limit of descriptors: %w", err)
	}
	if need := uint64(endpoints + spareDescriptors); limit.Max < need {
		return fmt.Errorf("epoll needs %d descriptors and the hard limit is %d: raise it (ulimit -Hn), or give --only shared,agent", need, limit.Max)
	}
	return nil
}

// machine tells what the figures were got on.
func machine() string {
	var u unix.Utsname
	_ = unix.Uname(&u) // fails only on a bad pointer
	return fmt.Sprintf("%s, %d cores, %s %s, %s", cpuModel(), runtime.NumCPU(),
		unix.ByteSliceToString(u.Sysname[:]), unix.ByteSliceToString(u.Release[:]), runtime.Version())
}

// cpuModel is the model's name as the kernel tells it, where it does.
func cpuModel() string {
	f, err := os.Open("/proc/cpuinfo")
	if err != nil {
		return runtime.GOARCH
	}
	defer func() { _ = f.Close() }()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if name, value, ok := strings.Cut(lines.Text(), ":"); ok && strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return runtime.GOARCH
}
