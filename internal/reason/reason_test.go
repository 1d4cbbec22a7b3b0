package reason

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"
)

type presence struct{}

func (presence) Error() string  { return "still logged in as Load Bot1" }
func (presence) Reason() string { return "presence" }

func TestOfFindsTheWordUnderWrapping(t *testing.T) {
	dial := func(err error) error {
		return &url.Error{Op: "Post", URL: "http://127.0.0.1:9/", Err: &net.OpError{Op: "dial", Err: err}}
	}
	for _, tt := range []struct {
		err  error
		want string
	}{
		{nil, ""},
		{presence{}, "presence"},
		{fmt.Errorf("log in Load Bot1: %w", presence{}), "presence"},
		{context.Canceled, Canceled},
		{fmt.Errorf("poll: %w", context.DeadlineExceeded), Timeout},
		{dial(os.NewSyscallError("connect", syscall.ECONNREFUSED)), Refused},
		{dial(os.NewSyscallError("read", syscall.ECONNRESET)), Reset},
		{dial(os.NewSyscallError("connect", syscall.ENETUNREACH)), Unreachable},
		{dial(os.ErrDeadlineExceeded), Timeout},
		{&net.DNSError{Err: "no such host", Name: "grid.invalid"}, Unreachable},
		{io.ErrUnexpectedEOF, Reset},
		{errors.New("the answer was no LLSD"), Other},
	} {
		if got := Of(tt.err); got != tt.want {
			t.Errorf("Of(%v) = %q, want %q", tt.err, got, tt.want)
		}
	}
}

func TestOfOnARealClosedPort(t *testing.T) {
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	client := http.Client{Timeout: 5 * time.Second}
	resp, err := client.Get("http://" + address)
	if err == nil {
		resp.Body.Close()
		t.Fatal("a closed port answered")
	}
	if told := WithoutURL(err); strings.Contains(told.Error(), "http://") || Of(told) != Refused {
		t.Errorf("without its URL: %v, reason %q", told, Of(told))
	}
	if got := Of(err); got != Refused || !GridUnreachable(err) {
		t.Errorf("Of(%v) = %q, GridUnreachable %v; want %q, true", err, got, GridUnreachable(err), Refused)
	}
	if GridUnreachable(presence{}) {
		t.Error("a refusal by the grid counts as unreachable")
	}
}

func TestOneLine(t *testing.T) {
	for in, want := range map[string]string{
		"":                             "",
		"go away":                      "go away",
		" go\r\n\taway \x00":           "go away",
		"\x1b[31mred\x1b[0m \u202eabc": "[31mred [0m abc",
	} {
		if got := OneLine(in); got != want {
			t.Errorf("%q became %q, want %q", in, got, want)
		}
	}
	if got := OneLine(string(make([]byte, 10)) + string([]rune{'ä', 'b'}) + string(make([]rune, 1<<16))); got != "äb" {
		t.Errorf("got %q", got)
	}
}
