package testgrid

import (
	"crypto/md5"
	"encoding/binary"
	"maps"
	"slices"

	"github.com/google/uuid"

	"github.com/slload/slload/circuit"
	"github.com/slload/slload/message"
)

// dispatchAssets says which messages of data the grid acts on.
func (g *Grid) dispatchAssets(d *circuit.Dispatch) {
	d.On(message.IDAssetUploadRequest, g.onAssetUpload)
	d.On(message.IDSendXferPacket, g.onXferPacket)
	d.On(message.IDAbortXfer, g.onAbortXfer)
	d.On(message.IDTransferRequest, g.onAssetTransfer)
	d.On(message.IDRequestImage, g.onRequestImage)
}

// exchange is the data that a client sends by messages. The region's loop owns
// it.
type exchange struct {
	uploads map[uuid.UUID]*upload // by transaction
	arrives map[uint64]*upload    // by the Xfer that brings it
	lastID  uint64
}

// maxUploads bounds the uploads of one client that aren't settled: those that
// are whole and that no item has come for give way to new ones.
const maxUploads = 32

// upload is an asset on its way from a client: whole, or wanted for an item, or
// both, in any order.
type upload struct {
	transaction uuid.UUID
	asset       asset
	keep        bool // in the asset store, whether an item wants it or not
	whole       bool
	next        uint32 // packet of the Xfer
	wanted      func(now circuit.Instant, asset uuid.UUID)
}

// ownerOf gives the client of a message that names none: by its circuit.
func ownerOf(ev *circuit.Event) *client {
	c, ok := ev.Circuit.Owner.(*client)
	if !ok || !c.arrived {
		return nil
	}
	return c
}

func (c *client) exchanges() *exchange {
	if c.exchange == nil {
		c.exchange = &exchange{uploads: map[uuid.UUID]*upload{}, arrives: map[uint64]*upload{}}
	}
	return c.exchange
}

// uploadOf is the upload of a transaction, begun if it is new; nil where there
// are too many.
func (c *client) uploadOf(transaction uuid.UUID) *upload {
	x := c.exchanges()
	u := x.uploads[transaction]
	if u == nil && len(x.uploads) >= maxUploads {
		maps.DeleteFunc(x.uploads, func(_ uuid.UUID, u *upload) bool { return u.whole }) // no item came for them
	}
	if u == nil && len(x.uploads) < maxUploads {
		// The new asset's id follows from the transaction and a secret that
		// both sides know.
		u = &upload{transaction: transaction, asset: asset{id: combined(transaction, c.session.secureID)}}
		x.uploads[transaction] = u
	}
	return u
}

// combined makes one id of two, as viewers and simulators do.
func combined(a, b uuid.UUID) uuid.UUID { return md5.Sum(append(a[:], b[:]...)) }

// onAssetUpload takes an asset, or asks for it by RequestXfer where the message
// doesn't hold it.
func (g *Grid) onAssetUpload(ev *circuit.Event) {
	b := &ev.Message.(*message.AssetUploadRequest).AssetBlock
	c := ownerOf(ev)
	if c == nil {
		return
	}
	if b.Type == kindObject {
		return // objects are written by the grid alone, which trusts them
	}
	u := c.uploadOf(b.TransactionID)
	if u == nil || u.whole || u.asset.data != nil {
		return
	}
	u.asset.kind, u.keep = b.Type, b.StoreLocal
	if len(b.AssetData) > 2 {
		u.asset.data = slices.Clone(b.AssetData)
		c.uploaded(ev.Now, u)
		return
	}
	x := c.exchanges()
	x.lastID++
	x.arrives[x.lastID] = u
	u.asset.data = []byte{}
	ask := &message.RequestXfer{XferID: message.RequestXferXferID{
		ID: x.lastID, Filename: []byte{}, VFileID: u.asset.id, VFileType: int16(b.Type),
	}}
	c.tell(ev.Now, ask)
}

// onXferPacket takes the next packet of an upload and confirms it. The first
// begins with the length of the whole, little-endian.
func (g *Grid) onXferPacket(ev *circuit.Event) {
	m := ev.Message.(*message.SendXferPacket)
	c := ownerOf(ev)
	if c == nil || c.exchange == nil {
		return
	}
	u := c.exchange.arrives[m.XferID.ID]
	data := m.DataPacket.Data
	if u == nil || m.XferID.Packet&^xferLast != u.next {
		return
	}
	whole := 0
	if u.next == 0 && len(data) >= 4 {
		whole = int(binary.LittleEndian.Uint32(data))
		data = data[4:]
	}
	if max(whole, len(u.asset.data)+len(data)) > maxAsset {
		c.exchange.abandon(m.XferID.ID)
		c.tell(ev.Now, &message.AbortXfer{XferID: message.AbortXferXferID{ID: m.XferID.ID, Result: -1}})
		return
	}
	u.asset.data = append(u.asset.data, data...)
	u.next++
	c.tell(ev.Now, &message.ConfirmXferPacket{XferID: message.ConfirmXferPacketXferID{ID: m.XferID.ID, Packet: m.XferID.Packet}})
	if m.XferID.Packet&xferLast != 0 {
		delete(c.exchange.arrives, m.XferID.ID)
		c.uploaded(ev.Now, u)
	}
}

// uploaded keeps an asset that is whole, and gives it to the item that waits.
func (c *client) uploaded(now circuit.Instant, u *upload) {
	u.whole = true
	done := &message.AssetUploadComplete{}
	done.AssetBlock.UUID, done.AssetBlock.Type, done.AssetBlock.Success = u.asset.id, u.asset.kind, true
	if u.keep || u.wanted != nil {
		_, err := c.region.grid.assets.put(u.asset)
		done.AssetBlock.Success = err == nil
	}
	if u.wanted != nil && done.AssetBlock.Success {
		u.wanted(now, u.asset.id)
		delete(c.exchange.uploads, u.transaction)
	}
	c.tell(now, done)
}

// awaitUpload calls f with the asset of a transaction when it is there, or at
// once.
func (c *client) awaitUpload(now circuit.Instant, transaction uuid.UUID, f func(now circuit.Instant, asset uuid.UUID)) {
	u := c.uploadOf(transaction)
	switch {
	case u == nil:
	case !u.whole:
		u.wanted = f
	default:
		if _, err := c.region.grid.assets.put(u.asset); err == nil {
			f(now, u.asset.id)
		}
		delete(c.exchange.uploads, transaction)
	}
}

// onAbortXfer ends a file on its way, in either direction.
func (g *Grid) onAbortXfer(ev *circuit.Event) {
	id := ev.Message.(*message.AbortXfer).XferID.ID
	c := ownerOf(ev)
	if c == nil {
		return
	}
	if c.exchange != nil {
		c.exchange.abandon(id)
	}
	if c.files != nil {
		c.files.end(id)
	}
}

// abandon forgets an upload that won't arrive: its transaction may begin anew.
func (x *exchange) abandon(id uint64) {
	if u := x.arrives[id]; u != nil {
		delete(x.arrives, id)
		delete(x.uploads, u.transaction)
	}
}
