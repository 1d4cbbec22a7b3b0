package message

import "fmt"

// PacketError is what is wrong with a packet as a whole. Its values are the Err
// variables of this package: comparable, and free to return for hostile input.
type PacketError struct {
	reason string
	text   string
}

func (e *PacketError) Error() string { return e.text }

// Reason returns a short name that stays the same, to count by.
func (e *PacketError) Reason() string { return e.reason }

// The faults of a packet.
var (
	ErrTooShort  = &PacketError{"short", "packet: under 7 bytes"}
	ErrExtra     = &PacketError{"extra", "packet: extra header is longer than the packet"}
	ErrAcks      = &PacketError{"acks", "packet: more appended acks than the packet can hold"}
	ErrNumber    = &PacketError{"number", "packet: message number is cut off"}
	ErrZeroRun   = &PacketError{"zero_run", "zero-coded body: the last run has no length"}
	ErrExpansion = &PacketError{"expansion", "zero-coded body: expands past the largest legal message"}
)

// ShortError says that a body ended inside a block.
type ShortError struct {
	Message string
	Block   string
	Index   int // repeat of the block, from 0; -1: its count asks for more than the rest of the body can hold
	Size    int // bytes of the whole body
}

func (e *ShortError) Error() string {
	if e.Index < 0 {
		return fmt.Sprintf("decode %s: the body's %d bytes can't hold as many blocks %s as it counts", e.Message, e.Size, e.Block)
	}
	return fmt.Sprintf("decode %s: the body's %d bytes end inside %s[%d]", e.Message, e.Size, e.Block, e.Index)
}

// Reason returns a short name that stays the same, to count by.
func (e *ShortError) Reason() string { return "body" }

// OverflowError says that a Variable field or block is larger than its count on
// the wire can say.
type OverflowError struct {
	Message string
	Block   string
	Field   string // "" where the block itself has too many repeats
	Size    int
	Max     int
}

func (e *OverflowError) Error() string {
	if e.Field == "" {
		return fmt.Sprintf("encode %s: %d blocks %s, at most %d fit", e.Message, e.Size, e.Block, e.Max)
	}
	return fmt.Sprintf("encode %s: %s.%s has %d bytes, at most %d fit", e.Message, e.Block, e.Field, e.Size, e.Max)
}

// Reason returns a short name that stays the same, to count by.
func (e *OverflowError) Reason() string { return "overflow" }

func short(id ID, block, index, size int) *ShortError {
	d := id.Descriptor()
	return &ShortError{Message: d.Name, Block: d.Blocks[block].Name, Index: index, Size: size}
}

func tooManyBlocks(id ID, block, count int) *OverflowError {
	d := id.Descriptor()
	return &OverflowError{Message: d.Name, Block: d.Blocks[block].Name, Size: count, Max: 255}
}

func tooLong(id ID, block, field, size int) *OverflowError {
	d := id.Descriptor()
	f := &d.Blocks[block].Fields[field]
	return &OverflowError{Message: d.Name, Block: d.Blocks[block].Name, Field: f.Name, Size: size, Max: 1<<(8*f.Size) - 1}
}

// UnknownError says that the template has no message of this number.
type UnknownError struct{ Number Number }

func (e *UnknownError) Error() string {
	return fmt.Sprintf("message number %#08X is not in the template", uint32(e.Number))
}

// Reason returns a short name that stays the same, to count by.
func (e *UnknownError) Reason() string { return "unknown" }
