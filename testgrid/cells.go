package testgrid

import "github.com/slload/slload/message"

const (
	regionSize = 256 // metres, each way

	// cellSize is a compromise between the two questions put to the index: the
	// nearest 30 (a few cells when the region is full) and all within 100 m (the
	// more cells, the more empty ones are visited).
	cellSize    = 4
	cellsAcross = regionSize / cellSize
)

// cells is a region's index of who stands where: square cells of cellSize,
// each with the slots of the avatars in it. Height doesn't count.
type cells struct {
	slots [cellsAcross * cellsAcross][]int32
	where []place // by slot
	count int
}

// place is where in the index a slot is kept.
type place struct {
	cell  int32 // -1: not in the index
	index int32
	pos   message.Vector3
}

// put adds slot at pos, or moves it there.
func (c *cells) put(slot int32, pos message.Vector3) {
	for int(slot) >= len(c.where) {
		c.where = append(c.where, place{cell: -1})
	}
	cell := cellAt(pos)
	if p := &c.where[slot]; p.cell == cell {
		p.pos = pos
		return
	}
	c.remove(slot)
	c.count++
	c.where[slot] = place{cell, int32(len(c.slots[cell])), pos}
	c.slots[cell] = append(c.slots[cell], slot)
}

// remove takes slot out; the last of its cell takes its place.
func (c *cells) remove(slot int32) {
	if int(slot) >= len(c.where) || c.where[slot].cell < 0 {
		return
	}
	p := c.where[slot]
	list := c.slots[p.cell]
	last := list[len(list)-1]
	list[p.index] = last
	c.where[last].index = p.index
	c.slots[p.cell] = list[:len(list)-1]
	c.where[slot].cell = -1
	c.count--
}

// within appends to dst every slot whose distance from pos is at most radius.
func (c *cells) within(dst []int32, pos message.Vector3, radius float32) []int32 {
	x0, x1 := cellAxis(pos.X-radius), cellAxis(pos.X+radius)
	y0, y1 := cellAxis(pos.Y-radius), cellAxis(pos.Y+radius)
	for y := y0; y <= y1; y++ {
		for x := x0; x <= x1; x++ {
			for _, slot := range c.slots[y*cellsAcross+x] {
				if distance2(c.where[slot].pos, pos) <= radius*radius {
					dst = append(dst, slot)
				}
			}
		}
	}
	return dst
}

func cellAt(pos message.Vector3) int32 {
	return cellAxis(pos.Y)*cellsAcross + cellAxis(pos.X)
}

// cellAxis gives the row or column of a coordinate; what lies outside the
// region belongs to its edge.
func cellAxis(v float32) int32 {
	// Written so that NaN gives 0.
	if !(v > 0) {
		return 0
	}
	return int32(min(v/cellSize, cellsAcross-1))
}

func distance2(a, b message.Vector3) float32 {
	x, y, z := a.X-b.X, a.Y-b.Y, a.Z-b.Z
	return x*x + y*y + z*z
}
