package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/slload/slload/agent"
	"github.com/slload/slload/behaviors"
	"github.com/spf13/cobra"
)

// playLimit is how long a behaviour may take that isn't told otherwise.
const playLimit = 30 * time.Second

// playFlags are the flags of `slload play`.
type playFlags struct {
	cast             castFlags
	with             []string
	duration         time.Duration
	seed             uint64
	format, messages string
}

func newPlay(logs *logging) *cobra.Command {
	var f playFlags
	c := &cobra.Command{
		Use:   "play BEHAVIOUR",
		Short: "Play a behaviour once, and tell each step",
		Long: `Play a behaviour once: log in the agents that it needs, tell each step, what was
sent, received and measured, and log them out. slload behaviors lists what
there is; hyphens and underscores are the same in names.

Accounts are given by --account, which may be given again, or --accounts; the
password is that in SLLOAD_PASSWORD, or --password-file. Without --login-uri
an embedded grid is the stage, and no accounts are needed.

Behaviours that would go on for ever end after 10 s, or --duration. Others must
be done within 30 s, or --duration. The exit code is 0 if the behaviour did
what it should, and 3 if not: then the step at which it failed is told.`,
		Example: `  slload play chat
  slload play chat_and_instant_messaging --login-uri http://127.0.0.1:9000/ --account "Load Bot1" --account "Load Bot2"
  slload play physics --duration 1m --with chatter=0`,
		Args: func(c *cobra.Command, args []string) error {
			if len(args) != 1 {
				return &usageError{fmt.Errorf("%s takes one behaviour, not %d; slload behaviors lists them", c.CommandPath(), len(args))}
			}
			return nil
		},
		ValidArgsFunction: func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			if len(args) > 0 {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			return behaviorNames(), cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(c *cobra.Command, args []string) error { return f.run(c, args[0], logs) },
	}
	f.cast.register(c)
	fl := c.Flags()
	fl.StringArrayVar(&f.with, "with", nil, "name=value of a parameter; may be given again")
	fl.DurationVar(&f.duration, "duration", 0, "how long an endless behaviour goes on, or another one may take")
	fl.Uint64Var(&f.seed, "seed", 0, "makes chance repeatable; 0: drawn")
	fl.StringVar(&f.format, "format", "text", "text or json (a line an event)")
	fl.StringVar(&f.messages, "messages", "news", "messages to tell: news (a step's first of each kind), all or none")
	must(c.RegisterFlagCompletionFunc("format", fixed("text", "json")))
	must(c.RegisterFlagCompletionFunc("messages", fixed("news", "all", "none")))
	return c
}

func behaviorNames() (names []string) {
	for _, b := range behaviors.All() {
		names = append(names, b.Name+"\t"+b.Summary)
	}
	return names
}

// performance is a behaviour that is about to be played.
type performance struct {
	behavior *behaviors.Behavior
	args     behaviors.Args
	limit    time.Duration // 0: none
	seed     uint64
	accounts []agent.Account
	in       io.Reader
}

func (f *playFlags) run(c *cobra.Command, name string, logs *logging) error {
	p, err := f.prepare(name)
	if err != nil {
		return err
	}
	p.in = c.InOrStdin()
	out := c.OutOrStdout()
	tell := tellText(out, len(p.accounts) > 1)
	if f.format == "json" {
		tell = tellJSON(out)
	}
	ctx, release := interruptible(c.Context())
	defer release()
	s, err := openStage(ctx, c, &f.cast, p.accounts, newStory(tell, f.messages), logs)
	if err != nil {
		return err
	}
	s.around = p.behavior.Neighbours
	if f.format == "text" {
		fmt.Fprintf(out, "%s on %s, seed %d\n", p.behavior.Name, s.grid(), p.seed)
	}
	begin := time.Now()
	err = p.play(ctx, s)
	err = errors.Join(err, s.close())
	if context.Cause(ctx) != nil {
		err = context.Cause(ctx)
	}
	f.conclude(out, p.behavior.Name, time.Since(begin), err)
	return err
}

// prepare finds the behaviour and checks what it shall be played with.
func (f *playFlags) prepare(name string) (*performance, error) {
	if f.format != "text" && f.format != "json" {
		return nil, &usageError{fmt.Errorf("--format %q: want text or json", f.format)}
	}
	if f.messages != "news" && f.messages != "all" && f.messages != "none" {
		return nil, &usageError{fmt.Errorf("--messages %q: want news, all or none", f.messages)}
	}
	if f.duration < 0 {
		return nil, &usageError{fmt.Errorf("--duration %v: give a time above 0", f.duration)}
	}
	b, err := behaviors.Lookup(name)
	if err != nil {
		return nil, &usageError{err}
	}
	p := &performance{behavior: b, seed: f.seed}
	if p.seed == 0 {
		p.seed = uint64(rand.Uint32()) + 1 // short enough to type again
	}
	if p.args, err = f.args(b); err != nil {
		return nil, &usageError{err}
	}
	p.limit = f.limit(b)
	p.accounts, err = f.cast.accounts(b.Accounts(), b.More)
	return p, err
}

// limit is how long the behaviour may take.
func (f *playFlags) limit(b *behaviors.Behavior) time.Duration {
	switch {
	case b.Endless():
		return playLimit + f.duration
	case f.duration > 0:
		return f.duration
	case b.Reads: // a person takes as long as it takes
		return 0
	}
	return cmp.Or(b.Limit, playLimit)
}

// args reads --with and --duration.
func (f *playFlags) args(b *behaviors.Behavior) (behaviors.Args, error) {
	with := map[string]string{}
	for _, pair := range f.with {
		name, value, ok := strings.Cut(pair, "=")
		if !ok || name == "" {
			return nil, fmt.Errorf("--with %q: want name=value", pair)
		}
		with[name] = value
	}
	if f.duration > 0 && b.Endless() {
		with["duration"] = f.duration.String()
	}
	return b.ArgsFromText(with)
}

// play logs in who must be in world, plays the behaviour and logs them out.
func (p *performance) play(ctx context.Context, s *stage) (err error) {
	cast := behaviors.Cast{Args: p.args, Rand: rand.New(rand.NewPCG(p.seed, 0)), Narrator: s.story, In: p.in}
	defer func() {
		for _, a := range cast.Agents {
			if left := s.logOut(a); left != nil && err == nil {
				err = &checkError{fmt.Errorf("%s failed at the end: %w", p.behavior.Name, left)}
			}
		}
	}()
	for _, account := range p.accounts[:p.behavior.Agents] {
		a, err := s.logIn(ctx, account)
		if err != nil {
			return p.failed(s, err)
		}
		cast.Agents = append(cast.Agents, a)
	}
	for _, account := range p.accounts[p.behavior.Agents:] {
		cast.LoggedOut = append(cast.LoggedOut, s.options(account))
	}
	if p.limit > 0 {
		over := fmt.Errorf("it wasn't done within %v: %w", p.limit, context.DeadlineExceeded)
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, p.limit, over)
		defer cancel()
	}
	if err := p.behavior.Run(ctx, &cast); err != nil {
		return p.failed(s, err)
	}
	return nil
}

// failed is what a play's failure means for the program's exit.
func (p *performance) failed(s *stage, err error) error {
	if told := s.hopeless(err); told != nil {
		return told
	}
	return &checkError{fmt.Errorf("%s failed: %w", p.behavior.Name, err)}
}

// outcome is the last line of a play as JSON.
type outcome struct {
	Kind     string  `json:"kind"` // outcome
	Behavior string  `json:"behavior"`
	Status   string  `json:"status"` // pass, fail or interrupted
	Step     string  `json:"step,omitempty"`
	MS       float64 `json:"ms"`
	Error    string  `json:"error,omitempty"`
}

// conclude prints the end; what failed the program tells by itself.
func (f *playFlags) conclude(out io.Writer, name string, took time.Duration, err error) {
	o := outcome{Kind: "outcome", Behavior: name, Status: "pass", MS: ms(took)}
	if err != nil {
		o.Status, o.Error = "fail", oneLine(err)
		if errors.Is(err, errInterrupted) {
			o.Status = "interrupted"
		}
		var step *behaviors.StepError
		if o.Status == "fail" && errors.As(err, &step) {
			o.Step = step.Step
		}
	}
	switch {
	case f.format == "json":
		b, err := json.Marshal(o)
		must(err)
		fmt.Fprintf(out, "%s\n", b)
	case err == nil:
		fmt.Fprintf(out, "%s did what it should, in %s\n", name, human(o.MS))
	case o.Step != "":
		fmt.Fprintf(out, "%s failed at: %s\n", name, o.Step)
	case o.Status == "interrupted":
		fmt.Fprintf(out, "%s was interrupted\n", name)
	default:
		fmt.Fprintf(out, "%s failed\n", name)
	}
}
