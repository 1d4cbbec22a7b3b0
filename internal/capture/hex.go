package capture

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
)

// longestLine bounds a line of hex: the longest datagram, each byte with a
// blank, fits in three times.
const longestLine = 1 << 20

// readHex reads a datagram a line. Blanks within a line don't matter; empty
// lines and those that begin with # are skipped.
func readHex(r io.Reader, each func(*Datagram) error) error {
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, longestLine)
	n := 0
	for lines.Scan() {
		n++
		line := bytes.TrimSpace(lines.Bytes())
		if len(line) == 0 || line[0] == '#' {
			continue
		}
		data, err := Hex(string(line))
		if err != nil {
			return &Error{"hex", n, err}
		}
		if err := each(&Datagram{Frame: n, Data: data}); err != nil {
			return err
		}
	}
	if errors.Is(lines.Err(), bufio.ErrTooLong) {
		return &Error{"hex", n + 1, fmt.Errorf("it is longer than %d characters", longestLine)}
	}
	return lines.Err()
}

// Hex reads bytes in hex, with or without blanks between them.
func Hex(text string) ([]byte, error) {
	digits := bytes.Join(bytes.Fields([]byte(text)), nil)
	data := make([]byte, hex.DecodedLen(len(digits)))
	_, err := hex.Decode(data, digits)
	return data, err
}
