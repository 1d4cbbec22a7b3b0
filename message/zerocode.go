package message

import (
	"encoding/binary"
	"math/bits"
)

// ZeroEncode appends the zero-coded form of src to dst: each run of zeros becomes
// a 0 byte and the run's length, runs above 255 are split. src must not be memory
// of dst.
func ZeroEncode(dst, src []byte) []byte {
	// The worst there is, a zero after every other byte, makes three bytes of two;
	// and eight are written at a time.
	start := len(dst)
	dst = extend(dst, len(src)+len(src)/2+1+8)
	out, n := dst[start:], 0
	i := 0
	for len(src)-i >= 8 {
		w := binary.LittleEndian.Uint64(src[i:])
		binary.LittleEndian.PutUint64(out[n:], w)
		literal := zeroByte(w)
		n, i = n+literal, i+literal
		if literal == 8 {
			continue
		}
		run := 0
		if rest := w >> (8 * literal); rest != 0 {
			run = bits.TrailingZeros64(rest) / 8
		} else {
			run = zerosAhead(src[i:])
		}
		out[n], out[n+1] = 0, byte(run)
		n, i = n+2, i+run
	}
	for i < len(src) {
		if c := src[i]; c != 0 {
			out[n] = c
			n, i = n+1, i+1
			continue
		}
		run := zerosAhead(src[i:])
		out[n], out[n+1] = 0, byte(run)
		n, i = n+2, i+run
	}
	return dst[:start+n]
}

// zeroByte is the index of the first byte of w, the lowest, that is zero; 8: none.
func zeroByte(w uint64) int {
	const ones, tops = 0x0101010101010101, 0x8080808080808080
	// A byte borrows from the one above it only if it is zero, so that the lowest bit
	// which this leaves is right.
	return bits.TrailingZeros64((w-ones)&^w&tops) / 8
}

// zerosAhead is with how many zeros b begins, 255 at most.
func zerosAhead(b []byte) (n int) {
	b = b[:min(len(b), 255)]
	for ; len(b)-n >= 8; n += 8 {
		if w := binary.LittleEndian.Uint64(b[n:]); w != 0 {
			return n + bits.TrailingZeros64(w)/8
		}
	}
	for n < len(b) && b[n] == 0 {
		n++
	}
	return n
}

// ZeroDecode appends the expansion of src to dst. `00 N` is N zeros; a sender may
// also wrap the count, `00 00 N` is 256 + N zeros, `00 00 00 N` 512 + N.
// It fails with ErrExpansion rather than append more than limit bytes, and with
// ErrZeroRun when src ends inside a run; dst then comes back as it was. src must
// not be memory of dst.
func ZeroDecode(dst, src []byte, limit int) ([]byte, error) {
	out := dst
	limit += len(dst)
	for len(src) > 0 {
		literal := nonZeros(src)
		if literal > limit-len(out) {
			return dst, ErrExpansion
		}
		out = append(out, src[:literal]...)
		if src = src[literal:]; len(src) == 0 {
			break
		}
		run, n := zeroRun(src)
		if n == 0 {
			return dst, ErrZeroRun
		}
		if run > limit-len(out) {
			return dst, ErrExpansion
		}
		out = appendZeros(out, run)
		src = src[n:]
	}
	return out, nil
}

// nonZeros returns how many bytes b has before its first zero.
func nonZeros(b []byte) (n int) {
	for ; len(b)-n >= 8; n += 8 {
		if at := zeroByte(binary.LittleEndian.Uint64(b[n:])); at < 8 {
			return n + at
		}
	}
	for n < len(b) && b[n] != 0 {
		n++
	}
	return n
}

// zeroRun reads a run at the start of b: its length in zeros and the bytes it
// takes, 0 if its count is cut off.
func zeroRun(b []byte) (run, n int) {
	n = 1
	for n < len(b) && b[n] == 0 {
		run += 256
		n++
	}
	if n == len(b) {
		return 0, 0
	}
	return run + int(b[n]), n + 1
}

var zeros [256]byte

func appendZeros(dst []byte, n int) []byte {
	for ; n > len(zeros); n -= len(zeros) {
		dst = append(dst, zeros[:]...)
	}
	return append(dst, zeros[:n]...)
}
