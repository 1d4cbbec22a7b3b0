package agent

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/slload/slload/circuit"
	"github.com/slload/slload/message"
)

// Appearance is the service of what the agent's avatar wears and looks like.
type Appearance struct{ a *Agent }

// Appearance gives the service. It costs nothing.
func (a *Agent) Appearance() Appearance { return Appearance{a} }

// WearableType is what of the body a wearable is for: 0 to 3 are body parts,
// which cannot be taken off, only changed.
type WearableType uint8

// The wearables that every avatar has, and some more.
const (
	WearShape WearableType = iota
	WearSkin
	WearHair
	WearEyes
	WearShirt
	WearPants
	WearShoes
	WearSocks
	WearJacket
	WearGloves
	WearUndershirt
	WearUnderpants
	WearSkirt
)

// Wearable is something worn.
type Wearable struct {
	Type  WearableType
	Item  uuid.UUID // in the inventory
	Asset uuid.UUID // what the item is; not sent
}

// Wearables asks what the agent wears (AgentWearablesRequest). OpenSim takes
// its time: 4 s and more.
func (s Appearance) Wearables(ctx context.Context) ([]Wearable, error) {
	ask := message.AgentWearablesRequest{AgentData: message.AgentWearablesRequestAgentData{AgentID: s.a.ID, SessionID: s.a.session}}
	return request(ctx, s.a, "what is worn (AgentWearablesUpdate)", message.IDAgentWearablesUpdate, s.a.sending(&ask), func(m message.Message) ([]Wearable, bool) {
		var list []Wearable
		for _, d := range m.(*message.AgentWearablesUpdate).WearableData {
			if d.ItemID != uuid.Nil { // of what isn't worn a simulator may say so
				list = append(list, Wearable{WearableType(d.WearableType), d.ItemID, d.AssetID})
			}
		}
		return list, true
	})
}

// SetWearables wears these and nothing else (AgentIsNowWearing), which the
// protocol doesn't answer. What the avatar looks like changes with Set.
func (s Appearance) SetWearables(ctx context.Context, list []Wearable) error {
	m := message.AgentIsNowWearing{AgentData: message.AgentIsNowWearingAgentData{AgentID: s.a.ID, SessionID: s.a.session}}
	for _, w := range list {
		m.WearableData = append(m.WearableData, message.AgentIsNowWearingWearableData{ItemID: w.Item, WearableType: uint8(w.Type)})
	}
	return s.a.tellRegion(ctx, &m)
}

// Wear puts something on, in place of what was worn there, and gives what is
// worn then.
func (s Appearance) Wear(ctx context.Context, w Wearable) ([]Wearable, error) {
	list, err := s.without(ctx, w.Type)
	if err != nil {
		return nil, err
	}
	list = append(list, w)
	return list, s.SetWearables(ctx, list)
}

// TakeOff takes off what is worn of a type, and gives what is worn then.
func (s Appearance) TakeOff(ctx context.Context, t WearableType) ([]Wearable, error) {
	if t <= WearEyes {
		return nil, fmt.Errorf("take off wearable type %d: body parts can be changed, not taken off", t)
	}
	list, err := s.without(ctx, t)
	if err != nil {
		return nil, err
	}
	return list, s.SetWearables(ctx, list)
}

func (s Appearance) without(ctx context.Context, t WearableType) ([]Wearable, error) {
	list, err := s.Wearables(ctx)
	return slices.DeleteFunc(list, func(w Wearable) bool { return w.Type == t }), err
}

// Looks are what others see of an avatar: its baked textures and its shape.
type Looks struct {
	Bakes map[Bake]uuid.UUID // textures
	// Shape has a value for each of the visual parameters that are sent, in the
	// order of their ids; nil is the middle of each.
	Shape []byte
	Size  message.Vector3 // metres; zero is a grown-up's
	// CacheIDs say what each bake was made of, for CachedBakes; a bake without
	// one gets its texture's.
	CacheIDs map[Bake]uuid.UUID
}

// How many visual parameters viewers send, and a grown-up's size.
const visualParams = 218

var grownUp = message.Vector3{X: 0.45, Y: 0.6, Z: 1.9}

// Set tells the simulator what the avatar looks like (AgentSetAppearance). It
// isn't answered; others receive an AvatarAppearance, on OpenSim some seconds
// later. The textures must have been uploaded by UploadBake, or be others' that
// the grid has.
func (s Appearance) Set(ctx context.Context, l Looks) error {
	m := message.AgentSetAppearance{ObjectData: message.AgentSetAppearanceObjectData{TextureEntry: bakedEntry(l.Bakes)}}
	for _, b := range slices.Sorted(maps.Keys(l.Bakes)) {
		id, ok := l.CacheIDs[b]
		if !ok {
			id = l.Bakes[b]
		}
		m.WearableData = append(m.WearableData, message.AgentSetAppearanceWearableData{CacheID: id, TextureIndex: uint8(b)})
	}
	if l.Shape == nil {
		l.Shape = slices.Repeat([]byte{127}, visualParams)
	}
	for _, v := range l.Shape {
		m.VisualParam = append(m.VisualParam, message.AgentSetAppearanceVisualParam{ParamValue: v})
	}
	orDefault(&l.Size, grownUp)
	return s.a.do(ctx, func(now circuit.Instant) error {
		m.AgentData = message.AgentSetAppearanceAgentData{
			AgentID: s.a.ID, SessionID: s.a.session, SerialNum: appearanceSerial(now), Size: l.Size,
		}
		return s.a.send(now, &m)
	})
}

// appearanceSerial grows with each AgentSetAppearance of a session: hundredths
// of seconds, which need no memory.
func appearanceSerial(now circuit.Instant) uint32 {
	return uint32(now.Time().UnixMilli() / 10)
}

// CachedBakes asks which baked textures the grid has for what they are made
// of, by cache ids (AgentCachedTexture); those that it hasn't are left out.
func (s Appearance) CachedBakes(ctx context.Context, madeOf map[Bake]uuid.UUID) (map[Bake]uuid.UUID, error) {
	serial := sequence()
	ask := message.AgentCachedTexture{AgentData: message.AgentCachedTextureAgentData{AgentID: s.a.ID, SessionID: s.a.session, SerialNum: serial}}
	for _, b := range slices.Sorted(maps.Keys(madeOf)) {
		ask.WearableData = append(ask.WearableData, message.AgentCachedTextureWearableData{ID: madeOf[b], TextureIndex: uint8(b)})
	}
	return request(ctx, s.a, "the cached textures (AgentCachedTextureResponse)", message.IDAgentCachedTextureResponse, s.a.sending(&ask), func(m message.Message) (map[Bake]uuid.UUID, bool) {
		reply := m.(*message.AgentCachedTextureResponse)
		found := map[Bake]uuid.UUID{}
		for _, d := range reply.WearableData {
			if d.TextureID != uuid.Nil {
				found[Bake(d.TextureIndex)] = d.TextureID
			}
		}
		return found, reply.AgentData.SerialNum == serial
	})
}

// UploadBake uploads a baked texture, a JPEG 2000 codestream, and gives its id
// (capability UploadBakedTexture). Grids keep such textures for a while only.
func (s Appearance) UploadBake(ctx context.Context, image []byte) (uuid.UUID, error) {
	up, err := s.a.upload(ctx, "UploadBakedTexture", map[string]any{}, image)
	return up.Asset, err
}

// AvatarLooks is an avatar as AvatarAppearance shows it.
type AvatarLooks struct {
	At     circuit.Instant
	Avatar uuid.UUID
	Looks
	ServerBaked bool  // by the grid; else by its viewer
	Outfit      int32 // the version of the current outfit that the grid baked
}

// Cloud tells whether a viewer would show a cloud: a body's textures lack.
func (l AvatarLooks) Cloud() bool {
	for _, b := range []Bake{BakeHead, BakeUpper, BakeLower} {
		if id := l.Bakes[b]; id == uuid.Nil || id == defaultAvatarTexture {
			return true
		}
	}
	return false
}

// On calls on, on the loop, for each avatar's looks that the simulator tells:
// on must not block. An agent isn't told its own but, on some grids, on
// arrival.
func (s Appearance) On(on func(AvatarLooks)) (cancel func()) {
	return onEach(s.a, message.IDAvatarAppearance, func(at circuit.Instant, m *message.AvatarAppearance) {
		l := AvatarLooks{At: at, Avatar: m.Sender.ID, Looks: Looks{Bakes: readBakes(m.ObjectData.TextureEntry)}}
		for _, v := range m.VisualParam {
			l.Shape = append(l.Shape, v.ParamValue)
		}
		for _, d := range m.AppearanceData {
			l.ServerBaked, l.Outfit = d.AppearanceVersion == serverBaked, d.CofVersion
		}
		on(l)
	})
}

// AwaitLooks waits until this agent has seen an avatar that is no cloud, after
// dress, which makes it so.
func (s Appearance) AwaitLooks(ctx context.Context, avatar uuid.UUID, dress func() error) (AvatarLooks, error) {
	return s.await(ctx, func(l AvatarLooks) bool { return l.Avatar == avatar && !l.Cloud() }, dress)
}

// await waits for the first looks that match accepts, from before dress is run.
func (s Appearance) await(ctx context.Context, match func(AvatarLooks) bool, dress func() error) (AvatarLooks, error) {
	came := make(chan AvatarLooks, 1)
	defer s.On(func(l AvatarLooks) {
		if match(l) {
			select {
			case came <- l:
			default: // the first will do
			}
		}
	})()
	if err := dress(); err != nil {
		return AvatarLooks{}, err
	}
	start := time.Now()
	select {
	case l := <-came:
		return l, nil
	case <-s.a.done:
		return AvatarLooks{}, s.a.gone()
	case <-ctx.Done():
		return AvatarLooks{}, fmt.Errorf("wait %v to see the avatar (AvatarAppearance): %w", time.Since(start).Round(time.Second), context.Cause(ctx))
	}
}
