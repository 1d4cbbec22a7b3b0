package capture

import (
	"bytes"
	"compress/gzip"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
	"github.com/gopacket/gopacket/pcapgo"

	"github.com/slload/slload/message"
)

// Two datagrams between a client and a simulator: PacketAck of 7, and a
// StartPingCheck with an appended ack.
var (
	packetAck = mustHex("000000000100fffffffb0107000000")
	pingCheck = mustHex("1000000002000103000000000000000901")

	client    = netip.MustParseAddrPort("127.1.0.5:40000")
	simulator = netip.MustParseAddrPort("127.0.0.1:9000")
	began     = time.Date(2026, 3, 4, 5, 6, 7, 890_000_000, time.UTC)
)

func mustHex(text string) []byte {
	b, err := hex.DecodeString(text)
	if err != nil {
		panic(err)
	}
	return b
}

// said is what each form of the two datagrams holds; frames are those given.
func said(first, second int) []Datagram {
	return []Datagram{
		{Frame: first, At: began, From: client, To: simulator, Data: packetAck},
		{Frame: second, At: began, From: simulator, To: client, Data: pingCheck},
	}
}

// packet is an IPv4 packet, in an Ethernet frame if wanted.
func packet(from, to netip.AddrPort, ethernet bool, transport gopacket.SerializableLayer, payload []byte) []byte {
	ip := &layers.IPv4{Version: 4, TTL: 64, Protocol: layers.IPProtocolUDP, SrcIP: from.Addr().AsSlice(), DstIP: to.Addr().AsSlice()}
	stack := []gopacket.SerializableLayer{ip, transport, gopacket.Payload(payload)}
	if _, tcp := transport.(*layers.TCP); tcp {
		ip.Protocol = layers.IPProtocolTCP
	}
	if ethernet {
		mac := net.HardwareAddr{2, 0, 0, 0, 0, 1}
		stack = append([]gopacket.SerializableLayer{&layers.Ethernet{SrcMAC: mac, DstMAC: mac, EthernetType: layers.EthernetTypeIPv4}}, stack...)
	}
	b := gopacket.NewSerializeBuffer()
	if err := gopacket.SerializeLayers(b, gopacket.SerializeOptions{FixLengths: true}, stack...); err != nil {
		panic(err)
	}
	return b.Bytes()
}

func udp(from, to netip.AddrPort, ethernet bool, payload []byte) []byte {
	return packet(from, to, ethernet, &layers.UDP{SrcPort: layers.UDPPort(from.Port()), DstPort: layers.UDPPort(to.Port())}, payload)
}

func info(data []byte, at int) gopacket.CaptureInfo {
	return gopacket.CaptureInfo{Timestamp: began, CaptureLength: len(data), Length: len(data), InterfaceIndex: at}
}

// pcap is the two datagrams with a TCP segment between them.
func pcap(link layers.LinkType) []byte {
	var b bytes.Buffer
	w := pcapgo.NewWriter(&b)
	ethernet := link == layers.LinkTypeEthernet
	w.WriteFileHeader(65535, link)
	for _, data := range [][]byte{
		udp(client, simulator, ethernet, packetAck),
		packet(client, simulator, ethernet, &layers.TCP{SrcPort: 40000, DstPort: 9000}, packetAck),
		udp(simulator, client, ethernet, pingCheck),
	} {
		w.WritePacket(info(data, 0), data)
	}
	return b.Bytes()
}

// pcapng is the same of two interfaces, each of a link type of its own.
func pcapng() []byte {
	var b bytes.Buffer
	w, err := pcapgo.NewNgWriterInterface(&b, pcapgo.NgInterface{Name: "lo", LinkType: layers.LinkTypeRaw}, pcapgo.NgWriterOptions{})
	if err != nil {
		panic(err)
	}
	second, err := w.AddInterface(pcapgo.NgInterface{Name: "eth0", LinkType: layers.LinkTypeEthernet})
	if err != nil {
		panic(err)
	}
	first := udp(client, simulator, false, packetAck)
	w.WritePacket(info(first, 0), first)
	other := packet(client, simulator, true, &layers.TCP{SrcPort: 40000, DstPort: 9000}, nil)
	w.WritePacket(info(other, second), other)
	last := udp(simulator, client, true, pingCheck)
	w.WritePacket(info(last, second), last)
	w.Flush()
	return b.Bytes()
}

func gzipped(data []byte) []byte {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	w.Write(data)
	w.Close()
	return b.Bytes()
}

// pdml is the two datagrams as Wireshark tells of them, with one of TCP
// between; payload writes where the bytes are.
func pdml(payload func(data []byte) string) []byte {
	one := func(proto string, from, to netip.AddrPort, data []byte) string {
		return fmt.Sprintf(`<packet>
  <proto name="geninfo" pos="0"><field name="timestamp" show="Mar  4, 2026" value="1772600767.890000000"/></proto>
  <proto name="ip"><field name="ip.src" show="%s" value="00"/><field name="ip.dst" show="%s"/></proto>
  <proto name="%s"><field name="%s.srcport" show="%d" value="0"/><field name="%s.dstport" show="%d"/></proto>
  %s
</packet>
`, from.Addr(), to.Addr(), proto, proto, from.Port(), proto, to.Port(), payload(data))
	}
	return []byte(`<?xml version="1.0"?><?xml-stylesheet type="text/xsl" href="pdml2html.xsl"?><pdml version="0">` +
		one("udp", client, simulator, packetAck) + one("tcp", client, simulator, packetAck) + one("udp", simulator, client, pingCheck) + `</pdml>`)
}

func modern(data []byte) string {
	return fmt.Sprintf(`<field name="udp.payload" show="0:0" value="%x"/><proto name="fake-field-wrapper"><field name="data" value="00"/></proto>`, data)
}

func older(data []byte) string { return fmt.Sprintf(`<field name="data" value="%x"/>`, data) }

func inner(data []byte) string {
	return fmt.Sprintf(`<proto name="data"><field name="data.data" show="x" value="%x"/></proto>`, data)
}

const lines = `# the first
00000000 0100 ff ff ff fb 01 07 00 00 00

1000000002000103000000000000000901
`

// collect reads a file.
func collect(file []byte) (list []Datagram, err error) {
	err = Read(bytes.NewReader(file), func(d *Datagram) error {
		got := *d
		got.Data = slices.Clone(d.Data)
		got.At = d.At.UTC()
		list = append(list, got)
		return nil
	})
	return list, err
}

var plain = cmp.Comparer(func(a, b netip.AddrPort) bool { return a == b })

func TestEveryFormHoldsTheSame(t *testing.T) {
	for name, tt := range map[string]struct {
		file []byte
		want []Datagram
	}{
		"pcap of IP":            {pcap(layers.LinkTypeRaw), said(1, 3)},
		"pcap of Ethernet":      {pcap(layers.LinkTypeEthernet), said(1, 3)},
		"gzipped pcap":          {gzipped(pcap(layers.LinkTypeRaw)), said(1, 3)},
		"pcapng":                {pcapng(), said(1, 3)},
		"gzipped pcapng":        {gzipped(pcapng()), said(1, 3)},
		"PDML":                  {pdml(modern), said(1, 3)},
		"PDML of the data":      {pdml(older), said(1, 3)},
		"PDML of the data tree": {pdml(inner), said(1, 3)},
		"hex":                   {[]byte(lines), []Datagram{{Frame: 2, Data: packetAck}, {Frame: 4, Data: pingCheck}}},
		"nothing":               {nil, nil},
	} {
		got, err := collect(tt.file)
		if diff := cmp.Diff(tt.want, got, plain); err != nil || diff != "" {
			t.Errorf("%s: %v (-want +got):\n%s", name, err, diff)
		}
	}
}

// A datagram that an ICMP error sends back was sent, and captured, before.
func TestQuotedDatagramsAreNone(t *testing.T) {
	udp := layers.UDP{SrcPort: 40000, DstPort: 9000}
	sent := packet(client, simulator, false, &udp, packetAck)
	icmp := &layers.ICMPv4{TypeCode: layers.CreateICMPv4TypeCode(layers.ICMPv4TypeDestinationUnreachable, layers.ICMPv4CodePort)}
	ip := &layers.IPv4{Version: 4, TTL: 64, Protocol: layers.IPProtocolICMPv4, SrcIP: simulator.Addr().AsSlice(), DstIP: client.Addr().AsSlice()}
	b := gopacket.NewSerializeBuffer()
	if err := gopacket.SerializeLayers(b, gopacket.SerializeOptions{FixLengths: true}, ip, icmp, gopacket.Payload(sent)); err != nil {
		t.Fatal(err)
	}
	var file bytes.Buffer
	w := pcapgo.NewWriter(&file)
	w.WriteFileHeader(65535, layers.LinkTypeRaw)
	for _, data := range [][]byte{b.Bytes(), sent} {
		w.WritePacket(info(data, 0), data)
	}
	named := bytes.ReplaceAll(pdml(modern), []byte(`<proto name="tcp">`), []byte(`<proto name="icmp"/><proto name="udp">`))
	for form, tt := range map[string]struct {
		file []byte
		want []int
	}{"pcap": {file.Bytes(), []int{2}}, "PDML": {named, []int{1, 3}}} {
		got, err := collect(tt.file)
		var frames []int
		for _, d := range got {
			frames = append(frames, d.Frame)
		}
		if diff := cmp.Diff(tt.want, frames); diff != "" || err != nil {
			t.Errorf("%s: %v, packets (-want +got):\n%s", form, err, diff)
		}
	}
}

// What Wireshark made of a capture of ours is what the capture holds.
func TestWiresharksOwn(t *testing.T) {
	read := func(path ...string) []Datagram {
		data, err := os.ReadFile(filepath.Join(path...))
		if err != nil {
			t.Fatal(err)
		}
		got, err := collect(data)
		if err != nil {
			t.Fatal(err)
		}
		for i := range got {
			got[i].At = got[i].At.Truncate(time.Millisecond)
		}
		return got
	}
	want := read("..", "..", "testdata", "captures", "opensim-0.9.2-visit.pcap")
	if diff := cmp.Diff(want[:3], read("testdata", "visit.pdml"), plain); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if want[0].Way() == "" || want[0].At.IsZero() {
		t.Errorf("the first is %+v", want[0])
	}
}

func TestFilesThatAreBroken(t *testing.T) {
	whole, ng := pcap(layers.LinkTypeRaw), pcapng()
	for _, tt := range []struct {
		name, form, text string
		file             []byte
		read             int // datagrams before that
	}{
		{"cut pcap", "pcap", "beyond packet 2", whole[:len(whole)-3], 1},
		{"pcap without a header", "pcap", "beyond packet 0", whole[:10], 0},
		{"cut pcapng", "pcapng", "beyond packet 2", ng[:len(ng)-7], 1},
		{"cut gzip", "pcap", "beyond packet", gzipped(whole)[:80], 0},
		{"no gzip", "gzip", "", []byte("\x1F\x8B nothing"), 0},
		{"cut PDML", "PDML", "beyond packet 1", pdml(modern)[:900], 1},
		{"other XML", "PDML", `begins with the element "html", not pdml`, []byte("<html></html>"), 0},
		{"only a declaration", "PDML", "unexpected EOF", []byte(`<?xml version="1.0"?>`), 0},
		{"PDML of no hex", "PDML", "its payload is no hex", bytes.Replace(pdml(older), []byte("1000000002"), []byte("zz"), 1), 1},
		{"XML that isn't", "PDML", "beyond packet 0", []byte("<pdml><packet></pdml>"), 0},
		{"deep PDML", "PDML", "nested more than 128 deep", []byte("<pdml>" + strings.Repeat("<field>", 200)), 0},
		{"a packet without end", "PDML", "more than 2097152 bytes of XML", []byte(`<pdml><packet><field value="` + strings.Repeat("00", mostOfPDML/2) + `"/>`), 0},
		{"no hex", "hex", "line 2 is no hex", []byte("00\nhello"), 1},
		{"half a byte", "hex", "line 1 is no hex: encoding/hex: odd length", []byte("000"), 0},
		{"a long line", "hex", "line 2 is no hex: it is longer than 1048576", []byte("00\n" + strings.Repeat("0", longestLine+2)), 1},
	} {
		got, err := collect(tt.file)
		var bad *Error
		if len(got) != tt.read || !errors.As(err, &bad) || bad.Form != tt.form || !strings.Contains(err.Error(), tt.text) {
			t.Errorf("%s: %d datagrams, then %v", tt.name, len(got), err)
		}
	}
}

// Who reads decides where it ends, and what can't be read is no bad form.
func TestErrorsOfOthersPass(t *testing.T) {
	enough := errors.New("enough")
	for name, file := range map[string][]byte{"pcap": pcap(layers.LinkTypeRaw), "pcapng": pcapng(), "PDML": pdml(modern), "hex": []byte(lines)} {
		n := 0
		err := Read(bytes.NewReader(file), func(*Datagram) error { n++; return enough })
		if n != 1 || !errors.Is(err, enough) || errors.As(err, new(*Error)) {
			t.Errorf("%s: %d datagrams, then %v", name, n, err)
		}
	}
	broken := errors.New("the disk is broken")
	if err := Read(io.MultiReader(strings.NewReader("00"), failing{broken}), nil); !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
}

type failing struct{ error }

func (f failing) Read([]byte) (int, error) { return 0, f.error }

func TestTally(t *testing.T) {
	var tally Tally
	for _, data := range [][]byte{pingCheck, packetAck, pingCheck, {0}, mustHex("000000000100ff"), mustHex("000000000100ffff7fff")} {
		d := Decode(message.CompiledIn(), data)
		if (d.Message == nil) != (d.Err != nil) || (d.Name() == "") != (d.Err != nil) {
			t.Errorf("%x: %+v", data, d)
		}
		tally.Add(data, &d)
	}
	if diff := cmp.Diff([]Count{{"StartPingCheck", 2}, {"PacketAck", 1}}, tally.Counts()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if tally.Datagrams != 6 || tally.Failed != 3 || len(tally.Failures) != 3 || tally.Failures[0].Datagram != 4 || tally.Failures[2].Err == nil {
		t.Errorf("got %+v", tally)
	}
	for range 2 * maxFailures {
		d := Decode(message.CompiledIn(), nil)
		tally.Add(nil, &d)
	}
	if len(tally.Failures) != maxFailures || tally.Failed != 3+2*maxFailures {
		t.Errorf("%d failures kept of %d", len(tally.Failures), tally.Failed)
	}
	// A byte more than the template has.
	if d := Decode(message.CompiledIn(), append(slices.Clone(packetAck), 0)); d.Err != nil || d.Beyond != 1 {
		t.Errorf("got %+v", d)
	}
}

// A capture that goes on in another section, as where files are put together,
// has its interfaces anew.
func TestSections(t *testing.T) {
	got, err := collect(append(pcapng(), pcapng()...))
	if diff := cmp.Diff(append(said(1, 3), said(4, 6)...), got, plain); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}

// FuzzRead: no file makes a reader panic, hang or hand out what is longer than
// the file; what comes out decodes or is an error.
func FuzzRead(f *testing.F) {
	for _, file := range [][]byte{
		pcap(layers.LinkTypeRaw), pcap(layers.LinkTypeEthernet), pcapng(), pdml(modern), pdml(older), []byte(lines), gzipped([]byte(lines)),
	} {
		f.Add(file)
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		got, err := collect(file)
		if err != nil && err.Error() == "" {
			t.Error("an error without words")
		}
		zipped := len(file) > 1 && file[0] == 0x1F
		var tally Tally
		for i, d := range got {
			if !zipped && len(d.Data) > len(file) {
				t.Errorf("%d bytes of a file that has %d", len(d.Data), len(file))
			}
			if d.Frame < 1 || i > 0 && d.Frame <= got[i-1].Frame {
				t.Errorf("frame %d", d.Frame)
			}
			said := Decode(message.CompiledIn(), d.Data)
			tally.Add(d.Data, &said)
		}
		if tally.Datagrams != len(got) {
			t.Errorf("%d counted of %d", tally.Datagrams, len(got))
		}
	})
}
