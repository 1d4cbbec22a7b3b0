package circuit

// MaxDatagram is the largest datagram that a circuit sends, in bytes. It
// receives up to what its Conn takes.
const MaxDatagram = 1200

// smallPacket is the capacity of pooled buffers for the common short message.
const smallPacket = 160

// packet is an encoded message that must outlive the call that sent it: it
// waits for the throttle, for an acknowledgement, or for both in turn.
type packet struct {
	next, prev *packet // in one packetList, or next alone in the pool

	data     []byte // encoded, without acks
	done     func(now Instant, err error)
	stamp    *Instant // the sender wants to know when it was written
	sequence uint32
	resends  int
	reliable bool

	queued Instant // given to the circuit
	first  Instant // first sent, by the turn's clock
	sent   Instant // the same, as read next to the write
	due    Instant // next resend
}

// packetList is a FIFO of packets linked through them; those that wait for an
// acknowledgement stand in the order of their sequence numbers.
type packetList struct {
	head, tail *packet
	n          int
}

func (l *packetList) push(p *packet) {
	p.prev, p.next = l.tail, nil
	if l.tail == nil {
		l.head = p
	} else {
		l.tail.next = p
	}
	l.tail = p
	l.n++
}

func (l *packetList) remove(p *packet) {
	if p.prev == nil {
		l.head = p.next
	} else {
		p.prev.next = p.next
	}
	if p.next == nil {
		l.tail = p.prev
	} else {
		p.next.prev = p.prev
	}
	p.next, p.prev = nil, nil
	l.n--
}

// find gives the packet with that sequence number, nil if it isn't in the
// list. Acks mostly come in the order of sending, so it is near the head.
func (l *packetList) find(seq uint32) *packet {
	for p := l.head; p != nil && int32(p.sequence-seq) <= 0; p = p.next {
		if p.sequence == seq {
			return p
		}
	}
	return nil
}

// packetPool keeps packets for reuse, in two sizes of buffer.
type packetPool struct {
	small, large *packet
}

// get gives a packet that holds a copy of data.
func (p *packetPool) get(data []byte) *packet {
	free, size := &p.small, smallPacket
	if len(data) > smallPacket {
		free, size = &p.large, MaxDatagram
	}
	q := *free
	if q == nil {
		q = &packet{data: make([]byte, 0, size)}
	} else {
		*free = q.next
	}
	*q = packet{data: append(q.data[:0], data...)}
	return q
}

func (p *packetPool) put(q *packet) {
	free := &p.small
	if cap(q.data) > smallPacket {
		free = &p.large
	}
	*q = packet{data: q.data, next: *free}
	*free = q
}
