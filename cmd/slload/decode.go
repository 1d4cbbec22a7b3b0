package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/slload/slload/internal/capture"
	"github.com/slload/slload/message"
	"github.com/slload/slload/message/template"
	"github.com/spf13/cobra"
)

// decodeFlags are the flags of `slload decode`.
type decodeFlags struct {
	template, format string
	counts           bool
	ports            []uint16
	portsGiven       []uint
	n                int
}

func newDecode() *cobra.Command {
	var f decodeFlags
	c := &cobra.Command{
		Use:   "decode FILE... | HEX... | -",
		Short: "Decode datagrams of the grid's UDP protocol",
		Long: `Decode datagrams and count them by message. What is decoded are the UDP packets
of captures, pcap or pcapng, gzipped or not, and of Wireshark's exports as PDML
(tshark -T pdml); files with a datagram in hex a line; and datagrams written in
hex. What a file is it says itself; - reads one from standard input.

--template decodes by another message template than the one that is built in.
The exit code is 3 if a datagram could not be decoded.`,
		Example: `  slload decode 000000000100fffffffb0107000000
  slload decode first-agent.pcap --format json
  slload decode wireshark.pcapng --port 13000 --counts
  tshark -r wireshark.pcapng -T pdml | slload decode -`,
		Args: func(c *cobra.Command, args []string) error {
			if len(args) == 0 {
				return &usageError{fmt.Errorf("%s needs a file or datagrams in hex; see %s --help", c.CommandPath(), c.CommandPath())}
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error { return f.run(c, args) },
	}
	fl := c.Flags()
	fl.StringVar(&f.template, "template", "", "message template to decode by")
	fl.StringVar(&f.format, "format", "text", "text or json (a line a datagram, the counts in the last)")
	fl.BoolVar(&f.counts, "counts", false, "print only how many there were of each message, and what could not be decoded")
	fl.UintSliceVar(&f.portsGiven, "port", nil, "decode only what came from or went to this UDP port; may be given again")
	fl.IntVarP(&f.n, "number", "n", 0, "decode so many datagrams at most; 0: all")
	must(c.RegisterFlagCompletionFunc("format", fixed("text", "json")))
	must(c.MarkFlagFilename("template", "msg"))
	return c
}

func (f *decodeFlags) run(c *cobra.Command, args []string) error {
	if f.format != "text" && f.format != "json" {
		return &usageError{fmt.Errorf("--format %q: want text or json", f.format)}
	}
	if f.n < 0 {
		return &usageError{fmt.Errorf("-n %d: give how many datagrams to decode at most, or 0 for all", f.n)}
	}
	for _, port := range f.portsGiven {
		if port == 0 || port > 65535 {
			return &usageError{fmt.Errorf("--port %d: give a UDP port, 1 to 65535", port)}
		}
		f.ports = append(f.ports, uint16(port))
	}
	catalogue, err := loadCatalogue(f.template)
	if err != nil {
		return err
	}
	d := decoder{decodeFlags: f, out: c.OutOrStdout(), in: c.InOrStdin(), catalogue: catalogue}
	d.print = d.printText
	if f.format == "json" {
		d.print = d.printJSON
	}
	for _, arg := range args {
		if err := d.arg(arg); err != nil && !errors.Is(err, errEnough) {
			return err
		}
	}
	if err := d.printCounts(); err != nil {
		return err
	}
	return d.verdict()
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

// decoder prints datagrams one after another, and counts them.
type decoder struct {
	*decodeFlags
	out       io.Writer
	in        io.Reader
	catalogue *message.Catalogue
	print     func(*capture.Datagram, *capture.Decoded) error

	files bool // there were others than hex arguments
	tally capture.Tally
}

// errEnough ends a file of which nobody wants more.
var errEnough = errors.New("enough was decoded")

// arg decodes one argument: standard input, hex, or a file.
func (d *decoder) arg(arg string) error {
	if arg == "-" {
		return d.file("standard input", d.in)
	}
	data, notHex := capture.Hex(arg)
	if notHex == nil && arg != "" {
		return d.datagram(&capture.Datagram{Data: data})
	}
	f, err := os.Open(arg)
	if errors.Is(err, os.ErrNotExist) {
		return &usageError{fmt.Errorf("%q is neither a file nor hex: %w", arg, notHex)}
	}
	if err != nil {
		return &usageError{err}
	}
	defer f.Close() //nolint:errcheck // it was only read
	return d.file(arg, f)
}

func (d *decoder) file(name string, r io.Reader) error {
	d.files = true
	before := d.tally.Datagrams
	var output *outputError
	err := capture.Read(r, d.datagram)
	switch {
	case err == nil || errors.Is(err, errEnough):
		return err
	case errors.As(err, &output):
		return output.error
	}
	return &usageError{fmt.Errorf("read %s, of which %d datagrams are decoded: %w", name, d.tally.Datagrams-before, err)}
}

// outputError is one of writing, as against one of the file that is read.
type outputError struct{ error }

// datagram decodes and prints one, if it is wanted.
func (d *decoder) datagram(got *capture.Datagram) error {
	if len(d.ports) > 0 && !slices.Contains(d.ports, got.From.Port()) && !slices.Contains(d.ports, got.To.Port()) {
		return nil
	}
	if d.n > 0 && d.tally.Datagrams == d.n {
		return errEnough
	}
	said := capture.Decode(d.catalogue, got.Data)
	d.tally.Add(got.Data, &said)
	if d.counts {
		return nil
	}
	if err := d.print(got, &said); err != nil {
		return &outputError{err}
	}
	return nil
}

// verdict is an error if something could not be decoded.
func (d *decoder) verdict() error {
	if d.tally.Failed > 0 {
		return &checkError{fmt.Errorf("%d of %d datagrams could not be decoded", d.tally.Failed, d.tally.Datagrams)}
	}
	return nil
}
