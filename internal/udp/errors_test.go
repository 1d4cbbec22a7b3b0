package udp

import (
	"errors"
	"fmt"
	"net"
	"os"
	"runtime"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestSendErrorsAreCountedByKind(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("it has other numbers")
	}
	for _, c := range []struct {
		errno syscall.Errno
		want  Counters
	}{
		{syscall.ENOBUFS, Counters{SendErrors: 1, NoBuffers: 1}},
		{syscall.ENOMEM, Counters{SendErrors: 1, NoBuffers: 1}},
		{syscall.EPERM, Counters{SendErrors: 1, Denied: 1}},
		{syscall.EACCES, Counters{SendErrors: 1, Denied: 1}},
		{syscall.ENETUNREACH, Counters{SendErrors: 1, Unreachable: 1}},
		{syscall.EHOSTUNREACH, Counters{SendErrors: 1, Unreachable: 1}},
		{syscall.EADDRNOTAVAIL, Counters{SendErrors: 1, Unreachable: 1}},
		{syscall.EMSGSIZE, Counters{SendErrors: 1, OtherErrors: 1}},
	} {
		var got Counters
		got.sent(fmt.Errorf("write: %w", &net.OpError{Op: "write", Err: os.NewSyscallError("sendto", c.errno)}))
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%v: %s", c.errno, diff)
		}
	}
	var got Counters
	got.sent(nil)
	got.sent(errors.New("no number"))
	if diff := cmp.Diff(Counters{Sent: 1, SendErrors: 1, OtherErrors: 1}, got); diff != "" {
		t.Error(diff)
	}
}
