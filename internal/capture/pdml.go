package capture

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"strconv"
	"strings"
	"time"
)

const (
	// mostOfPDML bounds what one packet's XML may take, in bytes: Wireshark's
	// description of the longest datagram has some 800 KB.
	mostOfPDML = 2 << 20
	// deepestPDML bounds its nesting, which is ten or so.
	deepestPDML = 128
)

// readPDML reads Wireshark's XML: a packet element holds a proto element for
// each protocol, those hold fields, nested, with what was in the packet as hex
// in "value". A datagram is in udp.payload; before Wireshark wrote that it was
// in the field data, or data.data, beside the protocols.
func readPDML(r io.Reader, each func(*Datagram) error) error {
	in := &allowance{r: r, left: mostOfPDML}
	xmls := xml.NewDecoder(in)
	var p pdmlPacket
	frame, depth, known := 0, 0, false
	for {
		token, err := xmls.Token()
		if errors.Is(err, io.EOF) && known {
			return nil
		}
		if err != nil {
			return &Error{"PDML", frame, noEOF(err)}
		}
		switch t := token.(type) {
		case xml.StartElement:
			if depth++; depth > deepestPDML {
				return &Error{"PDML", frame, fmt.Errorf("its elements are nested more than %d deep", deepestPDML)}
			}
			if !known && t.Name.Local != "pdml" {
				return &Error{"PDML", 0, fmt.Errorf("it begins with the element %.40q, not pdml", t.Name.Local)}
			}
			known = true
			if t.Name.Local == "packet" {
				p = pdmlPacket{}
			}
			p.take(t)
		case xml.EndElement:
			depth--
			if t.Name.Local != "packet" {
				continue
			}
			frame++
			in.left = mostOfPDML
			d, err := p.datagram(frame)
			if err != nil {
				return &Error{"PDML", frame, err}
			}
			if d != nil {
				if err := each(d); err != nil {
					return err
				}
			}
		}
	}
}

// noEOF is err but for a file that ends too soon.
func noEOF(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// pdmlPacket is what is known of a packet, as text.
type pdmlPacket struct {
	udp                      bool
	quoted                   bool // what follows is quoted by an ICMP error, and was sent before
	time                     string
	src, dst, sport, dport   string
	payload, data, dataField string
}

// take takes what an element tells. Of two datagrams in one packet, as in a
// tunnel, the outer counts; one that an ICMP error quotes doesn't.
func (p *pdmlPacket) take(e xml.StartElement) {
	var name, show, value string
	for _, a := range e.Attr {
		switch a.Name.Local {
		case "name":
			name = a.Value
		case "show":
			show = a.Value
		case "value":
			value = a.Value
		}
	}
	if e.Name.Local == "proto" {
		p.quoted = p.quoted || name == "icmp" || name == "icmpv6"
		p.udp = p.udp || name == "udp" && !p.quoted
		return
	}
	into, from := (*string)(nil), show
	switch name {
	case "timestamp":
		into, from = &p.time, value
	case "ip.src", "ipv6.src":
		into = &p.src
	case "ip.dst", "ipv6.dst":
		into = &p.dst
	case "udp.srcport":
		into = &p.sport
	case "udp.dstport":
		into = &p.dport
	case "udp.payload":
		into, from = &p.payload, value
	case "data":
		into, from = &p.data, value
	case "data.data":
		into, from = &p.dataField, value
	}
	if into != nil && *into == "" {
		*into = strings.Clone(from)
	}
}

// datagram gives the packet's; nil if it is none.
func (p *pdmlPacket) datagram(frame int) (*Datagram, error) {
	text := p.payload
	if text == "" {
		text = p.data
	}
	if text == "" {
		text = p.dataField
	}
	if !p.udp || text == "" {
		return nil, nil
	}
	data, err := Hex(text)
	if err != nil {
		return nil, fmt.Errorf("its payload is no hex: %w", err)
	}
	d := &Datagram{Frame: frame, Data: data, From: pdmlAddress(p.src, p.sport), To: pdmlAddress(p.dst, p.dport)}
	if at, err := strconv.ParseFloat(p.time, 64); err == nil && at > 0 && at < 1<<40 {
		d.At = time.UnixMicro(int64(at * 1e6)).UTC()
	}
	return d, nil
}

// pdmlAddress is not valid where the file doesn't tell it.
func pdmlAddress(ip, port string) netip.AddrPort {
	addr, err := netip.ParseAddr(ip)
	number, err2 := strconv.ParseUint(port, 10, 16)
	if err != nil || err2 != nil {
		return netip.AddrPort{}
	}
	return netip.AddrPortFrom(addr, uint16(number))
}

// allowance is a reader that ends with an error when more was read than is
// left.
type allowance struct {
	r    io.Reader
	left int
}

func (a *allowance) Read(p []byte) (int, error) {
	if a.left <= 0 {
		return 0, fmt.Errorf("one packet has more than %d bytes of XML", mostOfPDML)
	}
	n, err := a.r.Read(p[:min(len(p), a.left)])
	a.left -= n
	return n, err
}
