package behaviors

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/slload/slload/internal/capture"
	"github.com/slload/slload/message"
)

var parsePackets = Behavior{
	Name:    "parse_packets",
	Summary: "decodes datagrams given in hex, or a capture's, and counts them; slload decode does more",
	Params: []Param{
		// A reliable StartPingCheck, sequence 1, ping 7.
		{"hex", "400000000100010700000000", "the datagrams, with blanks between them"},
		{"file", "", "in place of them a file: pcap, pcapng, PDML, or hex line by line"},
	},
	Run: func(ctx context.Context, c *Cast) error {
		if file := c.Args.Text("file"); file != "" {
			return c.Step("decode "+file, func() error { return c.decodeFile(ctx, file) })
		}
		datagrams := strings.Fields(c.Args.Text("hex"))
		if len(datagrams) == 0 {
			return errors.New("there is nothing to decode: give hex")
		}
		for i, text := range datagrams {
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
			err := c.Step(fmt.Sprintf("decode datagram %d", i+1), func() error { return c.decode(text) })
			if err != nil {
				return err
			}
		}
		return nil
	},
}

func (c *Cast) decode(text string) error {
	data, err := capture.Hex(text)
	if err != nil {
		return fmt.Errorf("%q is no hex: %w", text, err)
	}
	d := capture.Decode(message.CompiledIn(), data)
	if d.Err == nil {
		c.Note("sequence %d, %s", d.Packet.Sequence, strings.TrimSpace(string(message.AppendText(nil, d.Message))))
	}
	return d.Err
}

// decodeFile decodes all datagrams of a file; all must be whole.
func (c *Cast) decodeFile(ctx context.Context, name string) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer f.Close() //nolint:errcheck // it was only read
	var tally capture.Tally
	err = capture.Read(f, func(got *capture.Datagram) error {
		d := capture.Decode(message.CompiledIn(), got.Data)
		tally.Add(got.Data, &d)
		return context.Cause(ctx)
	})
	if err != nil {
		return fmt.Errorf("read %s: %w", name, err)
	}
	for _, m := range tally.Counts() {
		c.Note("%d %s", m.N, m.Name)
	}
	switch {
	case tally.Datagrams == 0:
		return fmt.Errorf("there is no datagram in %s", name)
	case tally.Failed > 0:
		first := tally.Failures[0]
		return fmt.Errorf("%d of %d datagrams could not be decoded; #%d: %w", tally.Failed, tally.Datagrams, first.Datagram, first.Err)
	}
	return nil
}
