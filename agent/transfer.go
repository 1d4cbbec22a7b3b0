package agent

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"

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

// pieces are numbered parts of data that come in any order, some twice. The
// loop gathers them, whoever waits puts them together.
type pieces struct {
	parts map[int][]byte
	count int // of parts; 0 before it is known
	size  int
}

func newPieces() *pieces { return &pieces{parts: map[int][]byte{}} }

// mostOfFile bounds what is gathered of one file, asset or texture, in bytes.
const mostOfFile = 16 << 20

// add takes a copy of a part; it tells whether that was the last to wait for:
// all are there, or too much is.
func (p *pieces) add(n int, data []byte) (done bool) {
	if _, had := p.parts[n]; !had {
		p.parts[n] = bytes.Clone(data)
		p.size += len(data)
	}
	return p.size > mostOfFile || p.count > 0 && len(p.parts) >= p.count
}

// whole puts the parts together.
func (p *pieces) whole() ([]byte, error) {
	if p.size > mostOfFile {
		return nil, fmt.Errorf("what came is longer than %d bytes", mostOfFile)
	}
	all := make([]byte, 0, p.size)
	for n := range p.count {
		all = append(all, p.parts[n]...)
	}
	return all, nil
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

// transfer sends a TransferRequest and gathers the TransferPackets. A refusal
// is a TransferInfo with a status below 0, or a TransferAbort.
func (a *Agent) transfer(ctx context.Context, asset uuid.UUID, source int32, params []byte) ([]byte, error) {
	id := uuid.New()
	ask := message.TransferRequest{TransferInfo: message.TransferRequestTransferInfo{
		TransferID: id, ChannelType: channelAsset, SourceType: source, Priority: 1, Params: params,
	}}
	p := newPieces()
	kinds := []message.ID{message.IDTransferPacket, message.IDTransferInfo, message.IDTransferAbort}
	return timed(ctx, a, OpTransfer, func() ([]byte, error) {
		status, err := requestAny(ctx, a, "the asset (TransferPacket)", kinds, a.sending(&ask), func(m message.Message) (status int32, done bool) {
			switch m := m.(type) {
			case *message.TransferInfo:
				return m.TransferInfo.Status, m.TransferInfo.TransferID == id && m.TransferInfo.Status < 0
			case *message.TransferAbort:
				return -1, m.TransferInfo.TransferID == id
			case *message.TransferPacket:
				d := &m.TransferData
				if d.TransferID != id {
					return 0, false
				}
				if d.Status == transferLast {
					p.count = int(d.Packet) + 1
				}
				return d.Status, d.Status < 0 || p.add(int(d.Packet), d.Data)
			}
			return 0, false
		})
		switch {
		case err != nil:
			return nil, err
		case status < 0:
			return nil, &NoAssetError{asset, int(status)}
		}
		return p.whole()
	})
}

// fetchImage fetches a texture whole: ImageData brings the first part and says
// how many there are, ImagePacket the others.
func (a *Agent) fetchImage(ctx context.Context, id uuid.UUID) ([]byte, error) {
	ask := message.RequestImage{AgentData: message.RequestImageAgentData{AgentID: a.ID, SessionID: a.session}}
	ask.RequestImage = []message.RequestImageRequestImage{{Image: id, DownloadPriority: 1_013_000}}
	p := newPieces()
	kinds := []message.ID{message.IDImageData, message.IDImagePacket, message.IDImageNotInDatabase}
	return timed(ctx, a, OpImage, func() ([]byte, error) {
		there, err := requestAny(ctx, a, "the texture (ImageData)", kinds, a.sending(&ask), func(m message.Message) (there, done bool) {
			switch m := m.(type) {
			case *message.ImageNotInDatabase:
				return false, m.ImageID.ID == id
			case *message.ImageData:
				if m.ImageID.ID == id {
					p.count = int(m.ImageID.Packets)
					return true, p.add(0, m.ImageData.Data)
				}
			case *message.ImagePacket:
				return true, m.ImageID.ID == id && p.add(int(m.ImageID.Packet), m.ImageData.Data)
			}
			return false, false
		})
		switch {
		case err != nil:
			return nil, err
		case !there:
			return nil, &NoAssetError{ID: id}
		}
		return p.whole()
	})
}
