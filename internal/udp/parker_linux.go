package udp

import (
	"fmt"
	"math"
	"os"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// parker puts the loop's goroutine to sleep in Go's own network poller, so no thread is held, until something
// happens in a small epoll set: the eventfd of Wake, a timerfd (Go's timers are a millisecond coarse when the process
// is otherwise asleep), and the set of sockets.
//
// The sockets are in a set of their own, which the small one watches only while it is asked to (EPOLLONESHOT): under
// load the loop sleeps to its deadline without being woken, and without the poller's thread being woken, for each
// datagram.
type parker struct {
	gate    int // the small epoll set
	file    *os.File
	raw     syscall.RawConn
	check   func(uintptr) bool // poll, as a value made once: a closure for each Wait would be an allocation
	wakefd  int
	timerfd int
	sockets int  // the epoll set of the sockets
	armed   bool // the small set watches them
	events  [4]unix.EpollEvent

	start    time.Time
	returned time.Duration // when the last wait ended, since start
	heard    time.Duration // when the last one ended after which there was something to read; long ago at first

	pending atomic.Bool // a wake-up that no wait has seen yet
	asleep  atomic.Bool // or about to be: only then a wake-up costs a system call
	mu      sync.Mutex  // keeps Wake's write and close apart
	closed  bool
}

func newParker() (*parker, error) {
	p := &parker{gate: -1, wakefd: -1, timerfd: -1, sockets: -1, start: time.Now(), heard: math.MinInt64 / 2}
	if err := p.open(); err != nil {
		_ = p.close() // the first failure is the one to tell
		return nil, err
	}
	p.check = p.poll
	return p, nil
}

func (p *parker) open() (err error) {
	if p.gate, err = unix.EpollCreate1(unix.EPOLL_CLOEXEC); err != nil {
		return limitError("create an epoll set", err)
	}
	if p.sockets, err = unix.EpollCreate1(unix.EPOLL_CLOEXEC); err != nil {
		return limitError("create an epoll set", err)
	}
	if p.wakefd, err = unix.Eventfd(0, unix.EFD_CLOEXEC|unix.EFD_NONBLOCK); err != nil {
		return limitError("create an eventfd", err)
	}
	if p.timerfd, err = unix.TimerfdCreate(unix.CLOCK_MONOTONIC, unix.TFD_CLOEXEC|unix.TFD_NONBLOCK); err != nil {
		return limitError("create a timerfd", err)
	}
	for fd, events := range map[int]uint32{p.wakefd: unix.EPOLLIN, p.timerfd: unix.EPOLLIN, p.sockets: unix.EPOLLONESHOT} {
		event := unix.EpollEvent{Events: events, Fd: int32(fd)}
		if err := unix.EpollCtl(p.gate, unix.EPOLL_CTL_ADD, fd, &event); err != nil {
			return fmt.Errorf("add to an epoll set: %w", err)
		}
	}
	return p.register()
}

// register makes the small set known to Go's poller, which takes a file that does not block.
func (p *parker) register() (err error) {
	if err := unix.SetNonblock(p.gate, true); err != nil {
		return fmt.Errorf("make an epoll set non-blocking: %w", err)
	}
	p.file = os.NewFile(uintptr(p.gate), "udp epoll set")
	if err := p.file.SetReadDeadline(time.Time{}); err != nil {
		return fmt.Errorf("register an epoll set with the runtime's poller: %w", err)
	}
	p.raw, err = p.file.SyscallConn()
	return err
}

// wait sleeps until a socket is readable, wake was called or d has passed. Gave tells that something was read since
// the last wait; from that one's end on it lets a window pass before it looks at the sockets, over as many waits as that
// takes. Where a long window ends it doesn't look either: there will be something to read.
func (p *parker) wait(d time.Duration, gave bool, window time.Duration) error {
	if gave {
		p.heard = p.returned
	}
	if d > 0 {
		now := time.Since(p.start)
		deadline, quiet := now+d, p.heard+window
		var err error
		if now < quiet {
			err = p.sleep(min(deadline, quiet)-now, false)
			now = time.Since(p.start)
			if window > CoalesceWindow {
				now = deadline
			}
		}
		if err == nil && !p.pending.Load() && now < deadline {
			err = p.sleep(deadline-now, true)
		}
		if err != nil {
			return fmt.Errorf("wait for datagrams: %w", err)
		}
	}
	p.pending.Swap(false) // taken, also when something else ended the wait: what it announces was there before it
	p.returned = time.Since(p.start)
	return nil
}

// sleep parks the goroutine for d at most.
func (p *parker) sleep(d time.Duration, watchSockets bool) error {
	if watchSockets || p.armed {
		if err := p.arm(watchSockets); err != nil {
			return err
		}
	}
	p.asleep.Store(true)
	defer p.asleep.Store(false)
	if p.pending.Load() { // wake looks at asleep after setting pending: one of the two sees the other
		return nil
	}
	setting := unix.ItimerSpec{Value: unix.NsecToTimespec(int64(d))}
	if err := unix.TimerfdSettime(p.timerfd, 0, &setting, nil); err != nil { // clears an old expiry, too
		return err
	}
	return p.raw.Read(p.check)
}

func (p *parker) arm(on bool) error {
	event := unix.EpollEvent{Events: unix.EPOLLONESHOT, Fd: int32(p.sockets)}
	if on {
		event.Events |= unix.EPOLLIN
	}
	p.armed = on
	return unix.EpollCtl(p.gate, unix.EPOLL_CTL_MOD, p.sockets, &event)
}

// poll tells whether the sleep is over. The runtime calls it once before it parks (it sees what happened before) and
// after each edge on the small set.
func (p *parker) poll(uintptr) bool {
	n, errno := epollWait(p.gate, p.events[:])
	if errno != 0 {
		return true
	}
	for _, event := range p.events[:n] {
		switch int(event.Fd) {
		case p.wakefd:
			var count [8]byte
			_, _, _ = unix.RawSyscall(unix.SYS_READ, uintptr(p.wakefd), uintptr(unsafe.Pointer(&count)), 8)
		case p.sockets:
			p.armed = false
		}
	}
	return n > 0
}

// wake ends a wait. From any goroutine.
func (p *parker) wake() {
	if p.pending.Swap(true) || !p.asleep.Load() {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.closed {
		one := [8]byte{7: 1, 0: 1} // not 0 in either byte order
		_, _, _ = unix.RawSyscall(unix.SYS_WRITE, uintptr(p.wakefd), uintptr(unsafe.Pointer(&one)), 8)
	}
}

func (p *parker) close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
	for _, fd := range []int{p.sockets, p.wakefd, p.timerfd} {
		if fd >= 0 {
			_ = unix.Close(fd)
		}
	}
	if p.file != nil {
		return p.file.Close()
	}
	if p.gate >= 0 {
		return unix.Close(p.gate)
	}
	return nil
}

// epollWait is epoll_pwait without waiting. It never blocks, so the scheduler need not know of it.
func epollWait(epfd int, events []unix.EpollEvent) (int, unix.Errno) {
	n, _, errno := unix.RawSyscall6(unix.SYS_EPOLL_PWAIT, uintptr(epfd), uintptr(unsafe.Pointer(unsafe.SliceData(events))), uintptr(len(events)), 0, 0, 0)
	return int(n), errno
}
