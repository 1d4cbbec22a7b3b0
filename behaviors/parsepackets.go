package behaviors

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"github.com/slload/slload/message"
)

var parsePackets = Behavior{
	Name:    "parse_packets",
	Summary: "decodes datagrams that are given in hex; for captures there is slload decode",
	Params: []Param{
		// A reliable StartPingCheck, sequence 1, ping 7.
		{"hex", "400000000100010700000000", "the datagrams, with blanks between them"},
	},
	Run: func(ctx context.Context, c *Cast) error {
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
	data, err := hex.DecodeString(text)
	if err != nil {
		return fmt.Errorf("%q is no hex: %w", text, err)
	}
	p, err := message.ParsePacket(data)
	if err != nil {
		return err
	}
	body, err := p.Decoded(nil)
	if err != nil {
		return err
	}
	m, _, err := message.CompiledIn().Decode(body)
	if err != nil {
		return err
	}
	c.Note("sequence %d, %s", p.Sequence, strings.TrimSpace(string(message.AppendText(nil, m))))
	return nil
}
