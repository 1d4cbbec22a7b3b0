package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/slload/slload/behaviors"
	"github.com/slload/slload/internal/nearest"
	"github.com/spf13/cobra"
)

// smokeFlags are the flags of `slload smoke`.
type smokeFlags struct {
	suite  string // the command's name
	all    []behaviors.Check
	least  int // how many accounts it takes
	cast   castFlags
	only   []string
	format string
	list   bool
}

func newSmoke(logs *logging) *cobra.Command {
	f := smokeFlags{suite: "smoke", all: behaviors.Checks(), least: 1}
	c := &cobra.Command{
		Use:   "smoke",
		Short: "Check that a grid does what residents need, a few seconds a check",
		Long: `Check that a grid does what residents need: log in, hear oneself, walk, fly and
so on, with the agents of one account or, better, two. Each check has 30 s.
What the grid or the accounts don't allow is skipped, with the reason. All
agents are logged out at the end.

Accounts are given by --account, which may be given again, or --accounts; the
password is that in SLLOAD_PASSWORD, or --password-file. Without --login-uri
an embedded grid is checked.

The exit code is 0 if no check failed, and 3 if one did.`,
		Example: `  slload smoke
  slload smoke --login-uri http://127.0.0.1:9000/ --account "Load Bot1" --account "Load Bot2"
  slload smoke --login-uri http://127.0.0.1:9000/ --accounts accounts.csv --format junit > smoke.xml`,
		Args: atMost(0),
		RunE: func(c *cobra.Command, _ []string) error { return f.run(c, logs) },
	}
	f.register(c)
	return c
}

// register gives a command the flags of checks.
func (f *smokeFlags) register(c *cobra.Command) {
	f.cast.register(c)
	fl := c.Flags()
	fl.StringArrayVar(&f.only, "check", nil, "name of a check to make; may be given again; left out: all")
	fl.BoolVar(&f.list, "list", false, "list the checks and make none")
	fl.StringVar(&f.format, "format", "text", "text, tap, junit or json")
	must(c.RegisterFlagCompletionFunc("format", fixed("text", "tap", "junit", "json")))
	must(c.RegisterFlagCompletionFunc("check", fixed(f.names()...)))
}

func (f *smokeFlags) names() (names []string) {
	for _, check := range f.all {
		names = append(names, check.Name)
	}
	return names
}

func (f *smokeFlags) run(c *cobra.Command, logs *logging) error {
	checks, err := f.checks()
	if err != nil {
		return err
	}
	report, err := newReporter(f.format, "slload."+f.suite, c.OutOrStdout())
	if err != nil {
		return err
	}
	if f.list {
		_, err := fmt.Fprintln(c.OutOrStdout(), strings.Join(f.names(), "\n"))
		return err
	}
	// One account does; a second is used where there is one, as on a grid of
	// one's own.
	if f.cast.loginURI == "" && f.cast.csv == "" && len(f.cast.names) == 0 && f.cast.n == 0 {
		f.cast.n = max(2, f.least)
	}
	accounts, err := f.cast.accounts(f.least, true)
	if err != nil {
		return err
	}
	ctx, release := interruptible(c.Context())
	defer release()
	s, err := openStage(ctx, c, &f.cast, accounts, newStory(nil, "none"), logs)
	if err != nil {
		return err
	}
	s.around = true
	cast := &behaviors.Cast{Rand: rand.New(rand.NewPCG(rand.Uint64(), 0))}
	for _, a := range accounts {
		cast.LoggedOut = append(cast.LoggedOut, s.options(a))
	}
	err = errors.Join(f.check(ctx, s, cast, checks, report), s.close())
	if context.Cause(ctx) != nil {
		return context.Cause(ctx)
	}
	return err
}

// check makes the checks and reports them. A grid that nobody gets into, for
// a reason that all of them share, ends it.
func (f *smokeFlags) check(ctx context.Context, s *stage, cast *behaviors.Cast, checks []behaviors.Check, report reporter) error {
	report.begin(len(checks), s.grid())
	failed, passed, begin := 0, 0, time.Now()
	err := behaviors.RunChecks(ctx, cast, checks, func(r behaviors.CheckResult) error {
		if hopeless := s.hopeless(r.Err); hopeless != nil && passed <= 1 { // a refusal that was due may have passed
			return hopeless
		}
		switch r.Status {
		case behaviors.Pass:
			passed++
		case behaviors.Fail:
			failed++
		}
		return report.check(reported(r))
	})
	if err != nil {
		return err
	}
	if err := report.end(time.Since(begin)); err != nil {
		return err
	}
	if failed > 0 {
		return &checkError{fmt.Errorf("%d of %d checks failed", failed, len(checks))}
	}
	return nil
}

// checks gives those that were asked for, in their own order.
func (f *smokeFlags) checks() ([]behaviors.Check, error) {
	if len(f.only) == 0 {
		return f.all, nil
	}
	wanted := map[string]bool{}
	for _, name := range f.only {
		wanted[plain(name)] = true
	}
	var list []behaviors.Check
	for _, check := range f.all {
		if wanted[plain(check.Name)] {
			list = append(list, check)
			delete(wanted, plain(check.Name))
		}
	}
	for _, name := range f.only {
		if wanted[plain(name)] {
			hint := cmp.Or(nearest.Hint(name, f.names()), fmt.Sprintf("; --list lists the %d there are", len(f.all)))
			return nil, &usageError{fmt.Errorf("there is no check %q%s", name, hint)}
		}
	}
	return list, nil
}

// plain is a check's name as people may spell it.
func plain(name string) string {
	return strings.ToLower(strings.NewReplacer("-", " ", "_", " ").Replace(name))
}
