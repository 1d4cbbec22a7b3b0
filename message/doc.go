// Package message holds every message of the Second Life and OpenSimulator UDP
// protocol as a Go type, and the packets that carry them.
//
// The types in the *_gen.go files are written by internal/msggen from Linden
// Lab's message template: one struct a message, one struct a block. Each encodes
// by appending to a slice and decodes into a reused struct, in straight-line code
// without reflection or allocation. Around them stand the packet header, its
// appended acks and zero-coding, lookup by number and name, and Dynamic, a message
// that is described at run time only.
//
// The package knows bytes, not sockets or time: package circuit sends and
// receives what is encoded here, and package eq turns event-queue bodies into the
// same types.
package message
