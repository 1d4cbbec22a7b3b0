package agent

import mathbits "math/bits"

// idSet is a set of objects' local ids. Simulators number objects one after
// another, so that 64 neighbours share one entry: a map of ids would take
// thirty times as much, in each agent.
type idSet struct {
	pages map[uint32]uint64 // id/64 -> one bit for each id; no page is empty
	n     int
}

func page(id uint32) (number uint32, bit uint64) { return id / 64, 1 << (id % 64) }

func (s *idSet) has(id uint32) bool {
	number, bit := page(id)
	return s.pages[number]&bit != 0
}

// add tells whether id is new.
func (s *idSet) add(id uint32) bool {
	number, bit := page(id)
	old := s.pages[number]
	if old&bit != 0 {
		return false
	}
	if s.pages == nil {
		s.pages = map[uint32]uint64{}
	}
	s.pages[number] = old | bit
	s.n++
	return true
}

func (s *idSet) remove(id uint32) {
	number, bit := page(id)
	old := s.pages[number]
	if old&bit == 0 {
		return
	}
	s.n--
	if old == bit {
		delete(s.pages, number)
		return
	}
	s.pages[number] = old &^ bit
}

// ids lists the set's members, in no order.
func (s *idSet) ids() []uint32 {
	list := make([]uint32, 0, s.n)
	for number, bits := range s.pages {
		for ; bits != 0; bits &= bits - 1 {
			list = append(list, number*64+uint32(mathbits.TrailingZeros64(bits)))
		}
	}
	return list
}
