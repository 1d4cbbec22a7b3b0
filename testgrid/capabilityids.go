package testgrid

import (
	"encoding/hex"
	"maps"
	"slices"

	"github.com/google/uuid"
)

// capIDs stands for the ids of all of a session's capabilities but the seed: they
// differ in their last byte alone. An id each would be most of what the grid
// knows of an agent, and what a login costs.
type capIDs [15]byte

func newCapIDs() capIDs {
	id := uuid.New()
	return capIDs(id[:15])
}

// capIDsOf takes an id apart.
func capIDsOf(id uuid.UUID) (of capIDs, index int) { return capIDs(id[:15]), int(id[15]) }

// id is the capability's of that index.
func (c capIDs) id(index int) uuid.UUID {
	var id uuid.UUID
	copy(id[:], c[:])
	id[15] = byte(index)
	return id
}

// capabilityNames are those of capabilityHandlers, in order: a capability's place
// here is its index, and its bit in session.granted.
var capabilityNames []string

func init() { // the handlers refer to it
	capabilityNames = slices.Sorted(maps.Keys(capabilityHandlers))
	if len(capabilityNames) > 64 {
		panic("testgrid: more than 64 capabilities don't fit session.granted")
	}
}

// capabilityBits are those of names that the grid knows.
func capabilityBits(names []string) (bits uint64) {
	for _, name := range names {
		if index, known := slices.BinarySearch(capabilityNames, name); known {
			bits |= 1 << index
		}
	}
	return bits
}

// appendURLs appends a seed's answer: a map of the capabilities whose bits are
// set, in LLSD. Neither names nor URLs have anything to escape.
func (g *Grid) appendURLs(dst []byte, s *session, bits uint64) []byte {
	dst = append(dst, "<llsd><map>"...)
	id := s.caps.id(0).String()
	for index, name := range capabilityNames {
		if bits&(1<<index) == 0 {
			continue
		}
		before, behind := capabilityPlace(name)
		dst = append(append(append(dst, "<key>"...), name...), "</key><string>"...)
		dst = append(append(append(dst, g.base...), before...), id[:len(id)-2]...)
		dst = hex.AppendEncode(dst, []byte{byte(index)})
		dst = append(append(dst, behind...), "</string>"...)
	}
	return append(dst, "</map></llsd>"...)
}
