// Package testgrid is an embedded grid: N regions side by side that speak to
// clients as OpenSimulator does, over the same HTTP and UDP. `make run`,
// `slload grid` and tests log their agents in here when there is no other grid.
//
// One HTTP listener serves logins (XML-RPC and LLSD), seed capabilities and
// event queues; it is an agent domain of the Open Grid Protocol, too. Each
// region has a UDP port and a circuit.Loop of its own; the loop's goroutine
// owns everything that happens in the region: avatars, their motion, who sees
// whom, chat, objects, land. What residents take along from region to region is
// in stores that goroutines share, each with a lock: the directory (who is
// online, where, and by which capability), inventories, assets, groups, uploads
// under way, and records (friends, messages that wait, money and the like).
//
// Where OpenSim and this grid differ, this grid is wrong, but for what it leaves
// out on purpose: there is no terrain (the ground is flat) and no physics but of
// avatars, scripts say constant text and no more, nothing is written to disk,
// and an avatar sees its nearest 30 neighbours only, so that a region with
// thousands of avatars stays affordable. What OpenSim hasn't got and viewers of
// Second Life use, such as AIS and money, is here as well, and so is the agent
// domain; that the grid bakes avatars, or has voice, is a setting.
//
// The package stands on message, llsd, xmlrpc and circuit. It never imports agent
// or login: a server that shared the client's code would share its mistakes.
package testgrid
