package agent

import (
	"math"

	"github.com/google/uuid"
	"github.com/slload/slload/llsd"
	"github.com/slload/slload/message"
)

// ParcelFlags are what a parcel allows, as bits of the protocol.
type ParcelFlags uint32

// Some of the flags.
const (
	ParcelAllowFly      ParcelFlags = 1 << 0
	ParcelAllowScripts  ParcelFlags = 1 << 1
	ParcelForSale       ParcelFlags = 1 << 2
	ParcelAllowLandmark ParcelFlags = 1 << 3
	ParcelCreateObjects ParcelFlags = 1 << 6
	ParcelUseAccessList ParcelFlags = 1 << 9
	ParcelUseBanList    ParcelFlags = 1 << 10
	ParcelAllowDeed     ParcelFlags = 1 << 15
	ParcelAllowVoice    ParcelFlags = 1 << 29
	ParcelEstateVoice   ParcelFlags = 1 << 30 // with the region's channel
)

// Parcel is a piece of a region's land. Lengths are metres, times hours unless
// they say otherwise.
type Parcel struct {
	LocalID     int32       `llsd:"LocalID"` // in its region; it changes when land is divided or joined
	Name        string      `llsd:"Name"`
	Description string      `llsd:"Desc"`
	Owner       uuid.UUID   `llsd:"OwnerID"` // a group where GroupOwned
	GroupOwned  bool        `llsd:"IsGroupOwned"`
	Group       uuid.UUID   `llsd:"GroupID"`
	Area        int32       `llsd:"Area"`   // m²
	Bitmap      []byte      `llsd:"Bitmap"` // a bit for each square of 4 m, row by row from the south-west
	Flags       ParcelFlags `llsd:"ParcelFlags"`

	SalePrice  int32     `llsd:"SalePrice"`
	Buyer      uuid.UUID `llsd:"AuthBuyerID"` // who alone may buy it; nil: anybody
	PassPrice  int32     `llsd:"PassPrice"`
	PassHours  float32   `llsd:"PassHours"`
	Category   int32     `llsd:"Category"`
	Snapshot   uuid.UUID `llsd:"SnapshotID"`
	MusicURL   string    `llsd:"MusicURL"`
	MediaURL   string    `llsd:"MediaURL"`
	MediaID    uuid.UUID `llsd:"MediaID"`
	MediaScale bool      `llsd:"MediaAutoScale"`

	LandingType int32           `llsd:"LandingType"` // 0 blocked, 1 at Landing, 2 anywhere
	Landing     message.Vector3 `llsd:"-"`
	LandingLook message.Vector3 `llsd:"-"`

	MaxPrims       int32 `llsd:"MaxPrims"`
	TotalPrims     int32 `llsd:"TotalPrims"`
	OwnerPrims     int32 `llsd:"OwnerPrims"`
	GroupPrims     int32 `llsd:"GroupPrims"`
	OtherPrims     int32 `llsd:"OtherPrims"`
	SelectedPrims  int32 `llsd:"SelectedPrims"`
	OtherCleanTime int32 `llsd:"OtherCleanTime"` // minutes after which others' objects are returned

	// Sequence is that of the request; 0 or negative where the simulator tells
	// of a parcel by itself.
	Sequence int32 `llsd:"SequenceID"`
	// Result is 0 for an answer that is one parcel, 1 for one of several.
	Result int32 `llsd:"RequestResult"`
}

// Contains tells whether the place (metres from the region's south-west
// corner) is the parcel's.
func (p *Parcel) Contains(x, y float64) bool {
	side := int(math.Sqrt(float64(8 * len(p.Bitmap))))
	col, row := int(math.Floor(x/4)), int(math.Floor(y/4))
	if col < 0 || row < 0 || col >= side || row >= side {
		return false
	}
	bit := row*side + col
	return p.Bitmap[bit/8]&(1<<(bit%8)) != 0
}

// parcelOf reads a parcel that the event queue brought.
func parcelOf(e QueueEvent) (Parcel, bool) {
	if e.Name != "ParcelProperties" {
		return Parcel{}, false
	}
	var body struct {
		Data []struct {
			Parcel
			Location []float32 `llsd:"UserLocation"`
			Look     []float32 `llsd:"UserLookAt"`
		} `llsd:"ParcelData"`
	}
	if llsd.Convert(e.Body, &body) != nil || len(body.Data) == 0 {
		return Parcel{}, false
	}
	p := body.Data[0].Parcel
	p.Landing, p.LandingLook = vectorOf(body.Data[0].Location), vectorOf(body.Data[0].Look)
	return p, true
}

func vectorOf(v []float32) message.Vector3 {
	if len(v) != 3 {
		return message.Vector3{}
	}
	return message.Vector3{X: v[0], Y: v[1], Z: v[2]}
}

// parcelOfMessage reads a parcel that the circuit brought.
func parcelOfMessage(m *message.ParcelProperties) Parcel {
	d := &m.ParcelData
	return Parcel{
		LocalID: d.LocalID, Name: message.String(d.Name), Description: message.String(d.Desc), Owner: d.OwnerID,
		GroupOwned: d.IsGroupOwned, Group: d.GroupID, Area: d.Area, Bitmap: append([]byte(nil), d.Bitmap...), Flags: ParcelFlags(d.ParcelFlags),
		SalePrice: d.SalePrice, Buyer: d.AuthBuyerID, PassPrice: d.PassPrice, PassHours: d.PassHours, Category: int32(d.Category),
		Snapshot: d.SnapshotID, MusicURL: message.String(d.MusicURL), MediaURL: message.String(d.MediaURL), MediaID: d.MediaID,
		MediaScale: d.MediaAutoScale != 0, LandingType: int32(d.LandingType), Landing: d.UserLocation, LandingLook: d.UserLookAt,
		MaxPrims: d.MaxPrims, TotalPrims: d.TotalPrims, OwnerPrims: d.OwnerPrims, GroupPrims: d.GroupPrims, OtherPrims: d.OtherPrims,
		SelectedPrims: d.SelectedPrims, OtherCleanTime: d.OtherCleanTime, Sequence: d.SequenceID, Result: d.RequestResult,
	}
}

// ParcelSquare is a square of 4 m of ParcelOverlay, as the agent sees it.
type ParcelSquare uint8

// What a square is: the lower three bits.
const (
	SquarePublic ParcelSquare = iota
	SquareOthers
	SquareGroup
	SquareOwn
	SquareForSale
	SquareAuction
)

// Kind is what the square is.
func (s ParcelSquare) Kind() ParcelSquare { return s & 7 }

// BorderWest tells whether another parcel begins west of the square.
func (s ParcelSquare) BorderWest() bool { return s&0x40 != 0 }

// BorderSouth tells whether another parcel begins south of the square.
func (s ParcelSquare) BorderSouth() bool { return s&0x80 != 0 }
