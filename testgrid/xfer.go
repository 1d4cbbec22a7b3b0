package testgrid

import (
	"encoding/binary"

	"github.com/slload/slload/circuit"
	"github.com/slload/slload/message"
)

const (
	xferPiece = 1024    // bytes of a file in a SendXferPacket
	xferLast  = 1 << 31 // of its Packet: the file ends here
	mostFiles = 16      // that wait for one client to fetch them
)

// download is a file on its way to a client.
type download struct {
	data []byte
	sent uint32 // packets
}

// downloads are the files that a client was told of and those that it fetches.
// The region's loop owns them; nil until there is one.
type downloads struct {
	offered map[string][]byte // by name
	running map[uint64]*download
}

// offer lets a client fetch a file by its name.
func (c *client) offer(name string, data []byte) {
	if c.files == nil {
		c.files = &downloads{offered: map[string][]byte{}, running: map[uint64]*download{}}
	}
	if len(c.files.offered) < mostFiles {
		c.files.offered[name] = data
	}
}

// onRequestXfer begins to send a file. A name that wasn't offered gets no
// answer, as on OpenSim.
func (g *Grid) onRequestXfer(ev *circuit.Event) {
	m := &ev.Message.(*message.RequestXfer).XferID
	c, ok := ev.Circuit.Owner.(*client)
	if !ok || c.files == nil || len(c.files.running) >= mostFiles {
		return
	}
	name := message.String(m.Filename)
	data, offered := c.files.offered[name]
	if !offered || c.files.running[m.ID] != nil {
		return
	}
	delete(c.files.offered, name)
	c.files.running[m.ID] = &download{data: data}
	c.sendPiece(ev.Now, m.ID)
}

// onConfirmXferPacket sends the next piece, or forgets a file that has
// arrived.
func (g *Grid) onConfirmXferPacket(ev *circuit.Event) {
	m := &ev.Message.(*message.ConfirmXferPacket).XferID
	c, ok := ev.Circuit.Owner.(*client)
	if !ok || c.files == nil {
		return
	}
	d := c.files.running[m.ID]
	if d == nil || m.Packet&^xferLast != d.sent-1 {
		return
	}
	if int(d.sent)*xferPiece >= len(d.data) {
		delete(c.files.running, m.ID)
		return
	}
	c.sendPiece(ev.Now, m.ID)
}

// sendPiece sends a file's next 1,024 bytes; the first have its length before
// them.
func (c *client) sendPiece(now circuit.Instant, id uint64) {
	d := c.files.running[id]
	start := int(d.sent) * xferPiece
	end := min(start+xferPiece, len(d.data))
	out := &message.SendXferPacket{}
	out.XferID.ID, out.XferID.Packet = id, d.sent
	if end == len(d.data) {
		out.XferID.Packet |= xferLast
	}
	if start == 0 {
		out.DataPacket.Data = binary.LittleEndian.AppendUint32(nil, uint32(len(d.data)))
	}
	out.DataPacket.Data = append(out.DataPacket.Data, d.data[start:end]...)
	d.sent++
	c.tell(now, out)
}
