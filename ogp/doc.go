// Package ogp logs an account in to an agent domain, as the Open Grid Protocol
// has it: the credentials go to the domain's auth service, which gives an
// agent seed capability; that gives the domain's capabilities, and one of them,
// rez_avatar/place, puts the avatar into a region that is named by its public
// seed. From there on all is as after any other login: place's answer is a
// [login.Response].
//
// The names are those of the protocol's Draft 3, of PyOGP and of OpenSim's
// modules for it; where they differ, what is sent serves all of them and what
// comes is read in every form.
//
// The package stands on login and caps; agent uses it. What a [Domain] holds
// is secret: who knows an agent's seed acts for the agent. No error holds an
// address of one.
package ogp
