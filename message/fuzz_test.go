package message

import (
	"bytes"
	"errors"
	"testing"

	"github.com/slload/slload/internal/captured"
)

// FuzzPacket takes any datagram all the way to its message and back.
func FuzzPacket(f *testing.F) {
	for _, v := range packets {
		f.Add(unhex(f, v.wire))
	}
	captured.SeedDatagrams(f, func(data []byte) { f.Add(data) })
	f.Fuzz(func(t *testing.T, datagram []byte) {
		before := bytes.Clone(datagram)
		p, err := ParsePacket(datagram)
		if err != nil {
			wantReason(t, err)
			return
		}
		for i := range p.NumAcks() {
			p.Ack(i)
		}
		body, err := p.Decoded(nil)
		if err != nil {
			wantReason(t, err)
			return
		}
		if len(body) == 0 || len(body) > max(MaxBody, len(datagram)) {
			t.Fatalf("a body of %d bytes from a datagram of %d", len(body), len(datagram))
		}
		number, start, err := ReadNumber(body)
		if err != nil {
			wantReason(t, err)
		} else if id, ok := Lookup(number); ok {
			checkBody(t, id, body[start:])
		}
		if !bytes.Equal(before, datagram) {
			t.Fatal("decoding wrote into the datagram")
		}
	})
}

// FuzzBody decodes any bytes as any message.
func FuzzBody(f *testing.F) {
	for _, v := range vectors {
		f.Add(uint16(v.want.ID()), unhex(f, v.wire))
	}
	f.Fuzz(func(t *testing.T, id uint16, body []byte) {
		checkBody(t, ID(id%NumMessages), body)
	})
}

// checkBody holds that the generated type and Dynamic agree on any bytes, and that
// what was decoded encodes to bytes which decode to the same.
func checkBody(t *testing.T, id ID, body []byte) {
	m, d := New(id), NewDynamic(id.Descriptor())
	n, err := m.DecodeBody(body)
	dn, derr := d.DecodeBody(body)
	if n != dn && err == nil || (err == nil) != (derr == nil) {
		t.Fatalf("%s: the generated type read %d (%v), Dynamic %d (%v)", id, n, err, dn, derr)
	}
	if err != nil {
		wantReason(t, err)
		return
	}
	if n > len(body) {
		t.Fatalf("%s: read %d of %d bytes", id, n, len(body))
	}
	first, err := m.AppendBody(nil)
	if err != nil {
		t.Fatalf("%s: what was decoded doesn't encode: %v", id, err)
	}
	if second, err := d.AppendBody(nil); err != nil || !bytes.Equal(first, second) {
		t.Fatalf("%s: the generated type encodes %x, Dynamic %x (%v)", id, first, second, err)
	}
	if n, err := m.DecodeBody(first); err != nil || n != len(first) {
		t.Fatalf("%s: its own %d bytes decode to %d: %v", id, len(first), n, err)
	}
	if again, err := m.AppendBody(nil); err != nil || !bytes.Equal(first, again) {
		t.Fatalf("%s: encodes %x, then %x (%v)", id, first, again, err)
	}
	AppendText(nil, m)
	AppendJSON(nil, m)
}

func wantReason(t *testing.T, err error) {
	t.Helper()
	var r interface{ Reason() string }
	if !errors.As(err, &r) || r.Reason() == "" || err.Error() == "" {
		t.Fatalf("an error without a reason to count by: %v", err)
	}
}

// FuzzZeroDecode expands any bytes within any bound.
func FuzzZeroDecode(f *testing.F) {
	f.Add([]byte{1, 0, 3, 2}, 100)
	f.Add([]byte{0, 0, 0, 9}, 600)
	f.Add([]byte{0}, 1)
	f.Fuzz(func(t *testing.T, coded []byte, limit int) {
		limit = min(max(limit, 0), MaxBody)
		plain, err := ZeroDecode([]byte("d"), coded, limit)
		if err != nil {
			wantReason(t, err)
			if string(plain) != "d" {
				t.Fatalf("an error left %d bytes", len(plain))
			}
			return
		}
		if len(plain)-1 > limit {
			t.Fatalf("%d bytes grew past the bound of %d", len(plain)-1, limit)
		}
		again, err := ZeroDecode(nil, ZeroEncode(nil, plain[1:]), limit)
		if err != nil || !bytes.Equal(again, plain[1:]) {
			t.Fatalf("%x came back as %x (%v)", plain[1:], again, err)
		}
	})
}
