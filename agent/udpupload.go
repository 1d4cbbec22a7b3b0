package agent

import (
	"context"
	"encoding/binary"
	"fmt"

	"github.com/google/uuid"

	"github.com/slload/slload/message"
)

// OpUpload is the operation that an upload over UDP reports.
const OpUpload = "msg.upload"

const (
	uploadInline = 1000 // bytes that AssetUploadRequest itself carries
	uploadChunk  = 1000 // bytes of a SendXferPacket
)

// errUploadFailed is an AssetUploadComplete that says no.
var errUploadFailed = &failure{"upload_refused", "the simulator didn't take the upload"}

// StoredAsset is data that was uploaded over UDP. An item is made of it by
// NewItem.Transaction.
type StoredAsset struct{ ID, Transaction uuid.UUID }

// UploadByUDP uploads data without an item: AssetUploadRequest, and where that
// can't hold it RequestXfer, SendXferPacket and ConfirmXferPacket, until
// AssetUploadComplete. One upload of an agent is under way at a time: the
// simulator's request for the data doesn't say of which upload it is.
func (s Assets) UploadByUDP(ctx context.Context, t AssetType, data []byte) (StoredAsset, error) {
	done, err := s.a.turn(ctx, message.IDAssetUploadComplete)
	if err != nil {
		return StoredAsset{}, err
	}
	defer done()
	stored, err := timed(ctx, s.a, OpUpload, func() (StoredAsset, error) { return s.a.uploadMessages(ctx, t, data) })
	if err != nil {
		return StoredAsset{}, fmt.Errorf("upload %d bytes over UDP: %w", len(data), err)
	}
	return stored, nil
}

// xferUpload is an upload's data on its way, a packet for each confirmation.
type xferUpload struct {
	id   uint64
	data []byte
	next uint32
}

// packet makes the next one. The first begins with the length of the whole.
func (x *xferUpload) packet() *message.SendXferPacket {
	m := &message.SendXferPacket{XferID: message.SendXferPacketXferID{ID: x.id, Packet: x.next}}
	if x.next == 0 {
		m.DataPacket.Data = binary.LittleEndian.AppendUint32(nil, uint32(len(x.data)))
	}
	n := min(len(x.data), uploadChunk)
	m.DataPacket.Data = append(m.DataPacket.Data, x.data[:n]...)
	if x.data = x.data[n:]; len(x.data) == 0 {
		m.XferID.Packet |= xferLast
	}
	x.next++
	return m
}

func (a *Agent) uploadMessages(ctx context.Context, t AssetType, data []byte) (StoredAsset, error) {
	stored := StoredAsset{Transaction: uuid.New()}
	ask := message.AssetUploadRequest{AssetBlock: message.AssetUploadRequestAssetBlock{
		TransactionID: stored.Transaction, Type: int8(t), StoreLocal: true, AssetData: []byte{},
	}}
	if len(data) <= uploadInline {
		ask.AssetBlock.AssetData = data
	}
	var x *xferUpload
	kinds := []message.ID{message.IDRequestXfer, message.IDConfirmXferPacket, message.IDAbortXfer, message.IDAssetUploadComplete}
	ok, err := requestAny(ctx, a, "AssetUploadComplete", kinds, a.sending(&ask), func(m message.Message) (bool, bool) {
		switch m := m.(type) {
		case *message.RequestXfer:
			if x == nil && len(data) > uploadInline && m.XferID.VFileType == int16(t) {
				x = &xferUpload{id: m.XferID.ID, data: data}
				a.root.tell(a.loop.Now(), x.packet())
			}
		case *message.ConfirmXferPacket:
			if x != nil && m.XferID.ID == x.id && len(x.data) > 0 && m.XferID.Packet&^xferLast+1 == x.next {
				a.root.tell(a.loop.Now(), x.packet())
			}
		case *message.AbortXfer:
			return false, x != nil && m.XferID.ID == x.id
		case *message.AssetUploadComplete:
			if m.AssetBlock.Type == int8(t) {
				stored.ID = m.AssetBlock.UUID
				return m.AssetBlock.Success, true
			}
		}
		return false, false
	})
	if err == nil && !ok {
		err = errUploadFailed
	}
	return stored, err
}
