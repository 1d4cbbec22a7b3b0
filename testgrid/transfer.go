package testgrid

import (
	"encoding/binary"

	"github.com/google/uuid"

	"github.com/slload/slload/circuit"
	"github.com/slload/slload/message"
)

// What TransferRequest and its answers carry.
const (
	channelAsset  = 2
	sourceAsset   = 2 // Params: asset id, type
	sourceSimItem = 3 // Params: agent, session, owner, task, item, asset, type

	transferLast     = 1
	transferNotFound = -2

	transferChunk = 1000
)

// onAssetTransfer sends an asset: TransferInfo, then as many TransferPackets
// as it takes, the last of which says so.
func (g *Grid) onAssetTransfer(ev *circuit.Event) {
	b := &ev.Message.(*message.TransferRequest).TransferInfo
	c := ownerOf(ev)
	if c == nil {
		return
	}
	info := &message.TransferInfo{}
	info.TransferInfo.TransferID, info.TransferInfo.ChannelType = b.TransferID, channelAsset
	id, ok := g.transferred(c, b.SourceType, b.Params)
	a, there := g.assets.get(id)
	if !ok || !there {
		info.TransferInfo.Status, info.TransferInfo.Params = transferNotFound, append([]byte(nil), b.Params...)
		c.tell(ev.Now, info)
		return
	}
	info.TransferInfo.Size = int32(len(a.data))
	info.TransferInfo.Params = append([]byte(nil), b.Params...)
	if b.SourceType == sourceAsset {
		info.TransferInfo.Params = binary.LittleEndian.AppendUint32(append([]byte(nil), id[:]...), uint32(int32(a.kind)))
	}
	c.tell(ev.Now, info)
	c.stream(ev.Now, transferPackets(b.TransferID, a.data))
}

// transferPackets makes the packets of a transfer, one a call, and nil after the
// last.
func transferPackets(id uuid.UUID, data []byte) func() message.Message {
	n, over := int32(0), false
	return func() message.Message {
		if over {
			return nil
		}
		size := min(len(data), transferChunk)
		p := &message.TransferPacket{}
		p.TransferData.TransferID, p.TransferData.ChannelType, p.TransferData.Packet = id, channelAsset, n
		p.TransferData.Data = data[:size]
		n++
		if data = data[size:]; len(data) == 0 {
			p.TransferData.Status, over = transferLast, true
		}
		return p
	}
}

// streamWindow is how many messages of a stream may be unacknowledged.
const streamWindow = 16

// stream sends what next makes until it makes nil, as fast as the client
// acknowledges it.
func (c *client) stream(now circuit.Instant, next func() message.Message) {
	var step func(now circuit.Instant, err error)
	step = func(now circuit.Instant, err error) {
		if err != nil {
			return // the circuit has closed
		}
		if m := next(); m != nil && c.circuit.SendReliable(now, m, step) != nil {
			c.region.counters.unsent++
		}
	}
	for range streamWindow {
		step(now, nil)
	}
}

// transferred is the asset that a request names; false where the client may not
// have it.
func (g *Grid) transferred(c *client, source int32, params []byte) (uuid.UUID, bool) {
	switch {
	case source == sourceAsset && len(params) >= 20:
		return uuid.UUID(params[:16]), true
	case source == sourceSimItem && len(params) >= 100:
		owner, task, itemID := uuid.UUID(params[32:48]), uuid.UUID(params[48:64]), uuid.UUID(params[64:80])
		if task != uuid.Nil {
			return uuid.UUID(params[80:96]), true
		}
		it, ok := g.inventories.item(c.readable(owner), itemID)
		return it.asset, ok
	}
	return uuid.Nil, false
}

// Parts of a texture as UDP carries it.
const (
	firstImagePart = 600
	imagePart      = 1000
	imageCodecJ2C  = 2
)

// onRequestImage sends textures: ImageData with the first part, ImagePackets
// with the others. A negative discard level asks to stop, which is too late here.
func (g *Grid) onRequestImage(ev *circuit.Event) {
	m := ev.Message.(*message.RequestImage)
	c := clientOf(ev, m.AgentData.AgentID, m.AgentData.SessionID)
	if c == nil {
		return
	}
	for _, b := range m.RequestImage {
		if b.DiscardLevel < 0 {
			continue
		}
		a, ok := g.assets.get(b.Image)
		if !ok || a.kind != kindTexture {
			c.tell(ev.Now, &message.ImageNotInDatabase{ImageID: message.ImageNotInDatabaseImageID{ID: b.Image}})
			continue
		}
		c.sendImage(ev.Now, a, b.Packet)
	}
}

// sendImage sends a texture from one of its parts on.
func (c *client) sendImage(now circuit.Instant, a asset, from uint32) {
	rest := a.data[min(len(a.data), firstImagePart):]
	parts := 1 + (len(rest)+imagePart-1)/imagePart
	if from == 0 {
		first := &message.ImageData{}
		first.ImageID.ID, first.ImageID.Codec, first.ImageID.Size, first.ImageID.Packets = a.id, imageCodecJ2C, uint32(len(a.data)), uint16(parts)
		first.ImageData.Data = a.data[:len(a.data)-len(rest)]
		c.tell(now, first)
	}
	n := 0
	c.stream(now, func() message.Message {
		for len(rest) > 0 {
			part := rest[:min(len(rest), imagePart)]
			rest = rest[len(part):]
			if n++; n >= int(from) {
				m := &message.ImagePacket{}
				m.ImageID.ID, m.ImageID.Packet, m.ImageData.Data = a.id, uint16(n), part
				return m
			}
		}
		return nil
	})
}
