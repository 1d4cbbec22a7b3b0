package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"sync"
	"text/tabwriter"
	"time"

	"github.com/slload/slload/agent"
	"github.com/spf13/cobra"
)

func newAccounts(logs *logging) *cobra.Command {
	c := &cobra.Command{
		Use:   "accounts",
		Short: "Make a grid's test accounts, and check them",
	}
	holdsOthers(c, newAccountsCreate(), newAccountsCheck(logs))
	return c
}

// accountCheckFlags are the flags of `slload accounts check`.
type accountCheckFlags struct {
	cast     castFlags
	parallel int
	format   string
}

func newAccountsCheck(logs *logging) *cobra.Command {
	var f accountCheckFlags
	c := &cobra.Command{
		Use:   "check",
		Short: "Log each account in and out, and tell which can",
		Long: `Log each account in and out. Accounts are given by --account, which may be given
again, by --accounts, or by -n: Load Bot1, Load Bot2 and so on. The password is
that in SLLOAD_PASSWORD, or --password-file. The exit code is 3 if one can't.`,
		Example: `  slload accounts check --login-uri http://127.0.0.1:9000/ --accounts accounts.csv
  slload accounts check --login-uri http://127.0.0.1:9000/ -n 20`,
		Args: atMost(0),
		RunE: func(c *cobra.Command, _ []string) error { return f.run(c, logs) },
	}
	f.cast.register(c)
	c.Flags().IntVar(&f.parallel, "parallel", 4, "how many log in at once")
	c.Flags().StringVar(&f.format, "format", "text", "text or json")
	must(c.RegisterFlagCompletionFunc("format", fixed("text", "json")))
	return c
}

// accountCheck is what came of an account.
type accountCheck struct {
	Account  string  `json:"account"`
	Status   string  `json:"status"` // pass or fail
	LoginMS  float64 `json:"login_ms"`
	Region   string  `json:"region"`
	LogoutMS float64 `json:"logout_ms"`
	Detail   string  `json:"detail"`

	err error
}

func (f *accountCheckFlags) run(c *cobra.Command, logs *logging) error {
	if f.format != "text" && f.format != "json" {
		return &usageError{fmt.Errorf("--format %q: want text or json", f.format)}
	}
	if f.parallel < 1 {
		return &usageError{fmt.Errorf("--parallel %d: want 1 or more", f.parallel)}
	}
	accounts, err := f.cast.accounts(1, true)
	if err != nil {
		return err
	}
	ctx, release := interruptible(c.Context())
	defer release()
	s, err := openStage(ctx, c, &f.cast, accounts, newStory(nil, "none"), logs)
	if err != nil {
		return err
	}
	results := f.check(ctx, s, accounts)
	if err := s.close(); err != nil {
		return err
	}
	if err := f.write(c.OutOrStdout(), results); err != nil {
		return err
	}
	if context.Cause(ctx) != nil {
		return context.Cause(ctx)
	}
	return f.verdict(s, results)
}

// check tries all accounts, some at once.
func (f *accountCheckFlags) check(ctx context.Context, s *stage, accounts []agent.Account) []accountCheck {
	results := make([]accountCheck, len(accounts))
	slots := make(chan struct{}, f.parallel)
	var all sync.WaitGroup
	for i, account := range accounts {
		slots <- struct{}{}
		all.Go(func() {
			defer func() { <-slots }()
			results[i] = checkAccount(ctx, s, account)
		})
	}
	all.Wait()
	return results
}

func checkAccount(ctx context.Context, s *stage, account agent.Account) accountCheck {
	r := accountCheck{Account: account.Name(), Status: "fail"}
	begin := time.Now()
	a, err := agent.Login(ctx, s.options(account))
	if err != nil {
		r.err, r.Detail = err, oneLine(err)
		return r
	}
	in := time.Now()
	r.LoginMS = ms(in.Sub(begin))
	if state, err := a.State(ctx); err == nil {
		r.Region = state.Region.Name
	}
	if err := s.logOut(a); err != nil {
		r.err, r.Detail = err, oneLine(err)
		return r
	}
	r.Status, r.LogoutMS = "pass", ms(time.Since(in))
	return r
}

func (f *accountCheckFlags) write(w io.Writer, results []accountCheck) error {
	if f.format == "json" {
		out := json.NewEncoder(w)
		out.SetIndent("", "  ")
		return out.Encode(map[string][]accountCheck{"accounts": results})
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "account\tstatus\tlogin\tlogout\tregion")
	for _, r := range results {
		login, logout, last := "-", "-", r.Region
		if r.LoginMS > 0 {
			login = human(r.LoginMS)
		}
		if r.LogoutMS > 0 {
			logout = human(r.LogoutMS)
		}
		if r.Detail != "" {
			last = r.Detail
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\n", r.Account, r.Status, login, logout, last)
	}
	return t.Flush()
}

// verdict is the error where not all passed: a grid that nobody reached is told
// as such.
func (f *accountCheckFlags) verdict(s *stage, results []accountCheck) error {
	failed := 0
	var hopeless error
	for _, r := range results {
		if r.err != nil {
			failed++
			hopeless = s.hopeless(r.err)
		}
	}
	switch {
	case failed == 0:
		return nil
	case failed == len(results) && hopeless != nil:
		return hopeless
	}
	return &checkError{fmt.Errorf("%d of %d accounts can't log in and out", failed, len(results))}
}
