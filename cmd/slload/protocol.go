package main

import (
	"github.com/slload/slload/agent"
	"github.com/spf13/cobra"
)

// protocolFlag is --login-protocol, a pflag.Value: how accounts log in.
type protocolFlag struct{ agent.Protocol }

func (f *protocolFlag) register(c *cobra.Command, leftOut string) {
	c.Flags().Var(f, "login-protocol", "how to log in: xmlrpc, llsd or ogp (by an agent domain); left out: "+leftOut)
	must(c.RegisterFlagCompletionFunc("login-protocol", fixed("xmlrpc", "llsd", "ogp")))
}

// String is the flag's value.
func (f *protocolFlag) String() string { return string(f.Protocol) }

// Set takes the flag's value.
func (f *protocolFlag) Set(word string) (err error) {
	f.Protocol, err = agent.ParseProtocol(word)
	return err
}

// Type names the value in a command's help.
func (*protocolFlag) Type() string { return "string" }
