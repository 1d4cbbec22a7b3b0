// Package reason names, in one stable word, why an operation failed. The
// words key the error counts of a run: few, short and free of addresses,
// ids and other text that differs between two failures of one kind. It also
// makes what peers said, and addresses, fit for an error's text.
//
// It imports nothing of ours; login, ogp, caps, eq, agent and swarm use it.
package reason

import (
	"context"
	"errors"
	"io"
	"net"
	"net/url"
	"os"
	"strings"
	"syscall"
	"unicode"
)

// Reasoner is an error that knows its own word.
type Reasoner interface {
	error
	Reason() string
}

// The words that Of finds by itself.
const (
	Canceled    = "canceled"
	Timeout     = "timeout"
	Refused     = "refused"     // nobody listens there
	Reset       = "reset"       // the other side cut the connection
	Unreachable = "unreachable" // no route, no such host
	Other       = "other"
)

// Of gives err's word: that of the first Reasoner in its chain, else one of
// the constants above. It gives "" for nil.
func Of(err error) string {
	if err == nil {
		return ""
	}
	var r Reasoner
	if errors.As(err, &r) {
		return r.Reason()
	}
	var netErr net.Error
	switch {
	case errors.Is(err, context.Canceled):
		return Canceled
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded):
		return Timeout
	case errors.As(err, &netErr) && netErr.Timeout():
		return Timeout
	case errors.Is(err, syscall.ECONNREFUSED):
		return Refused
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE),
		errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return Reset
	}
	var op *net.OpError
	var dns *net.DNSError
	if errors.As(err, &op) || errors.As(err, &dns) {
		return Unreachable
	}
	return Other
}

// WithoutURL gives the cause of net/http's error, whose text repeats the
// address: that of a capability is a secret, and others are told already.
func WithoutURL(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		return u.Err
	}
	return err
}

// WithoutQuery is an address without what may be secret in it.
func WithoutQuery(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return "an address that is no URL"
	}
	u.User, u.RawQuery, u.Fragment = nil, "", ""
	return u.String()
}

// OneLine is what a peer said, on one line of 200 characters at most: it may be
// long, have many lines, and move a terminal's cursor.
func OneLine(text string) string {
	const most = 200
	printable := strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return ' '
	}, text)
	line := []rune(strings.Join(strings.Fields(printable), " "))
	if len(line) > most {
		return string(line[:most]) + "..."
	}
	return string(line)
}

// GridUnreachable tells whether err means that nothing answered at all, as
// against an answer that was a refusal.
func GridUnreachable(err error) bool {
	switch Of(err) {
	case Refused, Unreachable, Timeout, Reset:
		return true
	}
	return false
}
