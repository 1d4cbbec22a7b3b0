package agent

import (
	"context"
	"math/rand/v2"

	"github.com/slload/slload/message"
)

const xferLast = 1 << 31 // of SendXferPacket's Packet: the file ends here

// addXfer takes a packet of a file, which may come in any order: a simulator
// sends ahead of the confirmations.
func (p *pieces) addXfer(packet uint32, data []byte) (done bool) {
	number := int(packet &^ xferLast)
	if packet&xferLast != 0 {
		p.count = number + 1
	}
	if number == 0 { // begins with the file's length
		data = data[min(4, len(data)):]
	}
	return p.add(number, data)
}

// downloadFile fetches a file that the simulator offers by name (RequestXfer,
// SendXferPacket, ConfirmXferPacket): mute lists and objects' contents.
func (a *Agent) downloadFile(ctx context.Context, name string) ([]byte, error) {
	id := rand.Uint64()
	ask := message.RequestXfer{XferID: message.RequestXferXferID{
		ID: id, Filename: message.Text(name), DeleteOnCompletion: true, VFileType: -1,
	}}
	file := newPieces()
	_, err := request(ctx, a, "the file "+name+" (SendXferPacket)", message.IDSendXferPacket, a.sending(&ask), func(m message.Message) (_ struct{}, done bool) {
		packet := m.(*message.SendXferPacket)
		if packet.XferID.ID != id {
			return struct{}{}, false
		}
		done = file.addXfer(packet.XferID.Packet, packet.DataPacket.Data)
		confirm := message.ConfirmXferPacket{XferID: message.ConfirmXferPacketXferID{ID: id, Packet: packet.XferID.Packet}}
		a.root.tell(a.loop.Now(), &confirm)
		return struct{}{}, done
	})
	if err != nil {
		return nil, err
	}
	return file.whole()
}
