package agent

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/slload/slload/login"
	"github.com/slload/slload/ogp"
)

// Protocol is how an account logs in.
type Protocol string

// The protocols. LoginURI is the login service's address for the first two,
// and that of an agent domain for OGP.
const (
	XMLRPC Protocol = "xmlrpc" // login_to_simulator, as viewers do it
	LLSD   Protocol = "llsd"   // the same as LLSD; OpenSim takes it
	OGP    Protocol = "ogp"    // by an agent domain, as the Open Grid Protocol has it
)

// Protocols are all that there are.
var Protocols = []Protocol{XMLRPC, LLSD, OGP}

// ParseProtocol gives the protocol of that name.
func ParseProtocol(name string) (Protocol, error) {
	if slices.Contains(Protocols, Protocol(name)) {
		return Protocol(name), nil
	}
	var known []string
	for _, p := range Protocols {
		known = append(known, string(p))
	}
	return "", fmt.Errorf("there is no login protocol %q: give one of %s", name, strings.Join(known, ", "))
}

// signIn sends the credentials by the protocol that the options name, once.
func (a *Agent) signIn(ctx context.Context, req login.Request) (*login.Response, error) {
	opt := &a.opt
	if opt.Protocol == OGP {
		return a.signInByDomain(ctx, req)
	}
	client := login.Client{HTTP: opt.HTTP, URI: opt.LoginURI, Brief: true}
	if opt.Protocol == LLSD {
		client.Format = login.LLSD
	}
	return client.Login(ctx, req)
}

// signInByDomain authenticates at the agent domain and has it put the avatar
// where it starts.
func (a *Agent) signInByDomain(ctx context.Context, req login.Request) (*login.Response, error) {
	client := ogp.Client{HTTP: a.opt.HTTP, URI: a.opt.LoginURI}
	d, err := client.Login(ctx, req)
	if err != nil {
		return nil, err
	}
	at, err := d.Start(ctx, req.Start)
	if err != nil {
		return nil, err
	}
	placed, err := d.Place(ctx, at)
	if err != nil {
		return nil, err
	}
	a.domain = &domain{Domain: d}
	return placed.Response, nil
}
