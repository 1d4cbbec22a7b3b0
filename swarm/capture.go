package swarm

import (
	"bytes"
	"io"
	"net"
	"net/netip"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
	"github.com/gopacket/gopacket/pcapgo"
	"github.com/slload/slload/circuit"
)

// maxSnap is the longest packet that a capture holds whole, in bytes.
const maxSnap = 65535

// capture gives a tap that writes what one agent sends and receives as a pcap
// file of IPv4 packets: the first agent that sends, known by its endpoint. It
// ends at the first failure to write. Each Write is whole: the file's header
// first, then a packet each.
func capture(w io.Writer) circuit.Tap {
	var record bytes.Buffer
	file := pcapgo.NewWriterNanos(&record)
	write := func(err error) error {
		if err == nil {
			_, err = w.Write(record.Bytes())
		}
		record.Reset()
		return err
	}
	broken := write(file.WriteFileHeader(maxSnap, layers.LinkTypeRaw)) != nil
	var agent netip.AddrPort
	return func(at circuit.Instant, out bool, local, peer netip.AddrPort, data []byte) {
		if out && !agent.IsValid() {
			agent = local
		}
		if broken || local != agent {
			return
		}
		from, to := peer, local
		if out {
			from, to = local, peer
		}
		packet, err := datagram(from, to, data)
		if err == nil {
			err = write(file.WritePacket(gopacket.CaptureInfo{
				Timestamp: at.Time(), CaptureLength: len(packet), Length: len(packet),
			}, packet))
		}
		broken = err != nil
	}
}

// datagram puts the IPv4 and UDP headers before data.
func datagram(from, to netip.AddrPort, data []byte) ([]byte, error) {
	ip := layers.IPv4{
		Version: 4, TTL: 64, Protocol: layers.IPProtocolUDP,
		SrcIP: net.IP(from.Addr().AsSlice()), DstIP: net.IP(to.Addr().AsSlice()),
	}
	udp := layers.UDP{SrcPort: layers.UDPPort(from.Port()), DstPort: layers.UDPPort(to.Port())}
	if err := udp.SetNetworkLayerForChecksum(&ip); err != nil {
		return nil, err
	}
	b := gopacket.NewSerializeBuffer()
	opts := gopacket.SerializeOptions{FixLengths: true, ComputeChecksums: true}
	if err := gopacket.SerializeLayers(b, opts, &ip, &udp, gopacket.Payload(data)); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}
