package agent

import "strings"

// Mask is what somebody may do with an item or an object, as bits.
type Mask uint32

// The bits of a Mask. OpenSim's and Second Life's numbers.
const (
	PermTransfer Mask = 0x2000     // give away, sell
	PermModify   Mask = 0x4000     // change
	PermCopy     Mask = 0x8000     // make more of
	PermMove     Mask = 0x80000    // move an object that stands in world
	PermAll      Mask = 0x7fffffff // all of them, and those that have no name
)

// Has tells whether m allows all that want names.
func (m Mask) Has(want Mask) bool { return m&want == want }

// String names the four bits as viewers do: "copy|modify|transfer|move",
// "none" without any.
func (m Mask) String() string {
	var names []string
	for _, bit := range []struct {
		mask Mask
		name string
	}{{PermCopy, "copy"}, {PermModify, "modify"}, {PermTransfer, "transfer"}, {PermMove, "move"}} {
		if m.Has(bit.mask) {
			names = append(names, bit.name)
		}
	}
	if names == nil {
		return "none"
	}
	return strings.Join(names, "|")
}

// Permissions of an item or an object. Base is what may ever be allowed; the
// others are within it. NextOwner is what a new owner's base will be cut to.
type Permissions struct {
	Base, Owner, Group, Everyone, NextOwner Mask
}
