package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/slload/slload/profiles"
	"github.com/slload/slload/results"
	"github.com/slload/slload/results/capacity"
	"github.com/slload/slload/swarm"
	"github.com/spf13/cobra"
)

// capacityFlags are the flags of `slload capacity`.
type capacityFlags struct {
	run    runFlags // of each trial
	goals  []string
	search capacity.Search
	pause  time.Duration
	format string
}

func newCapacity(logs *logging) *cobra.Command {
	var f capacityFlags
	c := &cobra.Command{
		Use:   "capacity PROFILE --goal THRESHOLD...",
		Short: "Find how many agents a grid holds",
		Long: `Find how many agents a grid holds: run a profile at more and at fewer agents,
until the number at which it still reaches its goals and the one at which it
doesn't are near to each other. Short trials find where to look; long ones
decide, several at a load, of which a share may miss. The method is that of
RFC 9971. A goal is a threshold as profiles have them; without --goal they are
the profile's own.

The runs of all trials are kept in --out, and capacity.json with the result. The
search ends when the generator, and not the grid, is what gave out.

Exit codes: 0 a number of agents was found that the grid holds; 3 not even the
least; 6 the generator gave out; 2 usage; 7 the grid can't be reached.`,
		Example: `  slload capacity crowd --goal 'login.p95 < 2s' --goal 'msg.chat.p99 < 500ms'
  slload capacity my.yaml --login-uri http://127.0.0.1:9000/ --most 400 --width 10 --out runs/capacity-1.4`,
		Args: func(c *cobra.Command, args []string) error {
			if len(args) != 1 {
				return &usageError{fmt.Errorf("%s takes one profile, not %d; see %s --help", c.CommandPath(), len(args), c.CommandPath())}
			}
			return nil
		},
		ValidArgsFunction: completeProfile,
		RunE:              func(c *cobra.Command, args []string) error { return f.find(c, args[0], logs) },
	}
	f.register(c)
	return c
}

func (f *capacityFlags) register(c *cobra.Command) {
	fl := c.Flags()
	fl.StringArrayVar(&f.goals, "goal", nil, "what must hold, such as 'login.p95 < 2s'; may be given again")
	fl.IntVar(&f.search.Least, "least", 1, "the fewest agents that are tried")
	fl.IntVar(&f.search.Most, "most", 0, "the most agents that are tried; 0: a hundred times the profile's")
	fl.Float64Var(&f.search.Width, "width", 5, "how near to each other the bounds shall be, in percent")
	fl.Float64Var(&f.search.Exceed, "exceed", 50, "percent of the long trials at one load that may miss the goals")
	fl.DurationVar(&f.search.Short, "short", 20*time.Second, "length of the trials that find where to look")
	fl.DurationVar(&f.search.Long, "long", time.Minute, "length of the trials that decide")
	fl.IntVar(&f.search.Trials, "trials", 3, "long trials at one load, at most")
	fl.IntVar(&f.search.MaxTrials, "max-trials", 60, "trials of the whole search, at most")
	fl.DurationVar(&f.pause, "pause", 5*time.Second, "between two trials, for the grid to come to rest")
	fl.StringVar(&f.format, "format", "text", "text or json")
	fl.StringVar(&f.run.loginURI, "login-uri", "", "the grid's login address; left out: the profile's, or the embedded grid")
	f.run.protocol.register(c, "the profile's, or xmlrpc")
	fl.Uint64Var(&f.run.seed, "seed", 0, "of every trial; 0: the profile's, or drawn")
	fl.StringVarP(&f.run.out, "out", "o", "", "directory for the trials (default runs/capacity-<time>-<profile>)")
	f.run.register(c)
	f.run.grid.register(c)
	must(c.RegisterFlagCompletionFunc("format", fixed("text", "json")))
}

// prepare loads the profile, and settles goals and search.
func (f *capacityFlags) prepare(c *cobra.Command, name string) (*profiles.Profile, []profiles.Threshold, error) {
	if f.format != "text" && f.format != "json" {
		return nil, nil, &usageError{fmt.Errorf("--format %q: want text or json", f.format)}
	}
	p, err := f.run.profile(c, name) // also settles the seed
	if err != nil {
		return nil, nil, err
	}
	if err := f.run.grid.check(c, p.Grid.LoginURI); err != nil {
		return nil, nil, err
	}
	goals := p.Thresholds
	if len(f.goals) > 0 {
		goals = nil
	}
	for _, text := range f.goals {
		var t profiles.Threshold
		if err := t.UnmarshalText([]byte(text)); err != nil {
			return nil, nil, &usageError{fmt.Errorf("--goal: %w", err)}
		}
		goals = append(goals, t)
	}
	if len(goals) == 0 {
		return nil, nil, &usageError{fmt.Errorf("profile %s has no thresholds: give what must hold with --goal, such as --goal 'login.p95 < 2s'", p.Name)}
	}
	f.search.Width /= 100
	f.search.Exceed /= 100
	if f.search.Most == 0 {
		f.search.Most = 100 * p.Peak()
	}
	f.search.First = min(max(p.Peak(), f.search.Least), f.search.Most)
	return p, goals, nil
}

func (f *capacityFlags) find(c *cobra.Command, name string, logs *logging) error {
	p, goals, err := f.prepare(c, name)
	if err != nil {
		return err
	}
	if f.run.out == "" {
		f.run.out = filepath.Join("runs", "capacity-"+results.NewID(time.Now(), p.Name))
	}
	f.run.target.warn(c.ErrOrStderr())
	stopWeb, err := f.run.web.listen(c.ErrOrStderr())
	if err != nil {
		return err
	}
	defer stopWeb()
	stop, release := catchInterrupts(c.Context())
	defer release()
	f.run.interrupts, f.run.untouched = stop, true
	view := newView(c.ErrOrStderr(), f.run.plain)
	found, err := f.search.Run(stop.ctx, func(ctx context.Context, agents int, length time.Duration, nth int) (capacity.Outcome, error) {
		if nth > 1 {
			rest(ctx, f.pause)
		}
		o := capacity.Outcome{Dir: fmt.Sprintf("%02d-%d-agents", nth, agents)}
		p, err := f.run.profile(c, name)
		if err == nil {
			err = errors.Join(p.Scale(agents), p.Fit(length))
		}
		if err != nil {
			return o, &usageError{err}
		}
		p.Thresholds = goals
		view.count = fmt.Sprintf("trial %d  ", nth)
		fmt.Fprint(view, view.count)
		s, err := f.trial(ctx, stop.cut, p, filepath.Join(f.run.out, o.Dir), logs, view)
		if err != nil {
			return o, fmt.Errorf("trial %d, in %s: %w", nth, filepath.Join(f.run.out, o.Dir), err)
		}
		if g := unseen(goals, s, agents); g != nil {
			return o, &usageError{fmt.Errorf("trial %d, of %d agents for %v, has nothing of %s to hold against %s, and fewer agents have less: give longer trials (--short, --long), or a profile that does it more often",
				nth, agents, length, g.Op, g)}
		}
		o.Held, o.Reasons = s.Verdict.Thresholds == results.ThresholdsPass, s.Verdict.Failed
		if o.GaveOut = s.Verdict.Generator == results.Invalid; o.GaveOut {
			o.Reasons = s.Verdict.Reasons
		}
		fmt.Fprintf(view, "  %s\n", saysTrial(o))
		return o, nil
	})
	if found == nil {
		return &usageError{err}
	}
	if len(found.Trials) > 0 {
		err = errors.Join(err, f.keep(found))
	}
	if err != nil {
		if len(found.Trials) > 0 && f.format == "text" {
			f.write(c.OutOrStdout(), p, goals, found)
		}
		return err
	}
	return f.tell(c.OutOrStdout(), p, goals, found)
}

// trial makes one run. A goal that aborted it is a goal that was missed.
func (f *capacityFlags) trial(ctx, cut context.Context, p *profiles.Profile, dir string, logs *logging, view *view) (*results.Summary, error) {
	tags, err := parseTags(f.run.tags)
	if err != nil {
		return nil, err
	}
	s, err := f.run.once(ctx, cut, p, dir, tags, logs, view)
	return s, withoutAbort(err)
}

// unseen is a goal that a trial says nothing about, though all agents were in
// world and none of its operations failed: the plan has too few of them. That a
// grid misses a goal, too, is told first.
func unseen(goals []profiles.Threshold, s *results.Summary, agents int) *profiles.Threshold {
	if s.Verdict.Generator == results.Invalid || s.Agents.Peak < agents || s.Agents.LoginFailures > 0 || s.Agents.Lost > 0 {
		return nil
	}
	var found *profiles.Threshold
	for _, why := range s.Verdict.Failed {
		i := slices.IndexFunc(goals, func(g profiles.Threshold) bool { return why == g.String()+": "+results.NoSamples })
		if i < 0 || goals[i].Op == "" || s.Ops[goals[i].Op].Errors > 0 {
			return nil
		}
		found = &goals[i]
	}
	return found
}

// withoutAbort is what else went wrong in a run that a threshold may have
// aborted.
func withoutAbort(err error) error {
	if many, ok := err.(interface{ Unwrap() []error }); ok {
		var rest []error
		for _, one := range many.Unwrap() {
			rest = append(rest, withoutAbort(one))
		}
		return errors.Join(rest...)
	}
	if errors.Is(err, swarm.ErrAborted) {
		return nil
	}
	return err
}

// keep writes the result beside the trials.
func (f *capacityFlags) keep(found *capacity.Result) error {
	data, err := json.MarshalIndent(found, "", "  ")
	if err != nil {
		return err
	}
	return results.Replace(filepath.Join(f.run.out, "capacity.json"), append(data, '\n'))
}

func saysTrial(o capacity.Outcome) string {
	switch {
	case o.GaveOut:
		return "the generator gave out: " + strings.Join(o.Reasons, ", ")
	case o.Held:
		return "held"
	}
	return "missed " + strings.Join(o.Reasons, ", ")
}

// tell says what was found, and turns it into the exit code.
func (f *capacityFlags) tell(w io.Writer, p *profiles.Profile, goals []profiles.Threshold, found *capacity.Result) error {
	if f.format == "json" {
		if err := writeIndented(w, found); err != nil {
			return err
		}
	} else {
		f.write(w, p, goals, found)
	}
	switch {
	case found.GaveOut:
		return &silentError{exitInvalid}
	case found.Lower == 0:
		return &silentError{exitThreshold}
	}
	return nil
}

func (f *capacityFlags) write(w io.Writer, p *profiles.Profile, goals []profiles.Threshold, found *capacity.Result) {
	for _, t := range found.Trials {
		fmt.Fprintf(w, "%8d agents  %6v  %s  (%s)\n", t.Agents, inSeconds(t.Seconds), saysTrial(t.Outcome), t.Dir)
	}
	var texts []string
	for _, g := range goals {
		texts = append(texts, g.String())
	}
	fmt.Fprintf(w, "\n%s, %s: %s\n", p.Name, strings.Join(texts, ", "), f.bounds(found))
	if found.Stopped != "" {
		fmt.Fprintf(w, "The search ended early: %s.\n", found.Stopped)
	}
	fmt.Fprintf(w, "The trials are in %s.\n", f.run.out)
}

// bounds says what was shown, and no more.
func (f *capacityFlags) bounds(found *capacity.Result) string {
	switch {
	case found.Lower == 0 && found.Upper == 0:
		return "no trial decided anything"
	case found.Lower == 0 && found.Upper <= f.search.Least:
		return fmt.Sprintf("it holds not even the least, %d", found.Upper)
	case found.Lower == 0:
		return fmt.Sprintf("it doesn't hold %d, and nothing below was shown to hold", found.Upper)
	case found.Upper == 0:
		return fmt.Sprintf("it holds %d agents", found.Lower)
	}
	return fmt.Sprintf("it holds %d agents, and not %d", found.Lower, found.Upper)
}
