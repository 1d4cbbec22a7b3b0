package main

import (
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"
)

func newRoot() *cobra.Command {
	p := plan{endpoints: 10000, rate: 10, window: 8 * time.Second, warmUp: time.Second, rounds: 3}
	var seconds int
	var format string
	var only []string
	root := &cobra.Command{
		Use:   "bench --floor PATH --echo PATH",
		Short: "Compare what slload's traffic costs with the least that it can cost here",
		Long: `bench runs a floor (a program that makes the same UDP traffic by system calls
alone) and slload in turn, the generator on one CPU and its peer on another,
and prints the CPU seconds of each for a million packets sent and received.

  shared, epoll   the bare transport, against "floor pkt" and "floor epoll"
  agent           whole agents on the shared socket, against "floor pkt"

A ratio is that of the medians over the rounds. A run counts only if it
delivered 99 % of what the floor of its round did, each way.`,
		Example: `  go run ./bench --floor PATH/floor --echo PATH/echo
  go run ./bench --floor PATH/floor --echo PATH/echo --format json > ratios.json
  go run ./bench --floor PATH/floor --echo PATH/echo --only agent --runs 1 --profile .
  go run ./bench --floor PATH/floor --echo PATH/echo --endpoints 1000 --seconds 3`,
		Args:          cobra.NoArgs,
		SilenceUsage:  true,
		SilenceErrors: true,
		RunE: func(c *cobra.Command, _ []string) error {
			p.window = time.Duration(seconds) * time.Second
			if err := p.choose(only); err != nil {
				return err
			}
			if err := p.check(format); err != nil {
				return err
			}
			self, err := os.Executable()
			if err != nil {
				return fmt.Errorf("find this program, to start its parts: %w", err)
			}
			return measure(c.Context(), p, self, format, c.OutOrStdout(), c.ErrOrStderr())
		},
	}
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error {
		return &usageError{fmt.Errorf("%w; see bench --help", err)}
	})
	f := root.Flags()
	f.SortFlags = false
	f.StringVar(&p.floor, "floor", "", "the floor: a program called as `PATH` pkt|epoll ENDPOINTS RATE PORT SECONDS")
	f.StringVar(&p.echo, "echo", "", "its peer: a program called as `PATH` PORT SECONDS REPLIES SIZE")
	f.StringVar(&format, "format", "text", "how to print the result: text or json")
	f.IntVar(&p.endpoints, "endpoints", p.endpoints, "endpoints, and agents")
	f.IntVar(&p.rate, "rate", p.rate, "packets a second that each sends, and receives")
	f.IntVar(&seconds, "seconds", int(p.window/time.Second), "seconds that are measured, after one of warm-up")
	f.IntVar(&p.rounds, "runs", p.rounds, "how often each runs")
	f.StringSliceVar(&only, "only", kindNames(), "which ratios to measure")
	f.StringVar(&p.profiles, "profile", "", "write CPU profiles of slload's runs to this `directory` (they cost a little)")
	root.CompletionOptions.DisableDefaultCmd = true
	root.SetHelpCommand(&cobra.Command{Use: "no-help", Hidden: true})
	root.AddCommand(newPin(), newTransport(), newAgents(), newSimulatorCommand())
	return root
}

// newPin runs a program on one CPU, in place of this process.
func newPin() *cobra.Command {
	return &cobra.Command{
		Use: "pin CPU PROGRAM [ARGUMENT...]", Hidden: true, Args: cobra.MinimumNArgs(2), DisableFlagParsing: true,
		RunE: func(_ *cobra.Command, args []string) error { return pin(args[0], args[1], args[1:]) },
	}
}

// windowFlags are those of every part that measures.
func windowFlags(c *cobra.Command, o *load) {
	c.Hidden = true
	c.Flags().IntVar(&o.endpoints, "endpoints", 0, "how many")
	c.Flags().IntVar(&o.rate, "rate", 0, "packets a second of each")
	c.Flags().DurationVar(&o.window, "window", 0, "how long to measure")
	c.Flags().DurationVar(&o.warmUp, "warm-up", 0, "how long to run before that")
	c.Flags().StringVar(&o.profile, "profile", "", "file for a CPU profile of the window")
}

func newTransport() *cobra.Command {
	var o load
	var mode, peer string
	c := &cobra.Command{
		Use: "transport", Short: "the bare transport against an echo", Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			f, err := runTransport(o, mode, peer)
			return report(c.OutOrStdout(), f, err)
		},
	}
	windowFlags(c, &o)
	c.Flags().StringVar(&mode, "mode", "auto", "shared, epoll or portable")
	c.Flags().StringVar(&peer, "peer", "", "address of the echo")
	return c
}

func newAgents() *cobra.Command {
	var o load
	var grid string
	c := &cobra.Command{
		Use: "agents", Short: "whole agents against the simulator", Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			f, err := runAgents(c.Context(), o, grid)
			return report(c.OutOrStdout(), f, err)
		},
	}
	windowFlags(c, &o)
	c.Flags().StringVar(&grid, "grid", "", "URL of the simulator")
	return c
}

func newSimulatorCommand() *cobra.Command {
	var agents, rate int
	c := &cobra.Command{
		Use: "simulator", Hidden: true, Short: "the wire of a simulator, until its input ends", Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return serveSimulator(c.Context(), schedule{agents: agents, rate: rate}, c.InOrStdin(), c.OutOrStdout())
		},
	}
	c.Flags().IntVar(&agents, "agents", 0, "how many there will be")
	c.Flags().IntVar(&rate, "rate", 0, "messages a second to each")
	return c
}
