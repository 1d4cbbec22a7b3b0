package message

import "encoding/binary"

// Number is a message's number as the wire has it, padded with 0xFF to a word:
// High 0x000000NN, Medium 0x0000FFNN, Low 0xFFFFNNNN, Fixed 0xFFFFFFNN.
type Number uint32

// ReadNumber reads the number at the start of a zero-decoded body and tells how
// many bytes it takes. The only error is ErrNumber.
//
// High is one byte; Medium 0xFF and one; Low 0xFF 0xFF and a big-endian U16; Fixed
// 0xFF 0xFF 0xFF and one.
func ReadNumber(body []byte) (Number, int, error) {
	switch {
	case len(body) >= 1 && body[0] != 0xFF:
		return Number(body[0]), 1, nil
	case len(body) >= 2 && body[0] == 0xFF && body[1] != 0xFF:
		return 0xFF00 | Number(body[1]), 2, nil
	case len(body) >= 4:
		return Number(binary.BigEndian.Uint32(body)), 4, nil
	}
	return 0, 0, ErrNumber
}

// AppendNumber appends the number in as many bytes as its frequency takes.
func AppendNumber(dst []byte, n Number) []byte {
	switch {
	case n < 0xFF:
		return append(dst, byte(n))
	case n < 0xFFFF:
		return append(dst, 0xFF, byte(n))
	default:
		return binary.BigEndian.AppendUint32(dst, uint32(n))
	}
}
