package main

import (
	"github.com/slload/slload/behaviors"
	"github.com/spf13/cobra"
)

func newPermissions(logs *logging) *cobra.Command {
	f := smokeFlags{suite: "permissions", all: behaviors.PermissionChecks(), least: 3}
	c := &cobra.Command{
		Use:   "permissions",
		Short: "Check that a grid's permissions come to what they should",
		Long: `Check that a grid's permissions come to what they should: objects, notes and
scripts are made with each set of next owner's permissions, and rezzed, taken,
copied, given, given on, sold, and edited by three agents, also where they are
shared with a group. Each check tells what was seen, and what was expected
where that is something else.

It takes three accounts, given by --account or --accounts; the password is that
in SLLOAD_PASSWORD, or --password-file. Without --login-uri an embedded grid is
checked. What is made is thrown away again.

The exit code is 0 if all is as it should be, and 3 if not.`,
		Example: `  slload permissions
  slload permissions --login-uri http://127.0.0.1:9000/ --account "Load Bot1" --account "Load Bot2" --account "Load Bot3"
  slload permissions --accounts accounts.csv --login-uri http://127.0.0.1:9000/ --format json`,
		Args: atMost(0),
		RunE: func(c *cobra.Command, _ []string) error { return f.run(c, logs) },
	}
	f.register(c)
	return c
}
