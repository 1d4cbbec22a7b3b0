package main

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
	"github.com/gopacket/gopacket/pcapgo"
	"github.com/slload/slload/message"
	"github.com/slload/slload/message/template"
	"github.com/spf13/cobra"
)

func newDecode() *cobra.Command {
	var templateFile, format string
	c := &cobra.Command{
		Use:   "decode FILE.pcap | HEX...",
		Short: "Decode datagrams of the grid's UDP protocol",
		Long: `Decode datagrams: all UDP packets of a pcap file, or datagrams written in hex.
--template decodes by another message template than the one that is built in.`,
		Example: `  slload decode 000000000100fffffffb0107000000
  slload decode first-agent.pcap --format json`,
		Args: func(c *cobra.Command, args []string) error {
			if len(args) == 0 {
				return &usageError{fmt.Errorf("%s needs a pcap file or datagrams in hex; see %s --help", c.CommandPath(), c.CommandPath())}
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			if format != "text" && format != "json" {
				return &usageError{fmt.Errorf("--format %q: want text or json", format)}
			}
			catalogue, err := loadCatalogue(templateFile)
			if err != nil {
				return err
			}
			d := decoder{out: c.OutOrStdout(), json: format == "json", catalogue: catalogue}
			if len(args) == 1 && strings.HasSuffix(args[0], ".pcap") {
				err = d.pcap(args[0])
			} else {
				err = d.hex(args)
			}
			if err != nil {
				return err
			}
			return d.verdict()
		},
	}
	c.Flags().StringVar(&templateFile, "template", "", "message template to decode by")
	c.Flags().StringVar(&format, "format", "text", "text or json (a line a datagram)")
	must(c.RegisterFlagCompletionFunc("format", fixed("text", "json")))
	must(c.MarkFlagFilename("template", "msg"))
	return c
}

func loadCatalogue(file string) (*message.Catalogue, error) {
	if file == "" {
		return message.CompiledIn(), nil
	}
	f, err := os.Open(file)
	if err != nil {
		return nil, &usageError{fmt.Errorf("--template: %w", err)}
	}
	defer f.Close() //nolint:errcheck // it was only read
	t, err := template.Parse(f, file)
	if err != nil {
		return nil, &usageError{fmt.Errorf("--template: %w", err)}
	}
	return message.LoadCatalogue(t), nil
}

// decoder prints datagrams one after another.
type decoder struct {
	out       io.Writer
	json      bool
	catalogue *message.Catalogue

	count, failed int
}

func (d *decoder) pcap(name string) error {
	f, err := os.Open(name)
	if err != nil {
		return &usageError{err}
	}
	defer f.Close() //nolint:errcheck // it was only read
	r, err := pcapgo.NewReader(f)
	if err != nil {
		return &usageError{fmt.Errorf("%s is no pcap file: %w", name, err)}
	}
	for {
		data, _, err := r.ReadPacketData()
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return &usageError{fmt.Errorf("read %s after %d datagrams: %w", name, d.count, err)}
		}
		packet := gopacket.NewPacket(data, r.LinkType(), gopacket.NoCopy)
		udp, ok := packet.Layer(layers.LayerTypeUDP).(*layers.UDP)
		if !ok {
			continue
		}
		from, to := packet.NetworkLayer().NetworkFlow().Endpoints()
		way := fmt.Sprintf("%v:%d > %v:%d", from, udp.SrcPort, to, udp.DstPort)
		if err := d.datagram(way, udp.Payload); err != nil {
			return err
		}
	}
}

func (d *decoder) hex(args []string) error {
	for _, arg := range args {
		data, err := hex.DecodeString(arg)
		if err != nil {
			return &usageError{fmt.Errorf("%q is neither a .pcap file nor hex: %w", arg, err)}
		}
		if err := d.datagram("", data); err != nil {
			return err
		}
	}
	return nil
}

// datagram prints one, or what is wrong with it.
func (d *decoder) datagram(way string, data []byte) error {
	d.count++
	p, m, err := d.decode(data)
	if err != nil {
		d.failed++
	}
	if d.json {
		return d.printJSON(way, p, m, err)
	}
	return d.printText(way, p, m, err)
}

func (d *decoder) decode(data []byte) (message.Packet, message.Message, error) {
	p, err := message.ParsePacket(data)
	if err != nil {
		return p, nil, err
	}
	body, err := p.Decoded(nil)
	if err != nil {
		return p, nil, err
	}
	m, _, err := d.catalogue.Decode(body)
	if err != nil {
		return p, nil, err
	}
	return p, m, nil
}

func (d *decoder) printText(way string, p message.Packet, m message.Message, err error) error {
	if way != "" {
		way += ","
	}
	fmt.Fprintln(d.out, strings.Join(strings.Fields(fmt.Sprintf("#%d %s sequence %d%s", d.count, way, p.Sequence, flagWords(p))), " "))
	if err != nil {
		_, werr := fmt.Fprintf(d.out, "  cannot be decoded: %v\n", err)
		return werr
	}
	_, werr := d.out.Write(append(message.AppendText(nil, m), '\n'))
	return werr
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
	Sequence uint32          `json:"sequence"`
	Reliable bool            `json:"reliable,omitempty"`
	Resent   bool            `json:"resent,omitempty"`
	Acks     []uint32        `json:"acks,omitempty"`
	Message  json.RawMessage `json:"message,omitempty"`
	Error    string          `json:"error,omitempty"`
}

func (d *decoder) printJSON(way string, p message.Packet, m message.Message, err error) error {
	line := decodedLine{
		Way: way, Sequence: p.Sequence,
		Reliable: p.Flags&message.FlagReliable != 0, Resent: p.Flags&message.FlagResent != 0,
	}
	for i := range p.NumAcks() {
		line.Acks = append(line.Acks, p.Ack(i))
	}
	if err != nil {
		line.Error = err.Error()
	} else {
		line.Message = message.AppendJSON(nil, m)
	}
	return json.NewEncoder(d.out).Encode(line)
}

// verdict is an error if something could not be decoded.
func (d *decoder) verdict() error {
	if d.failed > 0 {
		return &checkError{fmt.Errorf("%d of %d datagrams could not be decoded", d.failed, d.count)}
	}
	return nil
}
