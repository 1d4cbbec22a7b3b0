package agent_test

import (
	"bytes"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/slload/slload/agent"
	"github.com/slload/slload/internal/witness"
	"github.com/slload/slload/message"
)

func TestLandAsAVisitorSeesIt(t *testing.T) {
	m := newMeeting(t)
	a := m.enter("Bot1")
	land := a.Parcels()
	whole := got[agent.Parcel](m)(land.At(m.ctx(), 17, 200))
	if whole.LocalID != 1 || whole.Area != 65536 || whole.Name != "The whole region" || !whole.Contains(0, 255) || whole.Contains(-1, 0) || whole.Contains(0, 256) {
		t.Errorf("the parcel is %+v", whole)
	}
	if all := got[[]agent.Parcel](m)(land.All(m.ctx())); len(all) != 1 || all[0].LocalID != whole.LocalID {
		t.Errorf("there are %d parcels", len(all))
	}
	if byID := got[agent.Parcel](m)(land.ByID(m.ctx(), 1)); byID.Name != whole.Name {
		t.Errorf("by its id it is %+v", byID)
	}
	state := got[agent.State](m)(a.State(m.ctx()))
	id := got[uuid.UUID](m)(land.ID(m.ctx(), state.Region.ID, message.Vector3{X: 40, Y: 50}))
	info := got[agent.ParcelInfo](m)(land.Info(m.ctx(), id))
	if info.Name != whole.Name || info.Region != state.Region.Name || info.Area != 65536 || info.Owner != whole.Owner || info.X != float32(state.Region.X)+40 {
		t.Errorf("its info is %+v", info)
	}
	dwell, id, err := land.Dwell(m.ctx(), 1)
	if again := got[agent.ParcelInfo](m)(land.Info(m.ctx(), id)); err != nil || dwell != 1 || again.Name != whole.Name {
		t.Errorf("dwell %g of %v, %v", dwell, again, err)
	}
	if _, err := land.Update(m.shortly(), agent.Parcel{LocalID: 1, Name: "mine"}); err == nil {
		t.Error("a visitor could name the land")
	}
	if err := land.Divide(m.shortly(), agent.Square{West: 0, South: 0, East: 16, North: 16}); err == nil {
		t.Error("a visitor could divide the land")
	}
}

func TestLandIsDividedSoldAndJoined(t *testing.T) {
	m := newMeeting(t)
	owner, buyer := m.enterAs("Estate", "Owner"), m.enter("Bot1")
	land := owner.Parcels()
	corner := agent.Square{West: 0, South: 0, East: 32, North: 16}
	overlay := make(chan agent.ParcelSquare, 8)
	defer buyer.Parcels().OnOverlay(func(part int, squares []agent.ParcelSquare) {
		if part == 0 {
			overlay <- squares[4*64] // just north of the corner
		}
	})()
	m.must(land.Divide(m.ctx(), corner))
	if s := <-overlay; !s.BorderSouth() || s.Kind() != agent.SquareOthers {
		t.Errorf("north of the new border the overlay has %x", s)
	}
	all := got[[]agent.Parcel](m)(land.All(m.ctx()))
	if len(all) != 2 || all[0].Area != 32*16 || all[1].Area != 65536-32*16 {
		t.Fatalf("after dividing there are %+v", all)
	}
	piece := all[0]
	piece.Name, piece.MusicURL, piece.SalePrice, piece.Flags = "Corner", "http://127.0.0.1/radio", 7, piece.Flags|agent.ParcelForSale
	m.must(drop(land.Update(m.ctx(), piece)))

	before := got[int32](m)(buyer.Balance(m.ctx()))
	seen := got[agent.Parcel](m)(buyer.Parcels().At(m.ctx(), 5, 5))
	if seen.Name != "Corner" || seen.MusicURL != piece.MusicURL || seen.SalePrice != 7 {
		t.Errorf("the buyer sees %+v", seen)
	}
	bought := got[agent.Parcel](m)(buyer.Parcels().Buy(m.ctx(), seen))
	if after := got[int32](m)(buyer.Balance(m.ctx())); bought.Owner != buyer.ID || after != before-7 {
		t.Errorf("bought %+v, and has L$%d of %d", bought, after, before)
	}
	if err := land.Join(m.shortly(), agent.Square{East: 64, North: 64}); err == nil {
		t.Error("parcels of two owners could be joined")
	}
	if freed := got[agent.Parcel](m)(buyer.Parcels().Release(m.ctx(), bought.LocalID)); freed.Owner != owner.ID {
		t.Errorf("released to %v", freed.Owner)
	}
	m.must(land.Join(m.ctx(), agent.Square{East: 64, North: 64}))
	if all := got[[]agent.Parcel](m)(land.All(m.ctx())); len(all) != 1 || all[0].Area != 65536 {
		t.Errorf("after joining there are %+v", all)
	}
}

func drop(_ agent.Parcel, err error) error { return err }

func TestLandOfAGroup(t *testing.T) {
	m := newMeeting(t)
	owner, member := m.enterAs("Estate", "Owner"), m.enter("Bot1")
	group := m.found(owner, "Landlords")
	m.must(member.Groups().Join(m.ctx(), group))
	deeded := got[agent.Parcel](m)(owner.Parcels().Deed(m.ctx(), 1, group))
	if deeded.Owner != group || !deeded.GroupOwned {
		t.Errorf("deeded %+v", deeded)
	}
	if _, err := member.Parcels().Update(m.shortly(), agent.Parcel{LocalID: 1, Name: "ours"}); err == nil {
		t.Error("a plain member could name the group's land")
	}
	if taken := got[agent.Parcel](m)(owner.Parcels().Reclaim(m.ctx(), 1)); taken.Owner != owner.ID || taken.GroupOwned {
		t.Errorf("reclaimed %+v", taken)
	}
}

func TestAccessLists(t *testing.T) {
	m := newMeeting(t)
	owner, visitor := m.enterAs("Estate", "Owner"), m.enter("Bot1")
	land := owner.Parcels()
	friends := []agent.AccessEntry{{ID: visitor.ID}, {ID: uuid.New(), Expires: 2_000_000_000}}
	m.must(land.SetAccess(m.ctx(), 1, agent.AccessAllowed, friends))
	m.must(land.SetAccess(m.ctx(), 1, agent.AccessBanned, friends[1:]))
	for kind, want := range map[agent.AccessKind][]agent.AccessEntry{agent.AccessAllowed: friends, agent.AccessBanned: friends[1:]} {
		if diff := cmp.Diff(want, got[[]agent.AccessEntry](m)(land.Access(m.ctx(), 1, kind))); diff != "" {
			t.Errorf("list %d (-want +got):\n%s", kind, diff)
		}
	}
	m.must(visitor.Parcels().SetAccess(m.ctx(), 1, agent.AccessBanned, nil), land.SetAccess(m.ctx(), 1, agent.AccessAllowed, nil))
	if list := got[[]agent.AccessEntry](m)(land.Access(m.ctx(), 1, agent.AccessAllowed)); len(list) != 0 {
		t.Errorf("after emptying there are %v", list)
	}
	if list := got[[]agent.AccessEntry](m)(visitor.Parcels().Access(m.ctx(), 1, agent.AccessBanned)); len(list) != 1 {
		t.Errorf("a visitor emptied the list: %v", list)
	}
}

// Land that its owner released is anybody's to claim; other land isn't.
func TestReleasedLandIsClaimed(t *testing.T) {
	m := newMeeting(t)
	estate, seller, settler := m.enterAs("Estate", "Owner"), m.enter("Bot1"), m.enter("Bot2")
	corner := agent.Square{East: 32, North: 16}
	m.must(estate.Parcels().Divide(m.ctx(), corner))
	piece := got[agent.Parcel](m)(estate.Parcels().At(m.ctx(), 5, 5))
	if _, err := settler.Parcels().Claim(m.shortly(), piece, corner); err == nil {
		t.Error("the estate's land could be claimed")
	}
	piece.SalePrice, piece.Flags = 7, piece.Flags|agent.ParcelForSale
	piece = got[agent.Parcel](m)(estate.Parcels().Update(m.ctx(), piece))
	m.must(drop(seller.Parcels().Buy(m.ctx(), piece)), drop(seller.Parcels().Release(m.ctx(), piece.LocalID)))
	if _, err := settler.Parcels().Claim(m.shortly(), piece, agent.Square{East: 16, North: 16}); err == nil {
		t.Error("half a parcel could be claimed")
	}
	if claimed := got[agent.Parcel](m)(settler.Parcels().Claim(m.ctx(), piece, corner)); claimed.Owner != settler.ID || claimed.Area != 512 {
		t.Errorf("claimed %+v", claimed)
	}
}

// Without the capability parcels are updated by the circuit.
func TestLandIsUpdatedOverUDP(t *testing.T) {
	m := newMeeting(t)
	m.http = witness.Client(t, &http.Client{Transport: without{oneRequestEach.Transport, []string{"ParcelPropertiesUpdate"}}})
	owner := m.enterAs("Estate", "Owner")
	piece := got[agent.Parcel](m)(owner.Parcels().At(m.ctx(), 5, 5))
	piece.Name, piece.Description, piece.MediaURL, piece.Landing = "By circuit", "an old way", "http://127.0.0.1/film", message.Vector3{X: 9, Y: 8, Z: 25}
	m.must(drop(owner.Parcels().Update(m.ctx(), piece)))
	now := got[agent.Parcel](m)(owner.Parcels().At(m.ctx(), 5, 5))
	if now.Name != piece.Name || now.Description != piece.Description || now.MediaURL != piece.MediaURL || now.Landing != piece.Landing {
		t.Errorf("the parcel is %+v", now)
	}
}

// without is a grid that doesn't have some capabilities: nobody asks for them.
type without struct {
	http.RoundTripper
	names []string
}

func (w without) RoundTrip(r *http.Request) (*http.Response, error) {
	if !strings.HasPrefix(r.URL.Path, "/CAPS/") || r.Body == nil {
		return w.RoundTripper.RoundTrip(r)
	}
	body, err := io.ReadAll(r.Body)
	r.Body.Close()
	if err != nil {
		return nil, err
	}
	for _, name := range w.names {
		body = bytes.Replace(body, []byte("<string>"+name+"</string>"), nil, 1)
	}
	r = r.Clone(r.Context())
	r.Body, r.ContentLength, r.GetBody = io.NopCloser(bytes.NewReader(body)), int64(len(body)), nil
	return w.RoundTripper.RoundTrip(r)
}

// Parcels count what somebody has hold of.
func TestSelectedPrimsAreCounted(t *testing.T) {
	m := newMeeting(t)
	builder, visitor := m.enter("Bot1"), m.enter("Bot2")
	box := m.build(builder)
	counted := func(want int32) func() bool {
		return func() bool {
			return got[agent.Parcel](m)(builder.Parcels().At(m.ctx(), 5, 5)).SelectedPrims == want
		}
	}
	m.must(visitor.Objects().Select(m.ctx(), box)) // who may not change it doesn't count
	got[int32](m)(visitor.Balance(m.ctx()))
	if !counted(0)() {
		t.Error("a visitor has hold of the box")
	}
	m.must(builder.Objects().Select(m.ctx(), box))
	m.eventually("one is selected", counted(1))
	m.must(builder.Objects().Deselect(m.ctx(), box))
	m.eventually("none is selected", counted(0))
}

// A parcel's owner stops the scripts on it.
func TestScriptsOnLandAreStopped(t *testing.T) {
	m := newMeeting(t)
	owner, builder := m.enterAs("Estate", "Owner"), m.enter("Bot1")
	o := builder.Objects()
	stop, err := o.Track(m.ctx())
	m.must(err)
	defer stop()
	box := build(m.ctx(), t, builder)
	script := got[agent.Item](m)(o.NewScript(m.ctx(), box, "clock"))
	running := func() bool { return got[bool](m)(o.Running(m.ctx(), box, script.ID)) }
	if !running() {
		t.Fatal("the script doesn't run")
	}
	var counted atomic.Int64
	defer agent.Subscribe(builder, func(e agent.RegionStats) { counted.Store(int64(e.Scripts)) })()
	m.eventually("the simulator counts it", func() bool { return counted.Load() == 1 })
	m.must(builder.Parcels().DisableObjects(m.ctx(), 1, agent.ObjectsListed, builder.ID))
	got[int32](m)(builder.Balance(m.ctx()))
	if !running() {
		t.Error("a visitor stopped the scripts")
	}
	m.must(owner.Parcels().DisableObjects(m.ctx(), 1, agent.ObjectsListed, builder.ID))
	m.eventually("the script stops", func() bool { return !running() })
}

func TestObjectsOnLand(t *testing.T) {
	m := newMeeting(t)
	owner, builder := m.enterAs("Estate", "Owner"), m.enter("Bot1")
	box := m.build(builder)
	land := owner.Parcels()
	owners := got[[]agent.ObjectOwner](m)(land.ObjectOwners(m.ctx(), 1))
	if !slices.Contains(owners, agent.ObjectOwner{Owner: builder.ID, Prims: 1, Online: true}) {
		t.Errorf("objects are of %+v", owners)
	}
	if ids := got[[]uint32](m)(land.SelectObjects(m.ctx(), 1, agent.ObjectsListed, builder.ID)); len(ids) != 1 || ids[0] != box {
		t.Errorf("selected %v, want %d", ids, box)
	}
	killed := make(chan uint32, 8)
	defer builder.OnMessage(message.IDKillObject, func(e agent.MessageReceived) {
		for _, d := range e.Message.(*message.KillObject).ObjectData {
			killed <- d.ID
		}
	})()
	m.must(land.ReturnObjects(m.ctx(), 1, agent.ObjectsListed, builder.ID))
	select {
	case id := <-killed:
		if id != box {
			t.Errorf("%d was returned, want %d", id, box)
		}
	case <-m.ctx().Done():
		t.Fatal("nothing was returned")
	}
}
