package agent

import (
	"maps"
	mathbits "math/bits"
	"slices"
)

// idSet is a set of objects' local ids. Simulators number objects one after
// another, so that 64 neighbours share one page: a map of ids would take
// thirty times as much, in each agent. What an agent sees mostly lies in a few
// pages: those stand in a list, which takes half of what a map of them does.
type idSet struct {
	pages []idPage          // in no order; no page is empty
	many  map[uint32]uint64 // the same by number, in place of a list that is too long to look through; nil before
	n     int
}

// idPage is the ids of number*64 to number*64 + 63, one bit for each.
type idPage struct {
	number uint32
	bits   uint64
}

// fewPages are so many that looking through them takes no longer than a map.
const fewPages = 64

func page(id uint32) (number uint32, bit uint64) { return id / 64, 1 << (id % 64) }

// at is where a page stands in the list; -1 if it isn't there.
func (s *idSet) at(number uint32) int {
	for i := range s.pages {
		if s.pages[i].number == number {
			return i
		}
	}
	return -1
}

func (s *idSet) has(id uint32) bool {
	number, bit := page(id)
	if i := s.at(number); i >= 0 {
		return s.pages[i].bits&bit != 0
	}
	return s.many[number]&bit != 0
}

// add tells whether id is new.
func (s *idSet) add(id uint32) bool {
	number, bit := page(id)
	i := s.at(number)
	switch {
	case i >= 0 && s.pages[i].bits&bit != 0, s.many[number]&bit != 0:
		return false
	case i >= 0:
		s.pages[i].bits |= bit
	default:
		s.addPage(number, bit)
	}
	s.n++
	return true
}

// addPage adds bits of a page that isn't in the list.
func (s *idSet) addPage(number uint32, bits uint64) {
	if s.many == nil && len(s.pages) < fewPages {
		s.pages = append(s.pages, idPage{number, bits})
		return
	}
	if s.many == nil {
		s.many = make(map[uint32]uint64, 2*fewPages)
		for _, p := range s.pages {
			s.many[p.number] = p.bits
		}
		s.pages = nil
	}
	s.many[number] |= bits
}

func (s *idSet) remove(id uint32) {
	number, bit := page(id)
	i := s.at(number)
	switch {
	case i >= 0 && s.pages[i].bits&bit != 0:
		if s.pages[i].bits &^= bit; s.pages[i].bits == 0 {
			last := len(s.pages) - 1
			s.pages[i], s.pages = s.pages[last], s.pages[:last]
		}
	case s.many[number]&bit != 0:
		if s.many[number] &^= bit; s.many[number] == 0 {
			delete(s.many, number)
		}
	default:
		return
	}
	s.n--
}

// clone is a copy that doesn't change with the set.
func (s *idSet) clone() idSet {
	return idSet{slices.Clone(s.pages), maps.Clone(s.many), s.n}
}

// ids lists the set's members, in no order.
func (s *idSet) ids() []uint32 {
	list := make([]uint32, 0, s.n)
	for _, p := range s.pages {
		list = appendIDs(list, p.number, p.bits)
	}
	for number, bits := range s.many {
		list = appendIDs(list, number, bits)
	}
	return list
}

func appendIDs(list []uint32, number uint32, bits uint64) []uint32 {
	for ; bits != 0; bits &= bits - 1 {
		list = append(list, number*64+uint32(mathbits.TrailingZeros64(bits)))
	}
	return list
}
