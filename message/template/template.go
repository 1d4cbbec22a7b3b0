// Package template reads message templates: the text file in which Linden Lab
// lists every message of the UDP protocol, with its number, its blocks and their
// fields.
//
// It is the bottom of the message catalogue. The generator in internal/msggen
// turns a Template into the Go types of package message, and package message
// uses the same descriptions at run time: for dumps, for lookup by name, and for
// messages of a template that was not compiled in.
package template

import "slices"

// Template is a whole template file, messages in the order of the file.
type Template struct {
	Version  string // as written, "2.0"
	Messages []Message
}

// Message describes one message.
type Message struct {
	Name        string
	Frequency   Frequency
	Number      uint32 // as written: 80 for "Low 80", 0xFFFFFFFB for "Fixed 0xFFFFFFFB"
	Trusted     bool   // between servers only; a viewer never sends it
	Zerocoded   bool   // the sender zero-codes it when that makes it shorter
	Deprecation string // "", "Deprecated", "UDPDeprecated", "UDPBlackListed" or "NotDeprecated"
	Blocks      []Block
}

// WireNumber returns the number as it stands on the wire, read as one big-endian
// word padded with 0xFF: High 0x000000NN, Medium 0x0000FFNN, Low 0xFFFFNNNN,
// Fixed 0xFFFFFFNN.
func (m *Message) WireNumber() uint32 {
	switch m.Frequency {
	case High:
		return m.Number
	case Medium:
		return 0xFF00 | m.Number
	case Low:
		return 0xFFFF0000 | m.Number
	default:
		return m.Number
	}
}

// Block describes one block of a message: a group of fields that comes once
// (Single), Count times (Multiple), or as often as a count byte on the wire says
// (Variable).
type Block struct {
	Name     string
	Quantity Quantity
	Count    int // 1 for Single, N for "Multiple N", 0 for Variable
	Fields   []Field
}

// MinSize returns the bytes that one repeat of the block takes at least: its
// fixed-size fields and the length prefixes of the others.
func (b *Block) MinSize() int {
	n := 0
	for i := range b.Fields {
		if f := &b.Fields[i]; f.Type == Variable {
			n += f.Size
		} else {
			n += f.FixedSize()
		}
	}
	return n
}

// Field describes one field of a block.
type Field struct {
	Name string
	Type Type
	Size int // Fixed: its bytes; Variable: the bytes of its length prefix, 1 or 2; else 0
}

// FixedSize returns the bytes the field takes on the wire, 0 for Variable.
func (f *Field) FixedSize() int {
	if f.Type == Fixed {
		return f.Size
	}
	return typeSizes[f.Type]
}

// Frequency tells how a message's number is written: the more often a message is
// sent, the fewer bytes.
type Frequency uint8

// The four frequencies. FixedFrequency is the template's word Fixed; the plain
// name belongs to the field type.
const (
	High           Frequency = iota // NN
	Medium                          // FF NN
	Low                             // FF FF NN NN
	FixedFrequency                  // FF FF FF NN
)

var frequencyNames = []string{"High", "Medium", "Low", "Fixed"}

func (f Frequency) String() string { return nameOf(frequencyNames, int(f)) }

// Quantity tells how often a block comes.
type Quantity uint8

// The three quantities. VariableBlocks is the template's word Variable; the
// plain name belongs to the field type.
const (
	Single Quantity = iota
	Multiple
	VariableBlocks
)

var quantityNames = []string{"Single", "Multiple", "Variable"}

func (q Quantity) String() string { return nameOf(quantityNames, int(q)) }

// Type is the type of a field.
type Type uint8

// The field types.
const (
	U8 Type = iota
	U16
	U32
	U64
	S8
	S16
	S32
	S64
	F32
	F64
	LLVector3    // three F32
	LLVector3d   // three F64
	LLVector4    // four F32
	LLQuaternion // three F32: X, Y, Z; W follows from the length 1
	LLUUID       // 16 bytes
	BOOL         // one byte
	IPADDR       // 4 bytes, network order
	IPPORT       // U16, network order
	Fixed        // Field.Size bytes
	Variable     // a length of Field.Size bytes, then that many
)

var typeNames = []string{"U8", "U16", "U32", "U64", "S8", "S16", "S32", "S64", "F32", "F64",
	"LLVector3", "LLVector3d", "LLVector4", "LLQuaternion", "LLUUID", "BOOL", "IPADDR", "IPPORT", "Fixed", "Variable"}

var typeSizes = [...]int{U8: 1, U16: 2, U32: 4, U64: 8, S8: 1, S16: 2, S32: 4, S64: 8, F32: 4, F64: 8,
	LLVector3: 12, LLVector3d: 24, LLVector4: 16, LLQuaternion: 12, LLUUID: 16, BOOL: 1, IPADDR: 4, IPPORT: 2,
	Fixed: 0, Variable: 0}

func (t Type) String() string { return nameOf(typeNames, int(t)) }

func nameOf(names []string, i int) string {
	if i < len(names) {
		return names[i]
	}
	return "?"
}

// index finds a word of the template among names.
func index(names []string, word string) (int, bool) {
	i := slices.Index(names, word)
	return i, i >= 0
}
