package agent_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/google/uuid"
	"github.com/slload/slload/agent"
	"github.com/slload/slload/message"
)

const quiet = 200 * time.Millisecond

// By the capability, and by messages.
func TestOfflineIMsWaitForTheirReader(t *testing.T) {
	for _, queueless := range []bool{false, true} {
		m := newMeeting(t)
		a, b := m.enter("Bot1"), m.enter("Bot2")
		m.must(b.Logout(m.ctx()))
		saved := agent.Expect(a, func(e agent.IMReceived) bool { return e.From == b.ID })
		m.must(a.IM(m.ctx(), b.ID, "one"), a.IM(m.ctx(), b.ID, "two"))
		if e := got[agent.IMReceived](m)(saved.Wait(m.ctx(), "the grid's word")); e.Text != "User is not logged in. Message saved." {
			t.Errorf("the sender was told %q", e.Text)
		}
		b = m.enterAs("Load", "Bot2", func(o *agent.Options) { o.NoEventQueue = queueless })
		letters := got[[]agent.IMReceived](m)(b.OfflineIMs(m.ctx(), quiet))
		if len(letters) != 2 || letters[0].Text != "one" || letters[1].Text != "two" || letters[0].From != a.ID || letters[0].FromName != "Load Bot1" || !letters[0].Offline {
			t.Errorf("without capabilities %v: got %+v", queueless, letters)
		}
		if again := got[[]agent.IMReceived](m)(b.OfflineIMs(m.ctx(), quiet)); len(again) != 0 {
			t.Errorf("without capabilities %v: they came twice: %+v", queueless, again)
		}
	}
}

func TestPicksAndClassifiedsAndNotes(t *testing.T) {
	m := newMeeting(t)
	a, b := m.enter("Bot1"), m.enter("Bot2")
	pick := agent.Pick{Name: "The pier", Description: "Mind the gap.", Parcel: uuid.New(), Snapshot: uuid.New(), Position: message.Vector3d{X: 256_128, Y: 256_128, Z: 25}, Enabled: true, Order: 3}
	pick.ID = got[uuid.UUID](m)(a.SetPick(m.ctx(), pick))
	pick.Creator, pick.Region, pick.CreatorsName = a.ID, "Region 1", "Load Bot1"
	if diff := cmp.Diff(pick, got[agent.Pick](m)(a.Pick(m.ctx(), a.ID, pick.ID))); diff != "" {
		t.Errorf("the pick (-want +got):\n%s", diff)
	}
	if list := got[map[uuid.UUID]string](m)(b.Picks(m.ctx(), a.ID, 0)); len(list) != 1 || list[pick.ID] != "The pier" {
		t.Errorf("picks %v", list)
	}
	ad := agent.Classified{Name: "Boats", Description: "Cheap.", Category: 1, Price: 50, Flags: 4, Parcel: uuid.New(), Position: pick.Position}
	ad.ID = got[uuid.UUID](m)(a.SetClassified(m.ctx(), ad))
	got[agent.Classified](m)(a.Classified(m.ctx(), ad.ID)) // comes after the update
	seen := got[agent.Classified](m)(b.Classified(m.ctx(), ad.ID))
	if !seen.Expires.After(seen.Created) {
		t.Errorf("shown from %v to %v", seen.Created, seen.Expires)
	}
	ad.Creator, ad.Region, ad.Created, ad.Expires = a.ID, "Region 1", seen.Created, seen.Expires
	if diff := cmp.Diff(ad, seen); diff != "" {
		t.Errorf("the classified (-want +got):\n%s", diff)
	}
	m.must(a.SetNotes(m.ctx(), b.ID, "owes me a boat"))
	if mine, its := got[string](m)(a.Notes(m.ctx(), b.ID)), got[string](m)(b.Notes(m.ctx(), b.ID)); mine != "owes me a boat" || its != "" {
		t.Errorf("notes: %q, and %q of its own", mine, its)
	}
	m.must(a.DeletePick(m.ctx(), pick.ID), a.DeleteClassified(m.ctx(), ad.ID))
	if list := got[map[uuid.UUID]string](m)(a.Picks(m.ctx(), a.ID, 0)); len(list) != 0 {
		t.Errorf("picks that were deleted: %v", list)
	}
	if list := got[map[uuid.UUID]string](m)(a.Classifieds(m.ctx(), a.ID, 0)); len(list) != 0 {
		t.Errorf("classifieds that were deleted: %v", list)
	}
	if list := got[map[uuid.UUID]string](m)(a.Picks(m.ctx(), uuid.New(), 0)); len(list) != 0 {
		t.Errorf("nobody's picks: %v", list)
	}
}

// More than a datagram holds.
func TestLongListsOfPicksAndClassifieds(t *testing.T) {
	m := newMeeting(t)
	a, b := m.enter("Bot1"), m.enter("Bot2")
	picks, ads := map[uuid.UUID]string{}, map[uuid.UUID]string{}
	for i := range 60 {
		name := fmt.Sprintf("Place %d", i)
		picks[got[uuid.UUID](m)(a.SetPick(m.ctx(), agent.Pick{Name: name}))] = name
		ads[got[uuid.UUID](m)(a.SetClassified(m.ctx(), agent.Classified{Name: name}))] = name
	}
	got[agent.Profile](m)(a.Profile(m.ctx(), a.ID)) // comes after them
	for name, lists := range map[string][2]map[uuid.UUID]string{
		"picks":       {picks, got[map[uuid.UUID]string](m)(b.Picks(m.ctx(), a.ID, quiet))},
		"classifieds": {ads, got[map[uuid.UUID]string](m)(b.Classifieds(m.ctx(), a.ID, quiet))},
	} {
		if diff := cmp.Diff(lists[0], lists[1]); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	// A classified is its maker's, whoever else says its id.
	var id uuid.UUID
	for id = range ads {
		break
	}
	got[uuid.UUID](m)(b.SetClassified(m.ctx(), agent.Classified{ID: id, Name: "stolen"}))
	m.must(b.DeleteClassified(m.ctx(), id))
	if ad := got[agent.Classified](m)(b.Classified(m.ctx(), id)); ad.Creator != a.ID || ad.Name != ads[id] {
		t.Errorf("it is %+v", ad)
	}
}

func TestNamesBothWays(t *testing.T) {
	m := newMeeting(t)
	a, b := m.enter("Bot1"), m.enter("Bot2")
	names := got[map[uuid.UUID]agent.Resident](m)(a.Names(m.ctx(), a.ID, b.ID))
	if names[a.ID].Name() != "Load Bot1" || names[b.ID].Last != "Bot2" {
		t.Errorf("names are %v", names)
	}
	shown := got[[]agent.Resident](m)(a.DisplayNames(m.ctx(), b.ID, uuid.New()))
	want := []agent.Resident{{ID: b.ID, First: "Load", Last: "Bot2", DisplayName: "Load Bot2"}}
	if diff := cmp.Diff(want, shown); diff != "" {
		t.Errorf("display names (-want +got):\n%s", diff)
	}
	if found := got[[]agent.Resident](m)(a.FindResidents(m.ctx(), "Load Bot2")); cmp.Diff(want, found) != "" {
		t.Errorf("found %v by capability, want %v", found, want)
	}
}

func TestNamesThatNobodyHas(t *testing.T) {
	m := newMeeting(t)
	a := m.enter("Bot1")
	stranger := uuid.New()
	names, err := a.Names(m.shortly(), a.ID, stranger)
	var unanswered *agent.UnansweredError
	if !errors.As(err, &unanswered) || len(unanswered.IDs) != 1 || unanswered.IDs[0] != stranger || len(names) != 1 {
		t.Errorf("got %v, %v; want one name and one that is missing", names, err)
	}
}

func TestResidentsAreFoundWithoutCapabilities(t *testing.T) {
	m := newMeeting(t)
	b := m.enter("Bot2")
	a := got[*agent.Agent](m)(agent.Login(m.ctx(), agent.Options{
		Loop: m.loop, LoginURI: m.uri, HTTP: m.http, NoEventQueue: true, Account: agent.Account{First: "Load", Last: "Bot1", Password: "open sesame"},
	}))
	found := got[[]agent.Resident](m)(a.FindResidents(m.ctx(), "bot2"))
	if len(found) != 1 || found[0].ID != b.ID || found[0].Name() != "Load Bot2" {
		t.Errorf("found %v", found)
	}
	if none := got[[]agent.Resident](m)(a.FindResidents(m.ctx(), "nobody")); len(none) != 0 {
		t.Errorf("found %v", none)
	}
	if _, err := a.VoiceAccount(m.ctx()); !errors.As(err, new(*agent.NoCapabilityError)) {
		t.Errorf("a voice account came: %v", err)
	}
	m.must(a.Logout(m.ctx()))
}

func TestProfile(t *testing.T) {
	m := newMeeting(t)
	a, b := m.enter("Bot1"), m.enter("Bot2")
	want := agent.Profile{
		About: "walks a lot", FirstLife: "none", URL: "http://127.0.0.1/me", Image: uuid.New(), AllowPublish: true,
		WantTo: 3, WantToText: "meet", Skills: 4, SkillsText: "to stand", Languages: "Go", Identified: true, Online: true,
	}
	m.must(a.UpdateProfile(m.ctx(), want))
	got[agent.Profile](m)(a.Profile(m.ctx(), a.ID)) // comes after the update
	seen := got[agent.Profile](m)(b.Profile(m.ctx(), a.ID))
	if diff := cmp.Diff(want, seen, cmpopts.IgnoreFields(agent.Profile{}, "Born")); diff != "" {
		t.Errorf("profile (-want +got):\n%s", diff)
	}
	if other := got[agent.Profile](m)(a.Profile(m.ctx(), b.ID)); other.About != "" || !other.Online {
		t.Errorf("the other's profile is %+v", other)
	}
}

func TestMoney(t *testing.T) {
	m := newMeeting(t)
	a, b := m.enter("Bot1"), m.enter("Bot2")
	before := got[int32](m)(b.Balance(m.ctx()))
	paid := make(chan agent.BalanceChanged, 1)
	defer b.OnBalance(func(c agent.BalanceChanged) { paid <- c })()
	if left := got[int32](m)(a.Pay(m.ctx(), b.ID, 30, "for nothing")); left != before-30 {
		t.Errorf("%d are left of %d", left, before)
	}
	select {
	case c := <-paid:
		if c.From != a.ID || c.Amount != 30 || c.Balance != before+30 || !c.Success {
			t.Errorf("the payee was told %+v", c)
		}
	case <-m.ctx().Done():
		t.Fatal("the payee was told nothing")
	}
	left, err := a.Pay(m.ctx(), b.ID, 1_000_000, "")
	var refused *agent.PaymentError
	if !errors.As(err, &refused) || left != before-30 {
		t.Errorf("paid what it hadn't: %d, %v", left, err)
	}
}

// What an object is paid, its owner gets, and its scripts hear of it.
func TestPaysAnObject(t *testing.T) {
	ctx, agents := builders(t, "Ann", "Bob")
	ann, bob := agents[0], agents[1]
	m := &meeting{T: t}
	box := build(ctx, t, ann)
	script := got[agent.Item](m)(ann.Objects().NewScript(ctx, box, "tips"))
	u := got[agent.Uploaded](m)(ann.Objects().UploadScript(ctx, box, script.ID, `default { money(key who, integer amount) { llSay(0, "thanks"); } }`))
	if !u.Compiled {
		t.Fatalf("uploaded %+v", u)
	}
	had, before := got[int32](m)(bob.Balance(ctx)), got[int32](m)(ann.Balance(ctx))
	hears(ctx, t, ann, "thanks", func() error {
		left, err := bob.PayObject(ctx, box.ID, 5)
		if left != had-5 {
			t.Errorf("of L$%d there are %d left", had, left)
		}
		return err
	})
	if now := got[int32](m)(ann.Balance(ctx)); now != before+5 {
		t.Errorf("the owner had L$%d and has %d", before, now)
	}
	if _, err := bob.PayObject(ctx, uuid.New(), 5); !errors.As(err, new(*agent.PaymentError)) {
		t.Errorf("paid what isn't there: %v", err)
	}
}

func TestMuteList(t *testing.T) {
	m := newMeeting(t)
	a := m.enter("Bot1")
	if list := got[[]agent.Mute](m)(a.Mutes(m.ctx())); len(list) != 0 {
		t.Errorf("a new resident mutes %v", list)
	}
	var want []agent.Mute
	for i := range 40 { // more than a piece of a file
		mute := agent.Mute{ID: uuid.New(), Name: "Noisy Neighbour", Kind: agent.MuteResident, Flags: uint32(i)}
		want = append(want, mute)
		m.must(a.Mute(m.ctx(), mute))
	}
	m.must(a.Unmute(m.ctx(), want[0].ID, want[0].Name))
	if diff := cmp.Diff(want[1:], got[[]agent.Mute](m)(a.Mutes(m.ctx()))); diff != "" {
		t.Errorf("mute list (-want +got):\n%s", diff)
	}
}

// Who has the list already isn't sent it again.
func TestMuteListThatIsTheSame(t *testing.T) {
	m := newMeeting(t)
	a := m.enter("Bot1")
	first := agent.Mute{ID: uuid.New(), Name: "Noisy Neighbour", Kind: agent.MuteResident}
	m.must(a.Mute(m.ctx(), first))
	have := got[agent.MuteList](m)(a.RefreshMutes(m.ctx(), agent.MuteList{}))
	if len(have.Mutes) != 1 || have.Checksum == 0 {
		t.Fatalf("the list is %+v", have)
	}
	files := 0 // the loop's
	cancel := a.OnMessage(message.IDMuteListUpdate, func(agent.MessageReceived) { files++ })
	if diff := cmp.Diff(have, got[agent.MuteList](m)(a.RefreshMutes(m.ctx(), have))); diff != "" {
		t.Errorf("refreshed (-had +got):\n%s", diff)
	}
	cancel()
	got[agent.State](m)(a.State(m.ctx())) // after which nothing counts any more
	if files != 0 {
		t.Errorf("%d files were offered", files)
	}
	m.must(a.Mute(m.ctx(), agent.Mute{ID: uuid.New(), Name: "Another", Kind: agent.MuteResident}))
	if now := got[agent.MuteList](m)(a.RefreshMutes(m.ctx(), have)); len(now.Mutes) != 2 || now.Checksum == have.Checksum {
		t.Errorf("after another there are %+v", now)
	}
}

func TestAnimations(t *testing.T) {
	m := newMeeting(t)
	a, b := m.enter("Bot1"), m.enter("Bot2")
	dance := uuid.New()
	seen := make(chan bool, 16)
	defer b.OnMessage(message.IDAvatarAnimation, func(e agent.MessageReceived) {
		told := e.Message.(*message.AvatarAnimation)
		for _, anim := range told.AnimationList {
			if told.Sender.ID == a.ID && anim.AnimID == dance {
				select {
				case seen <- true:
				default:
				}
			}
		}
	})()
	m.must(a.StartAnimation(m.ctx(), dance))
	select {
	case <-seen:
	case <-m.ctx().Done():
		t.Fatal("the other never saw it dance")
	}
	m.must(a.StopAnimation(m.ctx(), dance))
}

// The map's answers don't say what was asked.
func TestSearchesOfTheMapDontMixUp(t *testing.T) {
	m := newMeeting(t)
	a := m.enter("Bot1")
	ctx := m.ctx()
	var all sync.WaitGroup
	for name, want := range map[string]int{"Region 1": 1, "Nowhere": 0, "Regi": 1, "Neverland": 0} {
		all.Go(func() {
			if found, err := a.MapSearch(ctx, name); err != nil || len(found) != want {
				t.Errorf("%q found %v, %v; want %d", name, found, err, want)
			}
		})
	}
	all.Wait()
}
