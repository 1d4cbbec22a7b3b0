// Package control lets other processes of the same user steer a run: Serve
// answers at a socket in the run directory, Dial asks there.
//
// It is HTTP with JSON over a unix socket, so that curl will do, too:
//
//	GET  /status                 a swarm.Status
//	POST /pause /resume /stop    a swarm.Status
//	POST /scale {"agents": 40}   a swarm.Status
//
// What can't be done is answered with {"error": "..."}: 409 where the run's state
// forbids it, 400 where the request is wrong.
//
// It stands on swarm; cmd/slload has both ends.
package control
