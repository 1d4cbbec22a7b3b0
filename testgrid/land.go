package testgrid

import (
	"encoding/binary"
	"slices"

	"github.com/google/uuid"

	"github.com/slload/slload/message"
)

const (
	landUnit    = 4 // metres: the smallest piece of land
	squares     = regionSize / landUnit
	overlayPart = 1024 // squares in a ParcelOverlay

	defaultParcelFlags = 0x4B2000E8
	parcelForSale      = 1 << 2
	parcelSearch       = 1 << 12 // ShowDirectory
	landAnywhere       = 2       // LandingType
	mostParcels        = 256
)

// land is a region's parcels. Its loop owns them.
type land struct {
	parcels []*parcel
	lastID  int32 // the last local id that was given away

	overlay [][]byte // as who owns nothing, and is sold nothing alone, sees it; nil when it must be made
}

// parcel is a piece of land: squares of 4 m.
type parcel struct {
	id        int32
	owner     uuid.UUID // a group's where groupOwned
	groupLand bool
	abandoned bool                                     // the estate's since its owner released it
	update    message.ParcelPropertiesUpdateParcelData // what the owner has said of it
	squares   []bool                                   // by row*64+column
	allowed   []message.ParcelAccessListUpdateList
	banned    []message.ParcelAccessListUpdateList
	lists     uuid.UUID // of the transaction that changed a list last

	told map[string]any // ParcelProperties without a request; nil when it must be made
}

// init makes the whole region one parcel, the estate's.
func (l *land) init() {
	p := &parcel{id: 1, owner: estateOwner, squares: slices.Repeat([]bool{true}, squares*squares)}
	p.update.Name, p.update.Desc = message.Text("The whole region"), message.Text("")
	p.update.MusicURL, p.update.MediaURL = message.Text(""), message.Text("")
	p.update.ParcelFlags, p.update.LandingType = defaultParcelFlags, landAnywhere
	l.parcels, l.lastID = []*parcel{p}, 1
}

func (l *land) byID(id int32) *parcel {
	for _, p := range l.parcels {
		if p.id == id {
			return p
		}
	}
	return nil
}

// recount forgets what was made to tell of parcels: objects came or went.
func (l *land) recount() {
	for _, p := range l.parcels {
		p.told = nil
	}
}

// at gives the parcel at a place in metres; nil outside of the region.
func (l *land) at(x, y float32) *parcel {
	if !(x >= 0 && y >= 0 && x < regionSize && y < regionSize) {
		return nil
	}
	i := int(y)/landUnit*squares + int(x)/landUnit
	for _, p := range l.parcels {
		if p.squares[i] {
			return p
		}
	}
	return nil
}

// within lists the squares of a piece of land; ok tells whether there are any
// and all lie in the region.
func within(west, south, east, north float32) (list []int, ok bool) {
	if !(west >= 0 && south >= 0 && east <= regionSize && north <= regionSize && west < east && south < north) {
		return nil, false
	}
	for row := int(south) / landUnit; row < (int(north)+landUnit-1)/landUnit; row++ {
		for col := int(west) / landUnit; col < (int(east)+landUnit-1)/landUnit; col++ {
			list = append(list, row*squares+col)
		}
	}
	return list, len(list) > 0
}

// area is the parcel's in m².
func (p *parcel) area() int32 {
	n := int32(0)
	for _, mine := range p.squares {
		if mine {
			n++
		}
	}
	return n * landUnit * landUnit
}

func (p *parcel) bitmap() []byte {
	bits := make([]byte, len(p.squares)/8)
	for i, mine := range p.squares {
		if mine {
			bits[i/8] |= 1 << (i % 8)
		}
	}
	return bits
}

// bounds is the parcel's box in metres.
func (p *parcel) bounds() (west, south, east, north float64) {
	west, south = regionSize, regionSize
	for i, mine := range p.squares {
		if !mine {
			continue
		}
		x, y := float64(i%squares*landUnit), float64(i/squares*landUnit)
		west, south, east, north = min(west, x), min(south, y), max(east, x+landUnit), max(north, y+landUnit)
	}
	return west, south, east, north
}

// first is the parcel's first square's corner, which stands for it in its
// grid-wide id.
func (p *parcel) first() (x, y uint16) {
	i := slices.Index(p.squares, true)
	return uint16(i % squares * landUnit), uint16(i / squares * landUnit)
}

// parcelID is a grid-wide id, which tells where the parcel lies: OpenSim's
// have the region's handle and a place in it, too.
func parcelID(r *region, x, y uint16) uuid.UUID {
	var id uuid.UUID
	binary.LittleEndian.PutUint64(id[:], r.handle())
	binary.LittleEndian.PutUint16(id[8:], x)
	binary.LittleEndian.PutUint16(id[10:], y)
	return id
}

// parcelPlace takes such an id apart.
func (g *Grid) parcelPlace(id uuid.UUID) (r *region, x, y float32) {
	for _, r := range g.regions {
		if r.handle() == binary.LittleEndian.Uint64(id[:]) {
			return r, float32(binary.LittleEndian.Uint16(id[8:])), float32(binary.LittleEndian.Uint16(id[10:]))
		}
	}
	return nil, 0, 0
}

// What a square is, in ParcelOverlay.
const (
	squareOthers      = 1
	squareGroup       = 2
	squareOwn         = 3
	squareForSale     = 4
	squareBorderWest  = 0x40
	squareBorderSouth = 0x80
)

// overlayFor gives the region's overlay as a resident sees it, in parts.
func (r *region) overlayFor(agent uuid.UUID) [][]byte {
	mine := slices.ContainsFunc(r.land.parcels, func(p *parcel) bool {
		return p.owner == agent || p.groupLand || p.update.AuthBuyerID != uuid.Nil && p.update.AuthBuyerID == agent
	})
	if !mine && r.land.overlay != nil {
		return r.land.overlay
	}
	all := make([]byte, squares*squares)
	for _, p := range r.land.parcels {
		kind := r.squareKind(p, agent)
		for i, in := range p.squares {
			if !in {
				continue
			}
			all[i] = kind
			if i%squares == 0 || !p.squares[i-1] {
				all[i] |= squareBorderWest
			}
			if i < squares || !p.squares[i-squares] {
				all[i] |= squareBorderSouth
			}
		}
	}
	parts := slices.Collect(slices.Chunk(all, overlayPart))
	if !mine {
		r.land.overlay = parts
	}
	return parts
}

func (r *region) squareKind(p *parcel, agent uuid.UUID) byte {
	switch {
	case p.owner == agent:
		return squareOwn
	case p.groupLand && r.grid.inGroup(agent, p.owner):
		return squareGroup
	case p.update.SalePrice > 0 && (p.update.AuthBuyerID == uuid.Nil || p.update.AuthBuyerID == agent):
		return squareForSale
	}
	return squareOthers
}
