package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/slload/slload/agent"
	"github.com/slload/slload/circuit"
	"github.com/slload/slload/profiles"
	"github.com/slload/slload/swarm"
	"github.com/spf13/cobra"
)

// doctorFlags are the flags of `slload doctor`.
type doctorFlags struct {
	loginURI, accounts, transport, format string
	agents                                int
	eventQueue                            bool
	source                                sourceFlags
	target                                targetFlags
}

func newDoctor() *cobra.Command {
	var f doctorFlags
	c := &cobra.Command{
		Use:   "doctor",
		Short: "Check whether this machine can make a run, and how to mend what it lacks",
		Long: `Check what a run of --agents agents needs of this machine: cores, file
descriptors, ports, source addresses, receive buffers, the kernel's timestamps
and timers that fire in time. With --login-uri one agent logs in and out: the
first of --accounts, or Load Bot1 with the password in SLLOAD_PASSWORD.

Each line is ok, warn (a run works, but its figures may suffer) or fail, with
the command that mends it below. The exit code is 3 if a check failed, and 7
if no grid answers.`,
		Example: `  slload doctor
  slload doctor --agents 10000 --source-ip 127.0.1.0/24
  slload doctor --agents 200 --login-uri http://127.0.0.1:9000/ --accounts accounts.csv
  slload doctor --format json`,
		Args: atMost(0),
		RunE: func(c *cobra.Command, _ []string) error { return f.run(c) },
	}
	fl := c.Flags()
	fl.IntVar(&f.agents, "agents", 100, "how many agents there shall be at once")
	fl.BoolVar(&f.eventQueue, "event-queue", true, "agents poll their event queues, as profiles have it unless they say otherwise")
	fl.StringVar(&f.loginURI, "login-uri", "", "a grid's login address, to log in once")
	fl.StringVar(&f.accounts, "accounts", "", "CSV file of accounts, with the header first,last,password; the first logs in")
	fl.StringVar(&f.transport, "transport", "auto", "how UDP is done: auto, shared, epoll or portable")
	fl.StringVar(&f.format, "format", "text", "text or json")
	f.source.register(c)
	f.target.register(c)
	must(c.RegisterFlagCompletionFunc("transport", fixed("auto", "shared", "epoll", "portable")))
	must(c.RegisterFlagCompletionFunc("format", fixed("text", "json")))
	must(c.RegisterFlagCompletionFunc("agents", fixed("100", "1000", "10000")))
	must(c.RegisterFlagCompletionFunc("event-queue", fixed("true", "false")))
	must(c.MarkFlagFilename("accounts", "csv"))
	return c
}

func (f *doctorFlags) run(c *cobra.Command) error {
	if f.format != "text" && f.format != "json" {
		return &usageError{fmt.Errorf("--format %q: want text or json", f.format)}
	}
	if !slices.Contains([]string{"auto", "shared", "epoll", "portable"}, f.transport) {
		return &usageError{fmt.Errorf("--transport %q: want auto, shared, epoll or portable", f.transport)}
	}
	if f.agents < 1 {
		return &usageError{fmt.Errorf("--agents %d: want 1 or more", f.agents)}
	}
	checkup := swarm.Checkup{
		Agents: f.agents, EventQueue: f.eventQueue, LoginURI: f.loginURI, Target: f.target.policy, Transport: circuit.TransportMode(f.transport),
	}
	var err error
	if checkup.Sources, checkup.SourcePorts, err = f.source.parse(); err != nil {
		return err
	}
	if checkup.Account, err = f.account(); err != nil {
		return err
	}
	ctx, release := interruptible(c.Context())
	defer release()
	f.target.warn(c.ErrOrStderr())
	checks, err := swarm.Diagnose(ctx, checkup)
	if ctx.Err() != nil {
		return errInterrupted
	}
	if werr := f.print(c.OutOrStdout(), checks); werr != nil {
		return werr
	}
	if err != nil {
		return err
	}
	return judge(checks)
}

// account is who logs in; nil where nobody was named and there is no password.
func (f *doctorFlags) account() (*agent.Account, error) {
	if f.loginURI == "" || f.accounts == "" && os.Getenv(profiles.DefaultPasswordEnv) == "" {
		return nil, nil //nolint:nilnil // it is no error to have none
	}
	accounts, err := profiles.AccountSource{CSV: f.accounts}.Open(os.Getenv)
	if err == nil {
		err = accounts.Enough(1)
	}
	if err != nil {
		return nil, &usageError{err}
	}
	a := accounts.At(0)
	return &agent.Account{First: a.First, Last: a.Last, Password: string(a.Password)}, nil
}

func (f *doctorFlags) print(w io.Writer, checks []swarm.Check) error {
	if f.format == "json" {
		out := json.NewEncoder(w)
		out.SetEscapeHTML(false)
		out.SetIndent("", "  ")
		return out.Encode(map[string]any{"status": worst(checks), "checks": checks})
	}
	for _, check := range checks {
		if _, err := fmt.Fprintf(w, "%-5s %-18s %s\n", check.Status, check.Name, check.Text); err != nil {
			return err
		}
		if check.Mend != "" {
			fmt.Fprintf(w, "%24s -> %s\n", "", check.Mend)
		}
	}
	return nil
}

// worst is how the checks came out all together.
func worst(checks []swarm.Check) swarm.CheckStatus {
	status := swarm.CheckOK
	for _, check := range checks {
		switch check.Status {
		case swarm.CheckFail:
			return swarm.CheckFail
		case swarm.CheckWarn:
			status = swarm.CheckWarn
		}
	}
	return status
}

func judge(checks []swarm.Check) error {
	failed := 0
	for _, check := range checks {
		if check.Status == swarm.CheckFail {
			failed++
		}
	}
	switch failed {
	case 0:
		return nil
	case 1:
		return &checkError{errors.New("a check failed")}
	}
	return &checkError{fmt.Errorf("%d checks failed", failed)}
}
