package main

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/slload/slload/internal/capture"
	"github.com/slload/slload/message"
)

func (d *decoder) printText(got *capture.Datagram, said *capture.Decoded) error {
	way := got.Way()
	if way != "" {
		way += ","
	}
	p := said.Packet
	line := fmt.Sprintf("#%d %s sequence %d%s", d.tally.Datagrams, way, p.Sequence, flagWords(p))
	fmt.Fprintln(d.out, strings.Join(strings.Fields(line), " "))
	if said.Err != nil {
		_, err := fmt.Fprintf(d.out, "  cannot be decoded: %v\n", said.Err)
		return err
	}
	text := message.AppendText(nil, said.Message)
	if said.Beyond > 0 {
		text = fmt.Appendf(text, "  and %d byte(s) that the template doesn't have\n", said.Beyond)
	}
	_, err := d.out.Write(append(text, '\n'))
	return err
}

// flagWords tells a packet's flags and appended acks.
func flagWords(p message.Packet) string {
	var b strings.Builder
	for _, f := range []struct {
		flag message.Flags
		word string
	}{{message.FlagReliable, "reliable"}, {message.FlagResent, "resent"}, {message.FlagZerocoded, "zero-coded"}} {
		if p.Flags&f.flag != 0 {
			b.WriteString(", " + f.word)
		}
	}
	for i := range p.NumAcks() {
		fmt.Fprintf(&b, ", acks %d", p.Ack(i))
	}
	return b.String()
}

// decodedLine is a datagram as JSON has it.
type decodedLine struct {
	Way      string          `json:"way,omitempty"`
	Time     string          `json:"time,omitempty"` // RFC 3339
	Sequence uint32          `json:"sequence"`
	Reliable bool            `json:"reliable,omitempty"`
	Resent   bool            `json:"resent,omitempty"`
	Acks     []uint32        `json:"acks,omitempty"`
	Message  json.RawMessage `json:"message,omitempty"`
	Beyond   int             `json:"bytes_beyond,omitempty"` // that the template doesn't have
	Error    string          `json:"error,omitempty"`
}

func (d *decoder) printJSON(got *capture.Datagram, said *capture.Decoded) error {
	p := said.Packet
	line := decodedLine{
		Way: got.Way(), Sequence: p.Sequence, Beyond: said.Beyond,
		Reliable: p.Flags&message.FlagReliable != 0, Resent: p.Flags&message.FlagResent != 0,
	}
	if !got.At.IsZero() {
		line.Time = got.At.UTC().Format(time.RFC3339Nano)
	}
	for i := range p.NumAcks() {
		line.Acks = append(line.Acks, p.Ack(i))
	}
	if said.Err != nil {
		line.Error = said.Err.Error()
	} else {
		line.Message = message.AppendJSON(nil, said.Message)
	}
	return d.encode(line)
}

// decodedCounts is the last line of JSON: how many datagrams there were of each
// message, and those that could not be decoded, a hundred at most.
type decodedCounts struct {
	Datagrams int            `json:"datagrams"`
	Failed    int            `json:"failed"`
	Messages  map[string]int `json:"messages"`
	Failures  []failedLine   `json:"failures,omitempty"`
}

type failedLine struct {
	Datagram int    `json:"datagram"` // the nth
	Error    string `json:"error"`
	Hex      string `json:"hex"`
}

// printCounts prints the end, unless all there was are hex arguments.
func (d *decoder) printCounts() error {
	if !d.files && !d.counts {
		return nil
	}
	t := &d.tally
	if d.format == "json" {
		c := decodedCounts{Datagrams: t.Datagrams, Failed: t.Failed, Messages: map[string]int{}}
		for _, m := range t.Counts() {
			c.Messages[m.Name] = m.N
		}
		for _, f := range t.Failures {
			c.Failures = append(c.Failures, failedLine{f.Datagram, f.Err.Error(), hex.EncodeToString(f.Data)})
		}
		return d.encode(c)
	}
	text := fmt.Appendf(nil, "%d datagrams, %d that could not be decoded\n", t.Datagrams, t.Failed)
	for _, m := range t.Counts() {
		text = fmt.Appendf(text, "%8d  %s\n", m.N, m.Name)
	}
	for _, f := range t.Failures {
		text = fmt.Appendf(text, "failed    #%d: %v: %x\n", f.Datagram, f.Err, f.Data)
	}
	if more := t.Failed - len(t.Failures); more > 0 {
		text = fmt.Appendf(text, "failed    and %d more\n", more)
	}
	_, err := d.out.Write(text)
	return err
}

// encode writes a line of JSON that is read by people, too: > stays >.
func (d *decoder) encode(v any) error {
	e := json.NewEncoder(d.out)
	e.SetEscapeHTML(false)
	return e.Encode(v)
}
