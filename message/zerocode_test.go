package message

import (
	"bytes"
	"errors"
	"testing"

	"pgregory.net/rapid"
)

func TestZeroCode(t *testing.T) {
	for _, v := range []struct{ name, plain, coded string }{
		{"nothing", "", ""},
		{"no zeros", "01 02 FF", "01 02 FF"},
		{"one zero costs a byte", "01 00 02", "01 00 01 02"},
		{"a zero at the end", "01 00", "01 00 01"},
		{"zeros only", "00 00 00", "00 03"},
		{"255 zeros are one run", times(255, "00"), "00 FF"},
		{"256 zeros are two", times(256, "00"), "00 FF 00 01"},
		{"511 zeros are three", times(511, "00"), "00 FF 00 FF 00 01"},
		{"every other byte, the worst there is", "00 01 00 02 00", "00 01 01 00 01 02 00 01"},
	} {
		t.Run(v.name, func(t *testing.T) {
			plain, coded := unhex(t, v.plain), unhex(t, v.coded)
			if got := ZeroEncode(nil, plain); !bytes.Equal(got, coded) {
				t.Errorf("encoded %x, want %x", got, coded)
			}
			if got, err := ZeroDecode(nil, coded, len(plain)); err != nil || !bytes.Equal(got, plain) {
				t.Errorf("decoded %x (%v), want %x", got, err, plain)
			}
		})
	}
}

func TestZeroDecodeWraps(t *testing.T) {
	for _, v := range []struct {
		coded string
		zeros int
	}{
		{"00 00 01", 257}, {"00 00 2C", 300}, {"00 00 FF", 511}, {"00 00 00 01", 513}, {"00 00 00 00 0A", 778},
	} {
		got, err := ZeroDecode(nil, unhex(t, v.coded), MaxBody)
		if err != nil || !bytes.Equal(got, make([]byte, v.zeros)) {
			t.Errorf("%s decoded to %d bytes (%v), want %d zeros", v.coded, len(got), err, v.zeros)
		}
	}
}

func TestZeroDecodeKeepsItsBound(t *testing.T) {
	for _, v := range []struct {
		coded string
		limit int
		want  error
	}{
		{"01 02 03", 3, nil},
		{"01 02 03", 2, ErrExpansion},
		{"01 00 05", 6, nil},
		{"01 00 05", 5, ErrExpansion},
		{"01 00 05 02", 6, ErrExpansion},
		{"00 00 01", 257, nil},
		{"00 00 01", 256, ErrExpansion},
		{"00", 10, ErrZeroRun},
		{"01 00 00", 1000, ErrZeroRun},
		{"", 0, nil},
	} {
		dst := append(make([]byte, 0, 1024), "before"...)
		got, err := ZeroDecode(dst, unhex(t, v.coded), v.limit)
		if !errors.Is(err, v.want) {
			t.Errorf("%s with %d bytes at most: %v, want %v", v.coded, v.limit, err, v.want)
		}
		if err != nil && string(got) != "before" {
			t.Errorf("%s: the error left %q", v.coded, got)
		}
	}
}

func TestZeroCodeRoundTrip(t *testing.T) {
	// Mostly zeros, or runs would hardly ever come up.
	piece := rapid.OneOf(
		rapid.SliceOfN(rapid.Byte(), 0, 8),
		rapid.Map(rapid.IntRange(0, 600), func(n int) []byte { return make([]byte, n) }))
	rapid.Check(t, func(t *rapid.T) {
		plain := bytes.Join(rapid.SliceOfN(piece, 0, 12).Draw(t, "pieces"), nil)
		coded := ZeroEncode([]byte("c"), plain)
		got, err := ZeroDecode([]byte("d"), coded[1:], len(plain))
		if err != nil || !bytes.Equal(got, append([]byte("d"), plain...)) {
			t.Fatalf("%x came back as %x (%v)", plain, got, err)
		}
		if len(plain) > 0 {
			if _, err := ZeroDecode(nil, coded[1:], len(plain)-1); !errors.Is(err, ErrExpansion) {
				t.Fatalf("a bound one byte too small gave %v", err)
			}
		}
	})
}
