package testgrid

import (
	"math"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/slload/slload/circuit"
	"github.com/slload/slload/message"
)

// prims is all that stands in a region, and what happened to it. Its log tells
// clients what they must hear of: each keeps the number of the next entry to
// read, and what all have read is thrown away. The region's loop owns it.
type prims struct {
	list []*prim // by local id
	byID map[uuid.UUID]*prim
	log  []primChange
	base uint64 // number of log[0]
	full int    // how long the log gets before it is looked through again
}

// primChange is an entry of the log.
type primChange struct {
	prim *prim
	what primNews
}

type primNews uint8

const (
	primLooks primNews = iota // ObjectUpdate tells
	primMoved                 // ImprovedTerseObjectUpdate does
	primGone                  // KillObject does
)

// maxPrims bounds what stands in a region: OpenSim's default is 15,000.
const maxPrims = 15_000

// end is the number of the entry that will be next.
func (s *prims) end() uint64 { return s.base + uint64(len(s.log)) }

// local finds a prim by its local id.
func (s *prims) local(id uint32) *prim {
	if i, ok := s.index(id); ok {
		return s.list[i]
	}
	return nil
}

func (s *prims) index(id uint32) (int, bool) {
	return slices.BinarySearchFunc(s.list, id, func(p *prim, id uint32) int { return int(int64(p.localID) - int64(id)) })
}

// addPrim puts a prim into the region, linked as it is, and gives it ids.
func (r *region) addPrim(p *prim) {
	r.lastID++
	p.localID = r.lastID
	if p.id == uuid.Nil {
		p.id = uuid.New()
	}
	if p.root == nil {
		p.root = p
	}
	r.prims.list = append(r.prims.list, p)
	r.prims.byID[p.id] = p
	r.land.recount()
	r.looks(p)
}

// removePrim takes a linkset out of the region.
func (r *region) removePrim(root *prim) {
	r.land.recount()
	for _, p := range root.all() {
		r.tellPrim(p, primGone)
		if i, ok := r.prims.index(p.localID); ok {
			r.prims.list = slices.Delete(r.prims.list, i, i+1)
		}
		delete(r.prims.byID, p.id)
		for _, c := range r.avatars {
			if c != nil && c.motion.seat == p.localID {
				c.motion.stand()
				r.tellForm(c)
			}
		}
	}
}

// looks has everybody hear what a prim looks like now.
func (r *region) looks(p *prim) { p.fullAt = r.tellPrim(p, primLooks) }

// looksAll is looks for a linkset.
func (r *region) looksAll(root *prim) {
	for _, p := range root.all() {
		r.looks(p)
	}
}

// moved has everybody hear where a prim is now.
func (r *region) moved(p *prim) { p.movedAt = r.tellPrim(p, primMoved) }

// logKept is how long the log may be before it is looked through for what all
// have read.
const logKept = 1024

func (r *region) tellPrim(p *prim, what primNews) uint64 {
	s := &r.prims
	p.root.changed = r.loop.Now()
	if len(s.log) >= max(logKept, s.full) {
		r.forgetRead()
	}
	s.log = append(s.log, primChange{p, what})
	return s.end() - 1
}

// forgetRead throws away what all have read, those who look in included. What
// somebody slow leaves may double before it is looked through again, so that
// the price of looking doesn't grow with it.
func (r *region) forgetRead() {
	s := &r.prims
	oldest := s.end()
	for _, c := range r.clients {
		if c.sceneBegun {
			oldest = min(oldest, c.primsRead)
		}
	}
	s.log, s.base = slices.Delete(s.log, 0, int(oldest-s.base)), oldest
	s.full = 2 * len(s.log)
}

const (
	// primsPerPacket keeps ObjectUpdate in one datagram: a prim's block is some
	// 250 bytes before zero-coding, and its texture entry up to 300 more.
	primsPerPacket = 2
	longestTexture = 300
	// scenePackets is how many packets of the scene a client gets in a frame.
	scenePackets = 32
)

// sendScene sends what stands in the region, over as many frames as it takes,
// and then what happens to it.
func (r *region) sendScene(now circuit.Instant, c *client) {
	if c.sceneSent {
		r.flushPrims(now, c)
		return
	}
	if !c.sceneBegun {
		c.sceneBegun, c.primsRead = true, r.prims.end()
	}
	for range scenePackets {
		from, _ := r.prims.index(c.sceneTo + 1)
		left := r.prims.list[from:]
		if len(left) == 0 {
			c.sceneSent = true
			return
		}
		rest, ok := r.sendPrims(now, c, left, true)
		if !ok {
			return // the next frame goes on from here
		}
		c.sceneTo = left[len(left)-len(rest)-1].localID
	}
}

// flushPrims tells a client that has the scene what has happened in it since.
func (r *region) flushPrims(now circuit.Instant, c *client) {
	for s := &r.prims; c.primsRead < s.end(); {
		entries := s.log[c.primsRead-s.base:]
		what := entries[0].what
		var batch []*prim
		n := 0
		for ; n < len(entries) && entries[n].what == what && len(batch) < newsPerPacket[what]; n++ {
			if p := entries[n].prim; p.stands(c, c.primsRead+uint64(n), what) {
				batch = append(batch, p)
			}
		}
		if len(batch) > 0 && !r.sendNews(now, c, what, batch) {
			return // the next frame tells
		}
		c.primsRead += uint64(n)
	}
}

// newsPerPacket is how many prims one message tells of.
var newsPerPacket = [...]int{primLooks: primsPerPacket, primMoved: 18, primGone: 200}

// stands tells whether an entry of the log still is news for a client: later
// ones may say it all.
func (p *prim) stands(c *client, number uint64, what primNews) bool {
	switch what {
	case primLooks:
		return p.fullAt == number
	case primMoved:
		return p.movedAt == number && p.fullAt < c.primsRead
	}
	return true
}

func (r *region) sendNews(now circuit.Instant, c *client, what primNews, batch []*prim) bool {
	switch what {
	case primLooks:
		_, ok := r.sendPrims(now, c, batch, false)
		return ok
	case primMoved:
		m := &message.ImprovedTerseObjectUpdate{}
		m.RegionData.RegionHandle, m.RegionData.TimeDilation = r.handle(), r.dilation()
		for _, p := range batch {
			m.ObjectData = append(m.ObjectData, message.ImprovedTerseObjectUpdateObjectData{Data: p.terse()})
		}
		return c.circuit.SendReliable(now, m, nil) == nil
	}
	m := &message.KillObject{}
	for _, p := range batch {
		m.ObjectData = append(m.ObjectData, message.KillObjectObjectData{ID: p.localID})
	}
	return c.circuit.SendReliable(now, m, nil) == nil
}

const (
	furnitureCount = 8
	furnitureRing  = 12 // metres around the middle
)

var furnitureSize = message.Vector3{X: 2, Y: 2, Z: 0.5}

// furnish puts a ring of low boxes around the region's middle, to be seen and
// sat on. Nobody owns them.
func (r *region) furnish() {
	r.prims.byID = map[uuid.UUID]*prim{}
	always := r.loop.Now().Add(-cacheAfter)
	for i := range furnitureCount {
		angle := 2 * math.Pi * float64(i) / furnitureCount
		r.addPrim(&prim{
			id: derivedID(r.id, string(rune('a'+i))), name: "Furniture", created: time.Now(),
			pcode: primCode, material: wood, scale: furnitureSize, shape: boxShape, texture: plywoodTextures,
			pos: message.Vector3{
				X: regionSize/2 + float32(furnitureRing*math.Cos(angle)),
				Y: regionSize/2 + float32(furnitureRing*math.Sin(angle)),
				Z: groundHeight + furnitureSize.Z/2,
			},
		})
		r.prims.list[i].changed = always
	}
}
