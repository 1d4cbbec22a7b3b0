package cluster

import (
	"crypto/subtle"

	"github.com/nats-io/nats-server/v2/server"
)

// doorman lets clients in to the embedded server: workers by the token that they
// were given, and the controller by one that nobody else has. With that of the
// workers one can't speak for the controller, whose assignments aim the load, nor
// do anything to JetStream but add frames.
type doorman struct {
	name          string // of the cluster
	worker, inner string // tokens
}

// Check is for server.Options.
func (d *doorman) Check(c server.ClientAuthentication) bool {
	token := c.GetOpts().Token
	switch {
	case same(token, d.inner):
		return true
	case !same(token, d.worker):
		return false
	}
	c.RegisterUser(&server.User{Username: "worker", Permissions: &server.Permissions{
		Publish: &server.SubjectPermission{Allow: []string{
			d.name + ".join", d.name + ".clock", d.name + ".*.beat.*", d.name + ".*.frames.*",
		}},
		Subscribe: &server.SubjectPermission{Allow: []string{
			d.name + ".worker.*", d.name + ".*.beat", "_INBOX.>",
		}},
	}})
	return true
}

// same compares without telling by its time how much of it is right.
func same(a, b string) bool { return b != "" && subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }
