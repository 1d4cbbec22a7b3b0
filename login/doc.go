// Package login logs an account in to a grid: it sends the credentials to the
// login service, by XML-RPC or as LLSD, and gives back where the agent
// stands, which circuit it may open and which seed capability is its own.
//
// A refusal is a *[Failure], which errors.Is compares with [ErrWrongPassword],
// [ErrPresence] and the others; [Retry] repeats what passes by itself.
// Passwords, session ids and capability addresses are never part of an error
// or of what a [Request] or a [Response] prints.
//
// The package stands on llsd and xmlrpc; agent uses it. It opens no circuit.
package login
