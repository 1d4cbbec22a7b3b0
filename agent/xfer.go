package agent

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"

	"github.com/slload/slload/message"
)

const (
	xferLast   = 1 << 31  // of SendXferPacket's Packet: the file ends here
	mostOfFile = 16 << 20 // bytes
)

// xferFile is one that comes in pieces, in whatever order: a simulator sends
// ahead of the confirmations.
type xferFile struct {
	pieces map[uint32][]byte
	count  uint32 // of pieces; 0 before the last has come
	size   int
}

// take notes a piece; done tells that it was the last that was missing.
func (f *xferFile) take(packet uint32, data []byte) (done bool, err error) {
	number := packet &^ xferLast
	if packet&xferLast != 0 {
		f.count = number + 1
	}
	if _, had := f.pieces[number]; !had {
		if number == 0 { // begins with the file's length
			data = data[min(4, len(data)):]
		}
		f.pieces[number] = bytes.Clone(data)
		f.size += len(data)
	}
	if f.size > mostOfFile {
		return false, fmt.Errorf("the file is longer than %d bytes", mostOfFile)
	}
	return f.count > 0 && len(f.pieces) >= int(f.count), nil
}

func (f *xferFile) whole() []byte {
	all := make([]byte, 0, f.size)
	for i := range f.count {
		all = append(all, f.pieces[i]...)
	}
	return all
}

// downloadFile fetches a file that the simulator offers by name (RequestXfer,
// SendXferPacket, ConfirmXferPacket): mute lists and objects' contents.
func (a *Agent) downloadFile(ctx context.Context, name string) ([]byte, error) {
	id := rand.Uint64()
	ask := message.RequestXfer{XferID: message.RequestXferXferID{
		ID: id, Filename: message.Text(name), DeleteOnCompletion: true, VFileType: -1,
	}}
	type result struct {
		data []byte
		err  error
	}
	file := &xferFile{pieces: map[uint32][]byte{}}
	got, err := request(ctx, a, "the file "+name+" (SendXferPacket)", message.IDSendXferPacket, a.sending(&ask), func(m message.Message) (result, bool) {
		packet := m.(*message.SendXferPacket)
		if packet.XferID.ID != id {
			return result{}, false
		}
		done, err := file.take(packet.XferID.Packet, packet.DataPacket.Data)
		if err != nil {
			return result{nil, err}, true
		}
		confirm := message.ConfirmXferPacket{XferID: message.ConfirmXferPacketXferID{ID: id, Packet: packet.XferID.Packet}}
		a.root.tell(a.loop.Now(), &confirm)
		if !done {
			return result{}, false
		}
		return result{file.whole(), nil}, true
	})
	if err != nil {
		return nil, err
	}
	return got.data, got.err
}
