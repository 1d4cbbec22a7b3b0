package agent_test

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/slload/slload/agent"
	"github.com/slload/slload/testgrid"
)

// baking is a grid that bakes avatars itself.
var baking = testgrid.Config{ServerBake: true}

func TestTheGridBakesAnOutfit(t *testing.T) {
	m := meetOn(t, baking)
	a, b := m.enter("Bot1"), m.enter("Bot2")
	m.seeEachOther(a, b)
	dress := func() (set agent.Looks, seen agent.AvatarLooks) {
		seen = got[agent.AvatarLooks](m)(b.Appearance().AwaitLooks(m.ctx(), a.ID, func() (err error) {
			set, err = a.Appearance().Dress(m.ctx())
			return err
		}))
		return set, seen
	}
	bare := got[agent.Contents](m)(a.Appearance().Outfit(m.ctx()))
	set, seen := dress()
	if !seen.ServerBaked || seen.Outfit != bare.Version || len(seen.Shape) != 218 {
		t.Errorf("seen as %+v, want version %d baked by the grid", seen, bare.Version)
	}
	if diff := cmp.Diff(set.Bakes, seen.Bakes); diff != "" || len(set.Bakes) != 5 {
		t.Errorf("bakes (-told the agent +seen):\n%s", diff)
	}
	image := got[[]byte](m)(b.Assets().Fetch(m.ctx(), seen.Bakes[agent.BakeHead], agent.AssetTexture))
	if !bytes.HasPrefix(image, []byte{0xFF, 0x4F}) {
		t.Errorf("its head is no picture: %x...", image[:4])
	}
	shirt := got[agent.Item](m)(a.Inventory().CreateItem(m.ctx(), agent.NewItem{Type: agent.AssetClothing, Name: "shirt", Wearable: uint8(agent.WearShirt)}))
	m.must(a.Appearance().PutOn(m.ctx(), shirt))
	if in, _ := dress(); in.Bakes[agent.BakeUpper] == set.Bakes[agent.BakeUpper] {
		t.Error("a shirt makes no difference")
	}
}

func TestTheGridBakesItsOwnVersionOnly(t *testing.T) {
	m := meetOn(t, baking)
	a := m.enter("Bot1")
	outfit := got[agent.Contents](m)(a.Appearance().Outfit(m.ctx()))
	err := a.Appearance().ServerBake(m.ctx(), outfit.Version+7)
	var refused *agent.BakeError
	if !errors.As(err, &refused) || refused.Outfit != outfit.Version+7 || refused.Expected != outfit.Version || refused.Text == "" {
		t.Errorf("baked a version that isn't there: %v", err)
	}
}

// atBake runs once, before a bake is asked for.
type atBake struct {
	below http.RoundTripper
	once  sync.Once
	do    func()
}

func (b *atBake) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body != nil {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		if bytes.Contains(body, []byte("cof_version")) {
			b.once.Do(b.do)
		}
	}
	return b.below.RoundTrip(r)
}

// An outfit that has changed since it was read is read again.
func TestAnOutfitThatChangesIsBakedAnew(t *testing.T) {
	m := meetOn(t, baking)
	hook := &atBake{below: m.http.Transport}
	m.http = &http.Client{Transport: hook}
	a := m.enter("Bot1")
	var changed agent.Contents
	hook.do = func() {
		_, err := a.Inventory().Link(m.ctx(), agent.Item{ID: uuid.New(), Name: "socks", InvType: 18}, got[agent.Contents](m)(a.Appearance().Outfit(m.ctx())).Folder)
		m.must(err)
		changed = got[agent.Contents](m)(a.Appearance().Outfit(m.ctx()))
	}
	shown := make(chan agent.AvatarLooks, 1)
	defer a.Appearance().On(func(l agent.AvatarLooks) {
		if l.ServerBaked {
			shown <- l
		}
	})()
	got[agent.Looks](m)(a.Appearance().Dress(m.ctx()))
	if l := <-shown; l.Outfit != changed.Version {
		t.Errorf("version %d is shown, the outfit has %d", l.Outfit, changed.Version)
	}
}
