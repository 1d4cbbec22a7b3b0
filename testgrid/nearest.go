package testgrid

import (
	"slices"

	"github.com/slload/slload/message"
)

// searchLimit bounds what one search for the nearest looks at. Where more
// avatars than this crowd around one point, the answer is the nearest of the
// first searchLimit that were met going outward, and may miss some that stand in
// the same last cells. It keeps a full region's cost linear.
const searchLimit = 512

// neighbour is an avatar's slot and how far it is, in square metres.
type neighbour struct {
	slot int32
	d2   float32
}

// search finds nearest neighbours. It holds the scratch space of one region's
// loop; the zero value is ready.
type search struct {
	cells *cells
	from  place
	self  int32
	k     int

	best   []neighbour // the k nearest so far, nearest first
	looked int         // at so many candidates
}

// nearest returns at most k slots around slot's place, itself left out,
// nearest first. The answer is good until the next call.
func (s *search) nearest(c *cells, slot int32, k int) []neighbour {
	return s.around(c, c.where[slot], slot, k)
}

// nearestTo is nearest around any position, for who stands nowhere here.
func (s *search) nearestTo(c *cells, pos message.Vector3, k int) []neighbour {
	return s.around(c, place{cell: cellAt(pos), pos: pos}, noSlot, k)
}

func (s *search) around(c *cells, from place, self int32, k int) []neighbour {
	s.cells, s.from, s.self, s.k = c, from, self, k
	s.best, s.looked = s.best[:0], 0
	if c.count <= searchLimit {
		s.lookAtAll()
	} else {
		s.lookAround()
	}
	return s.best
}

// lookAtAll is quicker than going from cell to cell where most are empty.
func (s *search) lookAtAll() {
	for slot := range s.cells.where {
		if s.cells.where[slot].cell >= 0 {
			s.look(int32(slot))
		}
	}
}

// lookAround goes outward in rings of cells, as long as those can hold anything
// nearer: what is in none of the rings 0 to n is more than n cells away.
func (s *search) lookAround() {
	row, col := s.from.cell/cellsAcross, s.from.cell%cellsAcross
	for ring := range int32(cellsAcross) {
		s.lookAtRing(row, col, ring)
		reach := float32(ring * cellSize)
		if s.looked >= searchLimit || len(s.best) == s.k && (s.k == 0 || s.best[s.k-1].d2 < reach*reach) {
			return
		}
	}
}

// lookAtRing looks into the cells that are ring steps from (row, col).
func (s *search) lookAtRing(row, col, ring int32) {
	for y := max(row-ring, 0); y <= min(row+ring, cellsAcross-1); y++ {
		step := 2 * ring // only the first and the last column, but for the first and last row
		if y == row-ring || y == row+ring {
			step = 1
		}
		for x := col - ring; x <= col+ring; x += step {
			if x >= 0 && x < cellsAcross {
				s.lookInto(y*cellsAcross + x)
			}
		}
	}
}

func (s *search) lookInto(cell int32) {
	for _, slot := range s.cells.slots[cell] {
		if s.looked == searchLimit {
			return
		}
		s.look(slot)
	}
}

// look takes a candidate among the best if it belongs there. Of two that are
// equally far the lower slot counts as nearer.
func (s *search) look(slot int32) {
	if slot == s.self {
		return
	}
	s.looked++
	n := neighbour{slot, distance2(s.cells.where[slot].pos, s.from.pos)}
	if len(s.best) == s.k {
		if s.k == 0 || !n.nearer(s.best[s.k-1]) {
			return
		}
		s.best = s.best[:s.k-1]
	}
	at := len(s.best)
	for at > 0 && n.nearer(s.best[at-1]) {
		at--
	}
	s.best = slices.Insert(s.best, at, n)
}

func (n neighbour) nearer(than neighbour) bool {
	return n.d2 < than.d2 || n.d2 == than.d2 && n.slot < than.slot
}
