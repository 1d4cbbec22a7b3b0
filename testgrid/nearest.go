package testgrid

import (
	"cmp"
	"slices"
)

// searchLimit bounds what one search for the nearest looks at. Where more
// avatars than this crowd around one point, the answer is the nearest of the
// first searchLimit that were met going outward, and may miss some that stand in
// the same last cells. It keeps a full region's cost linear.
const searchLimit = 512

// neighbour is a candidate and how far it is, in square metres.
type neighbour struct {
	slot int32
	d2   float32
}

// search finds nearest neighbours. It holds the scratch space of one region's
// loop; the zero value is ready.
type search struct {
	found []neighbour
}

// nearest returns at most k slots around slot's place, itself left out,
// nearest first. The answer is good until the next call.
func (s *search) nearest(c *cells, slot int32, k int) []neighbour {
	from := c.where[slot]
	row, col := from.cell/cellsAcross, from.cell%cellsAcross
	s.found = s.found[:0]
	for ring := int32(0); ring < cellsAcross; ring++ {
		s.scanRing(c, from, row, col, ring)
		if len(s.found) >= searchLimit || s.settled(k, ring) {
			break
		}
	}
	slices.SortFunc(s.found, func(a, b neighbour) int {
		return cmp.Or(cmp.Compare(a.d2, b.d2), cmp.Compare(a.slot, b.slot))
	})
	s.found = slices.DeleteFunc(s.found, func(n neighbour) bool { return n.slot == slot })
	return s.found[:min(k, len(s.found))]
}

// settled tells whether rings further out can't hold any of the k nearest:
// whatever is not found yet is at least ring cells away.
func (s *search) settled(k int, ring int32) bool {
	reach := float32(ring*cellSize) * float32(ring*cellSize)
	inside := 0
	for _, n := range s.found {
		if n.d2 <= reach {
			inside++
		}
	}
	return inside > k // more than k: slot itself is among them
}

// scanRing adds who is in the cells that are ring steps from (row, col).
func (s *search) scanRing(c *cells, from place, row, col, ring int32) {
	for y := row - ring; y <= row+ring; y++ {
		step := 2 * ring // only the first and the last column, but for the first and last row
		if y == row-ring || y == row+ring || ring == 0 {
			step = 1
		}
		if y < 0 || y >= cellsAcross {
			continue
		}
		for x := col - ring; x <= col+ring; x += step {
			if x >= 0 && x < cellsAcross {
				s.scanCell(c, from, y*cellsAcross+x)
			}
		}
	}
}

func (s *search) scanCell(c *cells, from place, cell int32) {
	for _, slot := range c.slots[cell] {
		if len(s.found) >= searchLimit {
			return
		}
		s.found = append(s.found, neighbour{slot, distance2(c.where[slot].pos, from.pos)})
	}
}
