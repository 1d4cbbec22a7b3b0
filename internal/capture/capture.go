// Package capture reads datagrams from files, whatever wrote them: pcap and
// pcapng captures (also gzipped), packets as Wireshark exports them to XML
// (PDML), and lines of hex. It also counts what is in them by message.
//
// It stands on message; behaviors and cmd/slload use it.
package capture

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"time"
)

// Datagram is the payload of one UDP packet.
type Datagram struct {
	Frame    int            // of the packet in its file, or of the line; from 1 on
	At       time.Time      // when it was captured; zero in hex, and where PDML doesn't say
	From, To netip.AddrPort // not valid in hex
	Data     []byte         // the reader's: who keeps it copies it
}

// Way is where the datagram went, "" if that isn't known.
func (d *Datagram) Way() string {
	if !d.From.IsValid() || !d.To.IsValid() {
		return ""
	}
	return d.From.String() + " > " + d.To.String()
}

// Error is a file that can't be read as what it seems to be.
type Error struct {
	Form  string // pcap, pcapng, PDML, hex, or the gzip around one
	Frame int    // at which it ended
	Err   error
}

func (e *Error) Error() string {
	if e.Form == "hex" {
		return fmt.Sprintf("line %d is no hex: %v", e.Frame, e.Err)
	}
	return fmt.Sprintf("it can't be read as %s beyond packet %d: %v", e.Form, e.Frame, e.Err)
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// Read calls each with all datagrams of a file in their order. What the file is
// its first bytes tell; what isn't UDP is skipped. Errors are *Error, those of
// r, or each's own, which ends it.
func Read(r io.Reader, each func(*Datagram) error) error {
	in := bufio.NewReader(r)
	if magic, _ := in.Peek(2); bytes.Equal(magic, []byte{0x1F, 0x8B}) {
		unzipped, err := gzip.NewReader(in)
		if err != nil {
			return &Error{Form: "gzip", Err: err}
		}
		in = bufio.NewReader(unzipped)
	}
	magic, err := in.Peek(4)
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	switch {
	case bytes.Equal(magic, []byte{0x0A, 0x0D, 0x0D, 0x0A}):
		return readPCAPNG(in, each)
	case isPCAP(magic):
		return readPCAP(in, each)
	case isXML(in):
		return readPDML(in, each)
	}
	return readHex(in, each)
}

// isPCAP knows pcap's magic numbers: of micro- and of nanoseconds, in both
// orders of bytes.
func isPCAP(magic []byte) bool {
	for _, known := range []string{"\xA1\xB2\xC3\xD4", "\xD4\xC3\xB2\xA1", "\xA1\xB2\x3C\x4D", "\x4D\x3C\xB2\xA1"} {
		if string(magic) == known {
			return true
		}
	}
	return false
}

// isXML tells whether a text begins with a tag.
func isXML(in *bufio.Reader) bool {
	const far = 512
	start, _ := in.Peek(far)
	start = bytes.TrimPrefix(start, []byte("\uFEFF"))
	return bytes.HasPrefix(bytes.TrimSpace(start), []byte("<"))
}
