package capture

import (
	"errors"
	"io"
	"net"
	"net/netip"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
	"github.com/gopacket/gopacket/pcapgo"
)

func readPCAP(r io.Reader, each func(*Datagram) error) error {
	file, err := pcapgo.NewReader(r)
	if err != nil {
		return &Error{Form: "pcap", Err: err}
	}
	return readPackets("pcap", each, func() ([]byte, gopacket.CaptureInfo, layers.LinkType, error) {
		data, info, err := file.ReadPacketData()
		return data, info, file.LinkType(), err
	})
}

func readPCAPNG(r io.Reader, each func(*Datagram) error) error {
	// One file may hold several interfaces, each of a kind of its own.
	file, err := pcapgo.NewNgReader(r, pcapgo.NgReaderOptions{WantMixedLinkType: true, SkipUnknownVersion: true})
	if err != nil {
		return &Error{Form: "pcapng", Err: err}
	}
	return readPackets("pcapng", each, func() ([]byte, gopacket.CaptureInfo, layers.LinkType, error) {
		data, info, err := file.ReadPacketData()
		link := layers.LinkTypeNull
		if len(info.AncillaryData) > 0 {
			link, _ = info.AncillaryData[0].(layers.LinkType)
		}
		return data, info, link, err
	})
}

// readPackets gives each the payload of every UDP packet that next brings.
func readPackets(form string, each func(*Datagram) error, next func() ([]byte, gopacket.CaptureInfo, layers.LinkType, error)) error {
	for frame := 1; ; frame++ {
		data, info, link, err := next()
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return &Error{form, frame - 1, err}
		}
		packet := gopacket.NewPacket(data, link, gopacket.NoCopy)
		udp, ok := packet.Layer(layers.LayerTypeUDP).(*layers.UDP)
		if !ok || packet.NetworkLayer() == nil {
			continue
		}
		from, to := packet.NetworkLayer().NetworkFlow().Endpoints()
		d := Datagram{
			Frame: frame, At: info.Timestamp, Data: udp.Payload,
			From: address(from, uint16(udp.SrcPort)), To: address(to, uint16(udp.DstPort)),
		}
		if err := each(&d); err != nil {
			return err
		}
	}
}

func address(e gopacket.Endpoint, port uint16) netip.AddrPort {
	ip, _ := netip.AddrFromSlice(net.IP(e.Raw()))
	return netip.AddrPortFrom(ip.Unmap(), port)
}
