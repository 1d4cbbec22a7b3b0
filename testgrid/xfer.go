package testgrid

import (
	"encoding/binary"
	"slices"

	"github.com/slload/slload/circuit"
	"github.com/slload/slload/message"
)

const (
	xferPiece = 1024    // bytes of a file in a SendXferPacket
	xferLast  = 1 << 31 // of its Packet: the file ends here
	mostFiles = 16      // that wait for one client, and that it fetches: the oldest give way
)

// download is a file on its way to a client.
type download struct {
	name string
	id   uint64 // the client's, once it fetches
	data []byte
	sent uint32 // packets
}

// downloads are the files that a client was told of and those that it fetches,
// each the oldest first. The region's loop owns them; nil until there is one.
type downloads struct{ offered, running []*download }

// offer lets a client fetch a file by its name.
func (c *client) offer(name string, data []byte) {
	if c.files == nil {
		c.files = &downloads{}
	}
	f := c.files
	f.offered = slices.DeleteFunc(f.offered, func(d *download) bool { return d.name == name })
	f.offered = lineUp(f.offered, &download{name: name, data: data})
}

// lineUp puts d behind others, of which there is no more room for the oldest:
// whoever never came for it must not be in the way of what comes.
func lineUp(list []*download, d *download) []*download {
	return append(slices.Delete(list, 0, max(0, len(list)-mostFiles+1)), d)
}

// fetched gives a file that a client fetches; nil if there is none of that id.
func (f *downloads) fetched(id uint64) *download {
	if i := slices.IndexFunc(f.running, func(d *download) bool { return d.id == id }); i >= 0 {
		return f.running[i]
	}
	return nil
}

// end forgets a file that has arrived, or that the client wants no more.
func (f *downloads) end(id uint64) {
	f.running = slices.DeleteFunc(f.running, func(d *download) bool { return d.id == id })
}

// onRequestXfer begins to send a file. A name that wasn't offered gets no
// answer, as on OpenSim.
func (g *Grid) onRequestXfer(ev *circuit.Event) {
	m := &ev.Message.(*message.RequestXfer).XferID
	c, ok := ev.Circuit.Owner.(*client)
	if !ok || c.files == nil {
		return
	}
	f, name := c.files, message.String(m.Filename)
	i := slices.IndexFunc(f.offered, func(d *download) bool { return d.name == name })
	if i < 0 || f.fetched(m.ID) != nil {
		return
	}
	d := f.offered[i]
	f.offered, d.id = slices.Delete(f.offered, i, i+1), m.ID
	f.running = lineUp(f.running, d)
	c.sendPiece(ev.Now, d)
}

// onConfirmXferPacket sends the next piece, or forgets a file that has
// arrived.
func (g *Grid) onConfirmXferPacket(ev *circuit.Event) {
	m := &ev.Message.(*message.ConfirmXferPacket).XferID
	c, ok := ev.Circuit.Owner.(*client)
	if !ok || c.files == nil {
		return
	}
	d := c.files.fetched(m.ID)
	if d == nil || m.Packet&^xferLast != d.sent-1 {
		return
	}
	if int(d.sent)*xferPiece >= len(d.data) {
		c.files.end(m.ID)
		return
	}
	c.sendPiece(ev.Now, d)
}

// sendPiece sends a file's next 1,024 bytes; the first have its length before
// them.
func (c *client) sendPiece(now circuit.Instant, d *download) {
	start := int(d.sent) * xferPiece
	end := min(start+xferPiece, len(d.data))
	out := &message.SendXferPacket{}
	out.XferID.ID, out.XferID.Packet = d.id, d.sent
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
