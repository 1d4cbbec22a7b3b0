package agent

import (
	"context"
	"fmt"
	"math/rand/v2"

	"github.com/slload/slload/message"
)

const xferLast = 1 << 31 // of SendXferPacket's Packet: the file ends here

// errXferAborted is an AbortXfer in place of a file.
var errXferAborted = &failure{"xfer_aborted", "the simulator broke the transfer off"}

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
	kinds := []message.ID{message.IDSendXferPacket, message.IDAbortXfer}
	aborted, err := requestAny(ctx, a, "the file "+name+" (SendXferPacket)", kinds, a.sending(&ask), func(m message.Message) (aborted, done bool) {
		switch m := m.(type) {
		case *message.AbortXfer:
			return true, m.XferID.ID == id
		case *message.SendXferPacket:
			if m.XferID.ID != id {
				return false, false
			}
			done = file.addXfer(m.XferID.Packet, m.DataPacket.Data)
			confirm := message.ConfirmXferPacket{XferID: message.ConfirmXferPacketXferID{ID: id, Packet: m.XferID.Packet}}
			a.root.tell(a.loop.Now(), &confirm)
		}
		return false, done
	})
	switch {
	case err != nil:
		return nil, err
	case aborted:
		return nil, fmt.Errorf("fetch the file %s: %w", name, errXferAborted)
	}
	return file.whole()
}
