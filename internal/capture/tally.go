package capture

import (
	"cmp"
	"slices"

	"github.com/slload/slload/message"
)

// Decoded is what a datagram says.
type Decoded struct {
	Packet  message.Packet   // as far as its header could be read
	Message *message.Dynamic // nil where Err is set
	Beyond  int              // bytes after the last field of the template: newer simulators append some
	Err     error
}

// Name is the message's.
func (d *Decoded) Name() string {
	if d.Message == nil {
		return ""
	}
	return d.Message.Desc.Name
}

// Decode decodes a datagram as c has its messages.
func Decode(c *message.Catalogue, data []byte) (d Decoded) {
	if d.Packet, d.Err = message.ParsePacket(data); d.Err != nil {
		return d
	}
	body, err := d.Packet.Decoded(nil)
	if err != nil {
		d.Err = err
		return d
	}
	m, read, err := c.Decode(body)
	if err != nil {
		d.Err = err
		return d
	}
	d.Message, d.Beyond = m, len(body)-read
	return d
}

// maxFailures bounds how many failures a Tally keeps.
const maxFailures = 100

// Tally counts datagrams by the message that they carry.
type Tally struct {
	Datagrams, Failed int
	Failures          []Failure // the first hundred
	byName            map[string]int
}

// Failure is a datagram that could not be decoded.
type Failure struct {
	Datagram int // the nth
	Data     []byte
	Err      error
}

// Add counts a datagram and what it says.
func (t *Tally) Add(data []byte, d *Decoded) {
	t.Datagrams++
	if d.Err != nil {
		t.Failed++
		if len(t.Failures) < maxFailures {
			t.Failures = append(t.Failures, Failure{t.Datagrams, slices.Clone(data), d.Err})
		}
		return
	}
	if t.byName == nil {
		t.byName = map[string]int{}
	}
	t.byName[d.Name()]++
}

// Count is how many datagrams carried a message.
type Count struct {
	Name string
	N    int
}

// Counts lists the messages, the most frequent first.
func (t *Tally) Counts() []Count {
	list := make([]Count, 0, len(t.byName))
	for name, n := range t.byName {
		list = append(list, Count{name, n})
	}
	slices.SortFunc(list, func(a, b Count) int { return cmp.Or(b.N-a.N, cmp.Compare(a.Name, b.Name)) })
	return list
}
