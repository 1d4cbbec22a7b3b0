package message

// ZeroEncode appends the zero-coded form of src to dst: each run of zeros becomes
// a 0 byte and the run's length, runs above 255 are split. src must not be memory
// of dst.
func ZeroEncode(dst, src []byte) []byte {
	// The worst there is, a zero after every other byte, makes three bytes of two.
	start := len(dst)
	dst = extend(dst, len(src)+len(src)/2+1)
	out, n := dst[start:], 0
	for i := 0; i < len(src); {
		if c := src[i]; c != 0 {
			out[n] = c
			n++
			i++
			continue
		}
		run := 1
		for run < 255 && i+run < len(src) && src[i+run] == 0 {
			run++
		}
		out[n], out[n+1] = 0, byte(run)
		n += 2
		i += run
	}
	return dst[:start+n]
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
func nonZeros(b []byte) int {
	for i, c := range b {
		if c == 0 {
			return i
		}
	}
	return len(b)
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
