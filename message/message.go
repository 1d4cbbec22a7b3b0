package message

import "github.com/slload/slload/message/template"

// Message is one message of the protocol, without its number.
type Message interface {
	// ID names the message's type.
	ID() ID

	// AppendBody appends the message's blocks to dst. It fails with an
	// *OverflowError, and returns dst as it was, when a Variable field is longer or
	// a Variable block has more repeats than its count on the wire can say.
	AppendBody(dst []byte) ([]byte, error)

	// DecodeBody reads the blocks from b and returns how many bytes it read. Bytes
	// may be left over: newer simulators append fields to old messages. A Variable
	// block that is missing at the end has no repeats. Anything else that is missing
	// is a *ShortError, which leaves the struct half filled.
	//
	// Variable fields alias b, and slices of Variable blocks are reused by the next
	// DecodeBody of the same struct: copy what must live longer.
	DecodeBody(b []byte) (n int, err error)
}

// ID is a message's dense index into the compiled-in catalogue, for tables of
// NumMessages entries. It is not on the wire and changes with the template.
type ID uint16

// NoID is the ID of a message that the compiled-in catalogue doesn't have.
const NoID ID = 0xFFFF

// entry is what the generated catalogue holds of each message.
type entry struct {
	desc   *template.Message
	number Number
	zero   bool
	make   func() Message
}

// New returns an empty message of that type. It panics when id is not below
// NumMessages.
func New(id ID) Message { return catalogue[id].make() }

// Number returns the message's number on the wire.
func (id ID) Number() Number { return catalogue[id].number }

// Descriptor returns the message's description. It is shared: don't change it.
func (id ID) Descriptor() *template.Message { return catalogue[id].desc }

// Zerocoded tells whether the template says to zero-code the message. A receiver
// goes by the packet's flag alone: OpenSim also codes some that the template leaves
// plain, ImprovedTerseObjectUpdate among them.
func (id ID) Zerocoded() bool { return catalogue[id].zero }

// String returns the message's name.
func (id ID) String() string {
	if int(id) >= len(catalogue) {
		return "NoID"
	}
	return catalogue[id].desc.Name
}

// Lookup returns the type that has the number.
func Lookup(n Number) (ID, bool) {
	var id ID
	switch {
	case n <= 0xFF:
		id = highIDs[n]
	case n <= 0xFFFF:
		id = mediumIDs[n&0xFF]
	case n >= 0xFFFFFF00:
		id = fixedIDs[n&0xFF]
	case n >= 0xFFFF0000 && n&0xFFFF < Number(len(lowIDs)):
		id = lowIDs[n&0xFFFF]
	}
	// The tables hold ID+1, so that their zero means "no such message".
	return id - 1, id != 0
}

// ByName returns the type that has the name, in the template's spelling.
func ByName(name string) (ID, bool) {
	id, ok := names[name]
	return id, ok
}

// names is the only index built at start: 483 entries, some tens of microseconds.
var names = func() map[string]ID {
	m := make(map[string]ID, NumMessages)
	for id := range catalogue {
		m[catalogue[id].desc.Name] = ID(id)
	}
	return m
}()
