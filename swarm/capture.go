package swarm

import (
	"bytes"
	"io"
	"net"
	"net/netip"

	"github.com/google/uuid"
	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
	"github.com/gopacket/gopacket/pcapgo"
	"github.com/slload/slload/circuit"
	"github.com/slload/slload/message"
)

// maxSnap is the longest packet that a capture holds whole, in bytes.
const maxSnap = 65535

// capture gives a tap that writes what one agent sends and receives as a pcap
// file of IPv4 packets: the first agent that sends. It ends at the first failure
// to write. Each Write is whole: the file's header first, then a packet each.
//
// Agents at different simulators may have one endpoint, so that it takes the
// UseCircuitCode that opens each circuit to tell whose that is.
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
	var agent uuid.UUID
	type ends struct{ local, peer netip.AddrPort }
	circuits := map[ends]bool{} // the agent's
	return func(at circuit.Instant, out bool, local, peer netip.AddrPort, data []byte) {
		if who, ok := opens(data); out && ok {
			if agent == uuid.Nil {
				agent = who
			}
			circuits[ends{local, peer}] = who == agent
		}
		if broken || !circuits[ends{local, peer}] {
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

// opens gives the agent that a datagram opens a circuit for.
func opens(data []byte) (agent uuid.UUID, ok bool) {
	p, err := message.ParsePacket(data)
	if err != nil || p.Flags&message.FlagZerocoded != 0 {
		return uuid.Nil, false // it is never zero-coded
	}
	n, size, err := message.ReadNumber(p.Body)
	if err != nil || n != message.IDUseCircuitCode.Number() {
		return uuid.Nil, false
	}
	var m message.UseCircuitCode
	_, err = m.DecodeBody(p.Body[size:])
	return m.CircuitCode.ID, err == nil
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
