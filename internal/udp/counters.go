package udp

// Counters is what a Conn counted since New, in datagrams.
type Counters struct {
	Received uint64 // given out by ReadBatch
	Sent     uint64 // taken by the kernel

	KernelDrops   uint64 // lost in the kernel because a receive buffer was full (SO_RXQ_OVFL)
	QueueDrops    uint64 // lost in this process because ReadBatch came too late (portable and memory)
	Strays        uint64 // received for an address of which no endpoint is open
	Truncated     uint64 // longer than Config.MaxDatagram; among Received
	ReceiveErrors uint64 // errors that a receive call brought
	Refused       uint64 // ICMP answers that nobody listens there; late, few, and none from a shared socket

	SendErrors  uint64 // taken by WriteBatch and not sent: the sum of those that follow
	NoBuffers   uint64 // ENOBUFS, ENOMEM: the kernel or the card had no room
	Denied      uint64 // EPERM, EACCES: a firewall
	Unreachable uint64 // ENETUNREACH, EHOSTUNREACH, EADDRNOTAVAIL: no way there, or not from this source
	NotOpen     uint64 // the endpoint was not open: a mistake of the caller's
	OtherErrors uint64 // anything else, such as EMSGSIZE
}
