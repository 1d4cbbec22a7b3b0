package agent_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"maps"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/google/uuid"
	"github.com/slload/slload/agent"
)

func TestAnAgentThatIsNoCloud(t *testing.T) {
	m := newMeeting(t)
	a, b := m.enter("Bot1"), m.enter("Bot2")
	m.seeEachOther(a, b)
	var dressed agent.Looks
	seen := got[agent.AvatarLooks](m)(b.Appearance().AwaitLooks(m.ctx(), a.ID, func() (err error) {
		dressed, err = a.Appearance().Dress(m.ctx())
		return err
	}))
	if diff := cmp.Diff(dressed.Bakes, seen.Bakes); diff != "" || len(dressed.Bakes) != 5 {
		t.Errorf("bakes (-set +seen):\n%s", diff)
	}
	if len(seen.Shape) != 218 || seen.Shape[0] != 127 {
		t.Errorf("its shape is %v", seen.Shape)
	}
	cached := got[map[agent.Bake]uuid.UUID](m)(a.Appearance().CachedBakes(m.ctx(), dressed.CacheIDs))
	if diff := cmp.Diff(dressed.Bakes, cached); diff != "" {
		t.Errorf("cached (-set +got):\n%s", diff)
	}
	others := maps.Clone(dressed.CacheIDs)
	for k := range others {
		others[k] = uuid.New()
	}
	if none := got[map[agent.Bake]uuid.UUID](m)(a.Appearance().CachedBakes(m.ctx(), others)); len(none) != 0 {
		t.Errorf("the grid has what nobody made: %v", none)
	}
}

func TestTexturesThatTheGridHasNotMakeACloud(t *testing.T) {
	m := newMeeting(t)
	a, b := m.enter("Bot1"), m.enter("Bot2")
	m.seeEachOther(a, b)
	came := make(chan agent.AvatarLooks, 4)
	defer b.Appearance().On(func(l agent.AvatarLooks) { came <- l })()
	m.must(a.Appearance().Set(m.ctx(), agent.Looks{Bakes: map[agent.Bake]uuid.UUID{agent.BakeHead: uuid.New()}, Shape: []byte{1, 2, 3}}))
	select {
	case l := <-came:
		if l.Avatar != a.ID || !l.Cloud() || !bytes.Equal(l.Shape, []byte{1, 2, 3}) {
			t.Errorf("seen as %+v", l)
		}
	case <-m.ctx().Done():
		t.Fatal("nothing was seen")
	}
	if err := a.Appearance().ServerBake(m.ctx(), 1); !errors.As(err, new(*agent.NoCapabilityError)) {
		t.Errorf("the grid baked: %v", err)
	}
}

func TestWearablesPutOnAndTakenOff(t *testing.T) {
	m := newMeeting(t)
	a := m.enter("Bot1")
	body := got[[]agent.Wearable](m)(a.Appearance().Wearables(m.ctx()))
	if len(body) != 4 || body[0].Type != agent.WearShape || body[3].Type != agent.WearEyes {
		t.Fatalf("a new resident wears %+v", body)
	}
	shirt := agent.Wearable{Type: agent.WearShirt, Item: uuid.New()}
	hair := agent.Wearable{Type: agent.WearHair, Item: uuid.New()}
	if worn := got[[]agent.Wearable](m)(a.Appearance().Wear(m.ctx(), shirt)); len(worn) != 5 {
		t.Errorf("with a shirt it wears %+v", worn)
	}
	worn := got[[]agent.Wearable](m)(a.Appearance().Wear(m.ctx(), hair))
	sorted := cmpopts.SortSlices(func(a, b agent.Wearable) bool { return a.Type < b.Type })
	if diff := cmp.Diff(worn, got[[]agent.Wearable](m)(a.Appearance().Wearables(m.ctx())), sorted, cmpopts.IgnoreFields(agent.Wearable{}, "Asset")); diff != "" || len(worn) != 5 {
		t.Errorf("worn (-sent +got):\n%s", diff)
	}
	worn = got[[]agent.Wearable](m)(a.Appearance().TakeOff(m.ctx(), agent.WearShirt))
	if now := got[[]agent.Wearable](m)(a.Appearance().Wearables(m.ctx())); len(worn) != 4 || len(now) != 4 {
		t.Errorf("without its shirt it wears %+v", now)
	}
	if _, err := a.Appearance().TakeOff(m.ctx(), agent.WearSkin); err == nil {
		t.Error("its skin could be taken off")
	}
}

// The current outfit has a link to what is worn, by AIS and by messages.
func TestTheCurrentOutfit(t *testing.T) {
	for name, enter := range map[string]func(m *meeting) *agent.Agent{
		"AIS": func(m *meeting) *agent.Agent { return m.enter("Bot1") },
		"messages": func(m *meeting) *agent.Agent {
			return m.enterAs("Load", "Bot1", func(o *agent.Options) { o.NoEventQueue = true })
		},
	} {
		t.Run(name, func(t *testing.T) {
			m := newMeeting(t)
			a := enter(m)
			sew := func(name string) agent.Item {
				return got[agent.Item](m)(a.Inventory().CreateItem(m.ctx(), agent.NewItem{Type: agent.AssetClothing, Name: name, Wearable: uint8(agent.WearShirt)}))
			}
			linked := func() (list []string) {
				for _, it := range got[agent.Contents](m)(a.Appearance().Outfit(m.ctx())).Items {
					list = append(list, it.Name)
				}
				return list
			}
			red, blue := sew("red shirt"), sew("blue shirt")
			m.must(a.Appearance().PutOn(m.ctx(), red))
			if diff := cmp.Diff([]string{"red shirt"}, linked()); diff != "" {
				t.Errorf("with the red shirt on (-want +got):\n%s", diff)
			}
			m.must(a.Appearance().PutOn(m.ctx(), blue))
			if diff := cmp.Diff([]string{"blue shirt"}, linked()); diff != "" {
				t.Errorf("with the blue shirt on (-want +got):\n%s", diff)
			}
			if worn := got[[]agent.Wearable](m)(a.Appearance().Wearables(m.ctx())); len(worn) != 5 {
				t.Errorf("it wears %+v", worn)
			}
			m.must(a.Appearance().TakeOffItem(m.ctx(), blue))
			if diff := cmp.Diff([]string(nil), linked()); diff != "" {
				t.Errorf("without a shirt (-want +got):\n%s", diff)
			}
			note := got[agent.Item](m)(a.Inventory().CreateItem(m.ctx(), agent.NewItem{Type: agent.AssetNotecard, Name: "no shirt"}))
			if err := a.Appearance().PutOn(m.ctx(), note); err == nil {
				t.Error("it wears a note")
			}
		})
	}
}

// A codestream begins with SOC and SIZ, ends with EOC, and its one tile says
// how long it is.
func TestPlainImageIsACodestream(t *testing.T) {
	a, b := agent.PlainImage(64, "a"), agent.PlainImage(64, "b")
	if !bytes.HasPrefix(a, []byte{0xFF, 0x4F, 0xFF, 0x51}) || !bytes.HasSuffix(a, []byte{0xFF, 0xD9}) || bytes.Equal(a, b) {
		t.Fatalf("%x", a)
	}
	for at := 2; ; { // from marker to marker
		marker, length := binary.BigEndian.Uint16(a[at:]), int(binary.BigEndian.Uint16(a[at+2:]))
		if marker == 0xFF90 { // SOT: the tile goes to the end
			if tile := int(binary.BigEndian.Uint32(a[at+6:])); at+tile+2 != len(a) {
				t.Errorf("the tile ends at %d of %d", at+tile, len(a))
			}
			return
		}
		at += 2 + length
	}
}
