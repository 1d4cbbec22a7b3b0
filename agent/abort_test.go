package agent

import (
	"errors"
	"testing"

	"github.com/google/uuid"
	"github.com/slload/slload/circuit"
	"github.com/slload/slload/internal/reason"
	"github.com/slload/slload/message"
)

// A simulator that breaks off what it was asked for doesn't leave the agent
// waiting.
func TestTransfersThatAreBrokenOff(t *testing.T) {
	inWorld(t, func(w *world) {
		a := w.enter("Ann", withoutQueue)
		w.answers(message.IDTransferRequest, func(s *simulator, ev *circuit.Event) {
			asked := ev.Message.(*message.TransferRequest).TransferInfo.TransferID
			piece := &message.TransferPacket{}
			piece.TransferData.TransferID, piece.TransferData.Data = asked, []byte("the beginning")
			others := &message.TransferAbort{TransferInfo: message.TransferAbortTransferInfo{TransferID: uuid.New()}}
			abort := &message.TransferAbort{TransferInfo: message.TransferAbortTransferInfo{TransferID: asked}}
			all(say(piece), say(others), say(abort))(s, ev)
		})
		id := uuid.New()
		_, err := a.Assets().Over(UDP).Fetch(w.Context(), id, AssetNotecard)
		if none := new(NoAssetError); !errors.As(err, &none) || none.ID != id {
			t.Errorf("the transfer ended with %v", err)
		}
	})
}

func TestFilesThatAreBrokenOff(t *testing.T) {
	inWorld(t, func(w *world) {
		a := w.enter("Ann", withoutQueue)
		file := &message.MuteListUpdate{}
		file.MuteData.AgentID, file.MuteData.Filename = a.ID, message.Text("mutes")
		w.answers(message.IDMuteListRequest, say(file))
		w.answers(message.IDRequestXfer, func(s *simulator, ev *circuit.Event) {
			asked := ev.Message.(*message.RequestXfer).XferID.ID
			piece := &message.SendXferPacket{XferID: message.SendXferPacketXferID{ID: asked}}
			piece.DataPacket.Data = append([]byte{99, 0, 0, 0}, "1 "...)
			others := &message.AbortXfer{XferID: message.AbortXferXferID{ID: asked + 1}}
			abort := &message.AbortXfer{XferID: message.AbortXferXferID{ID: asked, Result: -1}}
			all(say(piece), say(others), say(abort))(s, ev)
		})
		if _, err := a.Mutes(w.Context()); reason.Of(err) != "xfer_aborted" {
			t.Errorf("the list came to %v", err)
		}
	})
}
