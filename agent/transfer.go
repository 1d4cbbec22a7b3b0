package agent

import (
	"bytes"
	"context"
	"encoding/binary"

	"github.com/google/uuid"

	"github.com/slload/slload/message"
)

// What TransferRequest and its answers carry.
const (
	channelAsset  = 2
	sourceAsset   = 2 // Params: asset id, type
	sourceSimItem = 3 // Params: agent, session, owner, task, item, asset, type

	transferLast = 1 // Status of the last packet; 0 of the others
)

// Operations that fetching over UDP reports.
const (
	OpTransfer = "msg.transfer" // an asset
	OpImage    = "msg.image"    // a texture
)

// pieces are numbered parts of data that come in any order.
type pieces struct {
	parts map[int][]byte
	count int // of parts; 0 before it is known
	size  int
}

func newPieces() *pieces { return &pieces{parts: map[int][]byte{}} }

// add takes a copy of a part; it tells whether all are there.
func (p *pieces) add(n int, data []byte) bool {
	if _, had := p.parts[n]; !had && p.size+len(data) <= mostOfFile {
		p.parts[n] = bytes.Clone(data)
		p.size += len(data)
	}
	return p.count > 0 && len(p.parts) >= p.count
}

func (p *pieces) whole() []byte {
	all := make([]byte, 0, p.size)
	for n := range p.count {
		all = append(all, p.parts[n]...)
	}
	return all
}

// transferAsset fetches an asset by its id.
func (a *Agent) transferAsset(ctx context.Context, id uuid.UUID, t AssetType) ([]byte, error) {
	return a.transfer(ctx, id, sourceAsset, binary.LittleEndian.AppendUint32(id[:], uint32(int32(t))))
}

// TransferItem fetches what an item of an inventory stands for, over UDP: the
// simulator looks whether the agent may. Task is the object that it is in,
// uuid.Nil for the agent's own inventory.
func (s Assets) TransferItem(ctx context.Context, it Item, task uuid.UUID) ([]byte, error) {
	var params []byte
	for _, id := range []uuid.UUID{s.a.ID, s.a.session, it.Owner, task, it.ID, it.Asset} {
		params = append(params, id[:]...)
	}
	return s.a.transfer(ctx, it.Asset, sourceSimItem, binary.LittleEndian.AppendUint32(params, uint32(int32(it.Type))))
}

// transferred is what came of a transfer.
type transferred struct {
	data   []byte
	status int32 // of a refusal
}

// transfer sends a TransferRequest and gathers the TransferPackets. A refusal
// is a TransferInfo with a status below 0, or a TransferAbort.
func (a *Agent) transfer(ctx context.Context, asset uuid.UUID, source int32, params []byte) ([]byte, error) {
	id := uuid.New()
	ask := message.TransferRequest{TransferInfo: message.TransferRequestTransferInfo{
		TransferID: id, ChannelType: channelAsset, SourceType: source, Priority: 1, Params: params,
	}}
	p := newPieces()
	kinds := []message.ID{message.IDTransferPacket, message.IDTransferInfo, message.IDTransferAbort}
	got, err := timed(ctx, a, OpTransfer, func() (transferred, error) {
		got, err := requestAny(ctx, a, "the asset (TransferPacket)", kinds, a.sending(&ask), func(m message.Message) (transferred, bool) {
			switch m := m.(type) {
			case *message.TransferInfo:
				return transferred{status: m.TransferInfo.Status}, m.TransferInfo.TransferID == id && m.TransferInfo.Status < 0
			case *message.TransferAbort:
				return transferred{status: -1}, m.TransferInfo.TransferID == id
			case *message.TransferPacket:
				d := &m.TransferData
				if d.TransferID != id {
					return transferred{}, false
				}
				if d.Status == transferLast {
					p.count = int(d.Packet) + 1
				}
				if d.Status < 0 {
					return transferred{status: d.Status}, true
				}
				if p.add(int(d.Packet), d.Data) {
					return transferred{data: p.whole()}, true
				}
			}
			return transferred{}, false
		})
		if err == nil && got.status < 0 {
			err = &NoAssetError{asset, int(got.status)}
		}
		return got, err
	})
	return got.data, err
}

// fetchImage fetches a texture whole: ImageData brings the first part and says
// how many there are, ImagePacket the others.
func (a *Agent) fetchImage(ctx context.Context, id uuid.UUID) ([]byte, error) {
	ask := message.RequestImage{AgentData: message.RequestImageAgentData{AgentID: a.ID, SessionID: a.session}}
	ask.RequestImage = []message.RequestImageRequestImage{{Image: id, DownloadPriority: 1_013_000}}
	p := newPieces()
	kinds := []message.ID{message.IDImageData, message.IDImagePacket, message.IDImageNotInDatabase}
	return timed(ctx, a, OpImage, func() ([]byte, error) {
		data, err := requestAny(ctx, a, "the texture (ImageData)", kinds, a.sending(&ask), func(m message.Message) ([]byte, bool) {
			done := false
			switch m := m.(type) {
			case *message.ImageNotInDatabase:
				return nil, m.ImageID.ID == id
			case *message.ImageData:
				if m.ImageID.ID == id {
					p.count = int(m.ImageID.Packets)
					done = p.add(0, m.ImageData.Data)
				}
			case *message.ImagePacket:
				done = m.ImageID.ID == id && p.add(int(m.ImageID.Packet), m.ImageData.Data)
			}
			if !done {
				return nil, false
			}
			return p.whole(), true
		})
		if err == nil && data == nil {
			err = &NoAssetError{ID: id}
		}
		return data, err
	})
}
