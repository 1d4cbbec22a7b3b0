// Package circuit is the reliable half of the grid's UDP protocol: circuits
// and the loop that owns many of them.
//
// A [Loop] is one goroutine (the caller of [Loop.Run]) with one [udp.Conn].
// It owns its circuits, its timers and its observer, so nothing in here takes
// a lock on a packet's way. Whatever takes a `now` may only be called on the
// loop's goroutine: from a handler, a timer, an OnClose, a done, or a function
// given to [Loop.Post]. Other goroutines use Post and [Loop.Call].
//
// A turn of the loop is: read batches of datagrams and dispatch them, run what
// was posted, fire due timers, write. Each part is bounded, so that receiving
// always comes round again. The clock is read once for each batch. A client's
// loop with little to do gathers what a turn has to do: see [GatherLimit].
//
// The same loop serves both ends: a client opens circuits with [Loop.Open],
// each on an endpoint that nobody else uses at that peer; a server gives
// [Config.Accept], which sees the packets of unknown peers.
//
// A [Circuit] numbers, acknowledges, resends and deduplicates (a reliable
// packet is delivered once, in the order of arrival), answers and sends pings,
// and keeps to a byte rate. It measures two things by itself and tells the
// [Observer]: msg.ping and msg.ack.
//
// Agents and the embedded grid are built on this package. It imports message
// and internal/udp.
package circuit
