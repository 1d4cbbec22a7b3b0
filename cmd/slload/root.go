package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"

	"github.com/slload/slload/internal/nearest"
	"github.com/spf13/cobra"
)

// execute runs the command line and gives the exit code.
func execute(args []string, stdout, stderr io.Writer) int {
	root := newRoot()
	root.SetArgs(args)
	root.SetOut(stdout)
	root.SetErr(stderr)
	err := root.ExecuteContext(context.Background())
	if err != nil && !errors.As(err, new(*silentError)) {
		fmt.Fprintf(stderr, "slload: %s\n", oneLine(err))
	}
	return exitCode(err)
}

// oneLine is how an error is told: errors that were joined come one a line.
func oneLine(err error) string {
	return strings.ReplaceAll(strings.TrimSpace(err.Error()), "\n", "\nslload: ")
}

func newRoot() *cobra.Command {
	var logs logging
	root := &cobra.Command{
		Use:   "slload",
		Short: "Load a Second Life or OpenSimulator grid and see how well it holds",
		Long: `slload logs lightweight agents in to a Second Life or OpenSimulator grid, lets
them live there, and measures how long logins, capabilities and messages take.

Exit codes: 0 ok; 1 internal error; 2 usage or configuration; 3 threshold or
check failed; 4 regression; 5 inconclusive; 6 the generator's figures are
INVALID; 7 grid unreachable; 8 worker lost; 130 interrupted.`,
		Example: `  slload run                                       # crowd of 100 agents, embedded grid
  slload run crowd --login-uri http://127.0.0.1:9000/ --accounts accounts.csv --agents 20
  SLLOAD_PASSWORD=secret slload grid --regions 4   # an embedded grid to point things at`,
		SilenceUsage:      true,
		SilenceErrors:     true,
		PersistentPreRunE: func(*cobra.Command, []string) error { return logs.check() },
	}
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		return &usageError{fmt.Errorf("%w; see %s --help", err, c.CommandPath())}
	})
	root.PersistentFlags().StringVar(&logs.level, "log-level", "warn", "what to log: debug, info, warn, error")
	root.PersistentFlags().StringVar(&logs.format, "log-format", "text", "how to log: text or json")
	must(root.RegisterFlagCompletionFunc("log-level", fixed("debug", "info", "warn", "error")))
	must(root.RegisterFlagCompletionFunc("log-format", fixed("text", "json")))
	holdsOthers(root,
		newRun(&logs),
		newSoak(&logs),
		newResume(&logs),
		newController(&logs),
		newWorker(&logs),
		newDoctor(),
		newCtl(),
		newPlay(&logs),
		newSmoke(&logs),
		newPermissions(&logs),
		newAccounts(&logs),
		newGrid(&logs),
		newBehaviors(),
		newProfiles(),
		newInit(),
		newValidate(),
		newInspect(),
		newReport(),
		newExport(),
		newCompare(),
		newList(),
		newTrend(),
		newAB(&logs),
		newCapacity(&logs),
		newKube(),
		newDecode(),
		newVersion(),
	)
	return root
}

// holdsOthers makes c a command that does nothing but hold others, and refuses a
// word that is none of them.
func holdsOthers(c *cobra.Command, others ...*cobra.Command) {
	c.AddCommand(others...)
	c.RunE = func(c *cobra.Command, _ []string) error { return c.Help() }
	c.Args = func(c *cobra.Command, args []string) error {
		if len(args) == 0 {
			return nil
		}
		var known []string
		for _, other := range c.Commands() {
			known = append(known, other.Name())
		}
		return &usageError{fmt.Errorf("%s has no command %q%s; see %s --help", c.CommandPath(), args[0], nearest.Hint(args[0], known), c.CommandPath())}
	}
}

// fixed completes a flag from a list.
func fixed(words ...string) cobra.CompletionFunc {
	return cobra.FixedCompletions(words, cobra.ShellCompDirectiveNoFileComp)
}

// must is for what fails only when this program is wrong.
func must(err error) {
	if err != nil {
		panic(err)
	}
}

// atMost is cobra.MaximumNArgs as a usage error.
func atMost(n int) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		if len(args) > n {
			return &usageError{fmt.Errorf("%s takes at most %d argument(s), not %d; see %s --help",
				c.CommandPath(), n, len(args), c.CommandPath())}
		}
		return nil
	}
}

// logging is the two flags that all commands have.
type logging struct{ level, format string }

func (l *logging) check() error {
	var level slog.Level
	if err := level.UnmarshalText([]byte(l.level)); err != nil {
		return &usageError{fmt.Errorf("--log-level %q: want debug, info, warn or error", l.level)}
	}
	if l.format != "text" && l.format != "json" {
		return &usageError{fmt.Errorf("--log-format %q: want text or json", l.format)}
	}
	return nil
}

// handler logs to w from the flag's level on, or from atMost where that is
// lower.
func (l *logging) handler(w io.Writer, atMost slog.Level) slog.Handler {
	var level slog.Level
	must(level.UnmarshalText([]byte(l.level)))
	opts := &slog.HandlerOptions{Level: min(level, atMost)}
	if l.format == "json" {
		return slog.NewJSONHandler(w, opts)
	}
	return slog.NewTextHandler(w, opts)
}

// never is above every level: it lets the flag decide.
const never = slog.Level(1 << 20)
