// Package testgrid is an embedded grid: N regions side by side that speak to
// clients as OpenSimulator does, over the same HTTP and UDP. `make run`,
// `slload grid` and tests log their agents in here when there is no other grid.
//
// One HTTP listener serves logins (XML-RPC and LLSD), seed capabilities and
// event queues. Each region has a UDP port and a circuit.Loop of its own; the
// loop's goroutine owns everything that happens in the region: avatars, their
// motion, who sees whom, chat. The directory (who is online, where, and by which
// capability) is the one thing that goroutines share, and it has a lock.
//
// Where OpenSim and this grid differ, this grid is wrong, but for what it leaves
// out on purpose: there is no terrain (the ground is flat), no inventory beyond a
// skeleton, nothing is written to disk, and an avatar sees its nearest 30
// neighbours only, so that a region with thousands of avatars stays affordable.
//
// The package stands on message, llsd, xmlrpc and circuit. It never imports agent
// or login: a server that shared the client's code would share its mistakes.
package testgrid
