package testgrid

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/slload/slload/message"
)

func (v *viewer) mutes(name string) message.Message {
	m := &message.UpdateMuteListEntry{}
	m.AgentData.AgentID, m.AgentData.SessionID = v.Agent, v.Session
	m.MuteData.MuteID, m.MuteData.MuteName = uuid.New(), message.Text(name)
	return m
}

func (v *viewer) asksForMutes() *message.MuteListUpdate {
	m := &message.MuteListRequest{}
	m.AgentData.AgentID, m.AgentData.SessionID = v.Agent, v.Session
	v.sendReliable(m)
	return expect[*message.MuteListUpdate](v)
}

func (v *viewer) fetches(name []byte, id uint64) {
	m := &message.RequestXfer{}
	m.XferID.ID, m.XferID.Filename = id, name
	v.sendReliable(m)
}

// Files that nobody came for, and those that a client began to fetch and
// forgot, are not in the way of others.
func TestForgottenFilesGiveWay(t *testing.T) {
	inWorld(t, Config{}, func(w *world) {
		ann := w.enter("Ann", at(100, 100, 0))
		ann.sendReliable(ann.mutes("Bob"))
		w.on(0, func(r *region) {
			for range 2 * mostFiles {
				r.anyone(ann.Agent).offer(uuid.NewString(), []byte("forgotten"))
			}
		})
		for i := range uint64(2 * mostFiles) {
			ann.fetches(ann.asksForMutes().MuteData.Filename, i)
			piece := expect[*message.SendXferPacket](ann)
			check(t, piece.XferID.ID == i && piece.XferID.Packet == xferLast, "fetched %+v", piece.XferID)
		}
		abort := &message.AbortXfer{}
		abort.XferID.ID = 2*mostFiles - 1
		ann.sendReliable(abort)
		w.pass(time.Second)
		w.on(0, func(r *region) {
			f := r.anyone(ann.Agent).files
			check(t, len(f.offered) == mostFiles-1 && len(f.running) == mostFiles-1, "%d files wait, %d are fetched", len(f.offered), len(f.running))
		})
	})
}

func (v *viewer) uploads(transaction uuid.UUID, data string) message.Message {
	m := &message.AssetUploadRequest{}
	m.AssetBlock.TransactionID, m.AssetBlock.Type = transaction, kindNotecard
	m.AssetBlock.StoreLocal, m.AssetBlock.AssetData = true, []byte(data)
	return m
}

func TestForgottenUploadsGiveWay(t *testing.T) {
	inWorld(t, Config{}, func(w *world) {
		ann := w.enter("Ann", at(100, 100, 0))
		for range 2 * maxUploads {
			ann.sendReliable(ann.uploads(uuid.New(), "short and never used"))
			done := expect[*message.AssetUploadComplete](ann)
			check(t, done.AssetBlock.Success, "an upload failed")
		}
		again := uuid.New()
		for range 2 { // what was given up can be begun anew
			ann.sendReliable(ann.uploads(again, ""))
			ask := expect[*message.RequestXfer](ann)
			abort := &message.AbortXfer{}
			abort.XferID.ID = ask.XferID.ID
			ann.sendReliable(abort)
		}
	})
}
