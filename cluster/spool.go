package cluster

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/slload/slload/internal/wholefile"
)

// A spool is a file of frames that a worker couldn't deliver before it had to
// end: <run>.<worker id>.spool. The next worker with the same directory delivers
// them. It is spoolMagic, then for each frame its length and its CRC-32 (IEEE),
// both big-endian, and the frame as in a message.
const (
	spoolMagic = "slload/spool/1\n"
	spoolEnd   = ".spool"
	// maxSpool bounds what is read of one.
	maxSpool = 2 * maxWaiting
)

// DefaultSpool is where a worker leaves frames unless told otherwise: the user's
// state directory.
func DefaultSpool() (string, error) {
	if dir := os.Getenv("XDG_STATE_HOME"); filepath.IsAbs(dir) {
		return filepath.Join(dir, "slload", "spool"), nil
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", fmt.Errorf("find a directory for frames that can't be delivered: %w; name one with --spool", err)
	}
	return filepath.Join(home, ".local", "state", "slload", "spool"), nil
}

// spool is a spool in its directory.
type spool struct{ run, path string }

// findSpools lists the spools in dir; a directory that isn't there has none.
func findSpools(dir string) ([]spool, error) {
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("look for frames that weren't delivered: %w", err)
	}
	var found []spool
	for _, e := range entries {
		run, _, ok := strings.Cut(e.Name(), ".")
		if ok && strings.HasSuffix(e.Name(), spoolEnd) && runForm.MatchString(run) && e.Type().IsRegular() && len(found) < maxHeld {
			found = append(found, spool{run, filepath.Join(dir, e.Name())})
		}
	}
	return found, nil
}

// writeSpool leaves frames of a run in dir, whole or not at all.
func writeSpool(dir, run, worker string, frames []message) (path string, err error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", fmt.Errorf("keep %d frames that weren't delivered: %w", len(frames), err)
	}
	path = filepath.Join(dir, run+"."+worker+spoolEnd)
	var b bytes.Buffer
	b.WriteString(spoolMagic)
	for _, m := range frames {
		var head [8]byte
		binary.BigEndian.PutUint32(head[:], uint32(len(m.data)))
		binary.BigEndian.PutUint32(head[4:], crc32.ChecksumIEEE(m.data))
		b.Write(head[:])
		b.Write(m.data)
	}
	if err := wholefile.Replace(path, b.Bytes(), 0o600); err != nil {
		return "", fmt.Errorf("keep %d frames that weren't delivered: %w", len(frames), err)
	}
	return path, nil
}

// read reads the frames of a spool. What comes before the first damage is given
// with an error.
func (s spool) read(names subjects) ([]message, error) {
	f, err := os.Open(s.path)
	if err != nil {
		return nil, fmt.Errorf("read frames that weren't delivered: %w", err)
	}
	defer func() { _ = f.Close() }() // read only
	data, err := io.ReadAll(io.LimitReader(f, maxSpool))
	if err != nil {
		return nil, fmt.Errorf("read frames that weren't delivered: %w", err)
	}
	frames, err := parseSpool(data, names.of(s.run))
	if err != nil {
		return frames, fmt.Errorf("read %s after frame %d: %w", s.path, len(frames), err)
	}
	return frames, nil
}

func parseSpool(data []byte, names subjects) (frames []message, err error) {
	rest, ok := bytes.CutPrefix(data, []byte(spoolMagic))
	if !ok {
		return nil, errors.New("it isn't a spool")
	}
	for len(rest) > 0 {
		if len(rest) < 8 {
			return frames, io.ErrUnexpectedEOF
		}
		size, sum := binary.BigEndian.Uint32(rest), binary.BigEndian.Uint32(rest[4:])
		if rest = rest[8:]; uint64(size) > uint64(len(rest)) {
			return frames, io.ErrUnexpectedEOF
		}
		if crc32.ChecksumIEEE(rest[:size]) != sum {
			return frames, errors.New("a frame whose checksum is wrong")
		}
		f, err := readFrame(rest[:size])
		if err != nil {
			return frames, err
		}
		if f.Run != names.run {
			return frames, fmt.Errorf("a frame of run %.80q", f.Run)
		}
		frames = append(frames, message{names.frames(f.Segment), f.id(), f.Seq, rest[:size]})
		rest = rest[size:]
	}
	return frames, nil
}
