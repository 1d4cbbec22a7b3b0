package message

// ZeroEncode appends the zero-coded form of src to dst: each run of zeros becomes
// a 0 byte and the run's length, runs above 255 are split.
func ZeroEncode(dst, src []byte) []byte {
	for i := 0; i < len(src); {
		if src[i] != 0 {
			dst = append(dst, src[i])
			i++
			continue
		}
		run := 1
		for run < 255 && i+run < len(src) && src[i+run] == 0 {
			run++
		}
		dst = append(dst, 0, byte(run))
		i += run
	}
	return dst
}

// ZeroDecode appends the expansion of src to dst. `00 N` is N zeros; a sender may
// also wrap the count, `00 00 N` is 256 + N zeros, `00 00 00 N` 512 + N.
// It fails with ErrExpansion before it appends more than limit bytes, and with
// ErrZeroRun when src ends inside a run; dst then comes back as it was.
func ZeroDecode(dst, src []byte, limit int) ([]byte, error) {
	out := dst
	limit += len(dst)
	for i := 0; i < len(src); {
		if src[i] != 0 {
			if len(out) >= limit {
				return dst, ErrExpansion
			}
			out = append(out, src[i])
			i++
			continue
		}
		run, n := zeroRun(src[i:])
		if n == 0 {
			return dst, ErrZeroRun
		}
		if run > limit-len(out) {
			return dst, ErrExpansion
		}
		out = appendZeros(out, run)
		i += n
	}
	return out, nil
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
