// Package cluster makes one run on several machines: the swarm of swarm/, cut
// into shares, its figures brought together as if one machine had measured them.
//
// A controller has the profile, the run directory and (unless told of another)
// an embedded NATS server. A worker has accounts, sockets and agents. Words:
//
//	segment  share k of n of the plan; a single machine is segment 0:1
//	standby  a worker without a segment
//	frame    what a segment measured in one second
//	beat     a heartbeat; the state of one side, told each second
//	epoch    how many times a segment has been handed out
//
// Nothing is asked of a network that loses messages but that it gets better:
// beats and assignments tell states, not changes, and are told again until the
// other side's beat shows that they were heard. Frames alone must all arrive.
// They are numbered (segment, epoch, 1, 2, ...), kept by the worker and by JetStream
// until the controller has them in a checkpoint on disk; it counts each number
// once.
//
// The way of a run: workers join (join.go), get a segment and make themselves
// ready (assign.go), begin at an agreed instant (clock.go), and send frames
// (sink.go, publish.go); the controller lines the segments' seconds and phases
// up (lineup.go) and hands them to the collector of package results. Who is
// lost, and what then, is in loss.go; a controller that was started again in
// resume.go. The state of each side belongs to one goroutine, its loop; what
// NATS calls back posts into the loop's mailbox.
//
// Either side may be broken or hostile: messages are bounded and checked before
// they are believed.
package cluster
