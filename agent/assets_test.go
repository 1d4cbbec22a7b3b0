package agent_test

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/slload/slload/agent"
	"github.com/slload/slload/internal/reason"
	"github.com/slload/slload/internal/witness"
)

func TestNotesGoRound(t *testing.T) {
	m := newMeeting(t)
	inv := m.enter("Bot1").Inventory()
	const text = "Dear diary,\nText length 3\nthat was all. \U0001F4D3\n"
	note := got[agent.Item](m)(inv.CreateNote(m.ctx(), uuid.Nil, "Diary", text))
	kept := got[agent.Item](m)(inv.Item(m.ctx(), note.ID))
	if kept.Asset != note.Asset || kept.Name != "Diary" {
		t.Errorf("kept %+v, made %+v", kept, note)
	}
	if back := got[string](m)(inv.ReadNote(m.ctx(), kept)); back != text {
		t.Errorf("wrote %q, read %q", text, back)
	}
	m.must(inv.Remove(m.ctx(), note.ID))
	var missing *agent.NotThereError
	if _, err := inv.Item(m.ctx(), note.ID); !errors.As(err, &missing) {
		t.Errorf("after its removal: %v", err)
	}
}

func TestNotecardFormGoesRound(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.String().Draw(t, "text")
		if back, err := agent.DecodeNotecard(agent.EncodeNotecard(text)); err != nil || back != text {
			t.Fatalf("%q came back as %q, %v", text, back, err)
		}
	})
}

func TestWhatIsNoNotecard(t *testing.T) {
	for _, bad := range []string{"", "hello", "Linden text version 2\n", "Linden text version 2\nText length -1\n", "Linden text version 2\nText length 9\nshort"} {
		if text, err := agent.DecodeNotecard([]byte(bad)); err == nil {
			t.Errorf("%q is read as %q", bad, text)
		}
	}
}

func FuzzDecodeNotecard(f *testing.F) {
	f.Add(agent.EncodeNotecard("hello"))
	f.Add([]byte("Linden text version 1\n{\nText length 99999999999999999999\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if text, err := agent.DecodeNotecard(data); err == nil && !bytes.Contains(data, []byte(text)) {
			t.Errorf("%q isn't in %q", text, data)
		}
	})
}

func TestNewScriptsAndLandmarksStandForSomething(t *testing.T) {
	m := newMeeting(t)
	a := m.enter("Bot1")
	inv := a.Inventory()
	const source = "default { state_entry() { llSay(0, \"hi\"); } }"
	script, done, err := inv.CreateScript(m.ctx(), uuid.Nil, "hi", source)
	m.must(err)
	if data := got[[]byte](m)(a.Assets().Fetch(m.ctx(), script.Asset, agent.AssetScript)); string(data) != source || done.Item != script.ID {
		t.Errorf("the script is %q, uploaded %+v", data, done)
	}
	mark := got[agent.Item](m)(inv.CreateLandmark(m.ctx(), uuid.Nil, "here"))
	data := got[[]byte](m)(a.Assets().Fetch(m.ctx(), mark.Asset, agent.AssetLandmark))
	state := got[agent.State](m)(a.State(m.ctx()))
	if !strings.HasPrefix(string(data), "Landmark version 2\nregion_id "+state.Region.ID.String()) {
		t.Errorf("the landmark is %q", data)
	}
}

func TestAssetsComeWholeInBothWays(t *testing.T) {
	m := newMeeting(t)
	a := m.enter("Bot1")
	for _, tt := range []struct {
		kind agent.AssetType
		size int
	}{{agent.AssetTexture, 10}, {agent.AssetTexture, 600}, {agent.AssetTexture, 61_234}, {agent.AssetNotecard, 1}, {agent.AssetSound, 50_000}} {
		data := make([]byte, tt.size)
		for i := range data {
			data[i] = byte(rand.Uint32())
		}
		up := got[agent.Uploaded](m)(a.Assets().UploadNew(m.ctx(), agent.NewFile{Type: tt.kind, Name: "data"}, data))
		if it := got[agent.Item](m)(a.Inventory().Item(m.ctx(), up.Item)); it.Asset != up.Asset || it.Type != tt.kind || it.Name != "data" {
			t.Errorf("the item is %+v", it)
		}
		for _, way := range []agent.Way{agent.HTTP, agent.UDP} {
			if back := got[[]byte](m)(a.Assets().Over(way).Fetch(m.ctx(), up.Asset, tt.kind)); !bytes.Equal(back, data) {
				t.Errorf("asset type %d of %d bytes over %v: %d bytes came, or others", tt.kind, tt.size, way, len(back))
			}
		}
		it := got[agent.Item](m)(a.Inventory().Item(m.ctx(), up.Item))
		if back := got[[]byte](m)(a.Assets().TransferItem(m.ctx(), it, uuid.Nil)); !bytes.Equal(back, data) {
			t.Errorf("asset type %d by its item: %d bytes came, or others", tt.kind, len(back))
		}
	}
}

func TestAssetsThatNobodyHas(t *testing.T) {
	m := newMeeting(t)
	a := m.enter("Bot1")
	for _, way := range []agent.Way{agent.HTTP, agent.UDP} {
		for _, kind := range []agent.AssetType{agent.AssetTexture, agent.AssetNotecard} {
			var none *agent.NoAssetError
			if _, err := a.Assets().Over(way).Fetch(m.ctx(), uuid.New(), kind); !errors.As(err, &none) {
				t.Errorf("asset type %d over %v: %v", kind, way, err)
			}
		}
	}
}

func TestUploadsOverUDP(t *testing.T) {
	m := newMeeting(t)
	a := m.enter("Bot1")
	done := make(chan error, 2)
	for _, size := range []int{500, 12_345} { // in the message, and by Xfer; both at once
		go func() {
			data := bytes.Repeat([]byte{byte(size)}, size)
			stored, err := a.Assets().UploadByUDP(m.ctx(), agent.AssetScript, data)
			if err != nil {
				done <- err
				return
			}
			it, err := a.Inventory().CreateItem(m.ctx(), agent.NewItem{Name: "uploaded", Type: agent.AssetScript, Transaction: stored.Transaction})
			if err != nil {
				done <- err
				return
			}
			if it.Asset != stored.ID {
				t.Errorf("the item stands for %v, not for %v", it.Asset, stored.ID)
			}
			back, err := a.Assets().Fetch(m.ctx(), it.Asset, agent.AssetScript)
			if !bytes.Equal(back, data) {
				t.Errorf("%d bytes came back of %d, or others", len(back), size)
			}
			done <- err
		}()
	}
	m.must(<-done, <-done)
}

// What is too long is broken off at its beginning.
func TestUploadThatIsTooLong(t *testing.T) {
	m := newMeeting(t)
	a := m.enter("Bot1")
	_, err := a.Assets().UploadByUDP(m.ctx(), agent.AssetScript, make([]byte, 5<<20))
	if reason.Of(err) != "upload_refused" {
		t.Errorf("5 MiB of script: %v", err)
	}
	got[agent.StoredAsset](m)(a.Assets().UploadByUDP(m.ctx(), agent.AssetScript, make([]byte, 2000))) // nothing is left in its way
}

func TestUploadsThatAreRefused(t *testing.T) {
	m := newMeeting(t)
	a := m.enter("Bot1")
	var refused *agent.UploadError
	if _, err := a.Assets().UpdateNotecard(m.ctx(), uuid.New(), []byte("x")); !errors.As(err, &refused) || refused.Message == "" {
		t.Errorf("a note that isn't there: %v", err)
	}
	script := got[agent.Item](m)(a.Inventory().CreateItem(m.ctx(), agent.NewItem{Name: "s", Type: agent.AssetScript}))
	if _, err := a.Assets().UpdateNotecard(m.ctx(), script.ID, []byte("x")); !errors.As(err, &refused) {
		t.Errorf("a script written as a note: %v", err)
	}
	if _, err := a.Assets().UploadNew(m.ctx(), agent.NewFile{Type: agent.AssetLink}, nil); err == nil {
		t.Error("a link was uploaded as a file")
	}
}

// A mesh comes by whichever capability the grid has.
func TestMeshByEachCapability(t *testing.T) {
	names := []string{"GetMesh2", "GetMesh", "ViewerAsset", "GetAsset"}
	for i, name := range names {
		t.Run(name, func(t *testing.T) {
			m := newMeeting(t)
			m.http = witness.Client(t, &http.Client{Transport: without{oneRequestEach.Transport, names[:i]}})
			a := m.enter("Bot1")
			want := []byte("a mesh that nobody can read")
			stored := got[agent.StoredAsset](m)(a.Assets().UploadByUDP(m.ctx(), agent.AssetMesh, want))
			if data := got[[]byte](m)(a.Assets().Over(agent.HTTP).Fetch(m.ctx(), stored.ID, agent.AssetMesh)); !bytes.Equal(data, want) {
				t.Errorf("it came as %q", data)
			}
		})
	}
}
