package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// maxCaptureBytes is what each of the two files of a capture grows to.
const maxCaptureBytes = 128 << 20

// captureFile is the file of --pcap. When it is full it is moved aside, to
// NAME.1.pcap over the one that was there before, and an empty one goes on: the
// newest packets are always there. Each Write is whole, as swarm.Config.PCAP
// says.
type captureFile struct {
	path   string
	most   int
	header []byte // of every file
	file   *os.File
	out    *bufio.Writer
	size   int
	// Packets in the file, in the one aside, and that went with older ones.
	packets, aside, cut int
	failed              error // why it ended early
}

// newCapture makes the file; of a run that is resumed the one so far is moved
// aside.
func newCapture(path string, resumed bool) (*captureFile, error) {
	c := &captureFile{path: path, most: maxCaptureBytes}
	if resumed {
		if err := os.Rename(path, olderCapture(path)); err != nil && !errors.Is(err, os.ErrNotExist) {
			return nil, err
		}
	}
	return c, c.open()
}

func (c *captureFile) open() (err error) {
	c.file, err = os.OpenFile(c.path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	c.out, c.size = bufio.NewWriter(c.file), 0
	return nil
}

// Write takes the header, and then packets.
func (c *captureFile) Write(p []byte) (int, error) {
	if c.header == nil {
		c.header = append([]byte{}, p...)
		return c.write(p)
	}
	if c.size+len(p) > c.most && c.packets > 0 {
		if c.failed = c.turn(); c.failed != nil {
			return 0, c.failed
		}
	}
	c.packets++
	return c.write(p)
}

func (c *captureFile) write(p []byte) (int, error) {
	n, err := c.out.Write(p)
	c.size += n
	return n, err
}

// turn moves the file aside and goes on in another.
func (c *captureFile) turn() error {
	err := errors.Join(c.out.Flush(), c.file.Close())
	if err == nil {
		err = os.Rename(c.path, olderCapture(c.path))
	}
	if err == nil {
		err = c.open() // only now: it would empty what is there
	}
	if err != nil {
		return err
	}
	c.cut += c.aside
	c.aside, c.packets = c.packets, 0
	_, err = c.write(c.header)
	return err
}

func olderCapture(path string) string {
	ext := filepath.Ext(path)
	return strings.TrimSuffix(path, ext) + ".1" + ext
}

// close closes the file, and tells w what had to go.
func (c *captureFile) close(w io.Writer) error {
	err := c.failed
	if err == nil {
		err = errors.Join(c.out.Flush(), c.file.Close())
	}
	if c.cut > 0 {
		fmt.Fprintf(w, "slload: the oldest %d packets of the capture made room for new ones; the newest are in %s and %s\n",
			c.cut, olderCapture(c.path), c.path)
	}
	if err != nil {
		return fmt.Errorf("write the capture: %w; what was written before is kept", err)
	}
	return nil
}
