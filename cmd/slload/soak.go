package main

import (
	"fmt"

	"github.com/slload/slload/results"
	"github.com/spf13/cobra"
)

func newSoak(logs *logging) *cobra.Command {
	var f runFlags
	c := &cobra.Command{
		Use:   "soak [PROFILE]",
		Short: "Run a profile for hours or days and tell what only time brings out",
		Long: `Run a profile for long: a built-in's name or a YAML file; soak when left out. It
is slload run, and tells besides whether the generator's own memory grew.

Whatever happens, at most the last 10 s are lost. After a crash or a kill -9,
slload report tells what the run came to, and slload resume goes on with it. A
disk that is full or can't be written is told of once; what can't be written is
kept (16 MB a file) and written when there is room again.

No file grows without end. events.jsonl and slload.log take 32 MB and then begin
anew, the file before being kept as events.1.jsonl and slload.1.log; a capture
does so at 128 MB. What goes with older ones is counted and told. timeline.jsonl
and histograms.hlog stay below 64 MB by intervals that grow longer, and lose
nothing.

The first Ctrl-C or SIGTERM logs the agents out and writes the results; the
second ends at once.`,
		Example: `  slload soak --duration 12h
  slload soak crowd --agents 500 --duration 24h --login-uri http://127.0.0.1:9000/ --out runs/night`,
		Args:              atMost(1),
		ValidArgsFunction: completeProfile,
		RunE: func(c *cobra.Command, args []string) error {
			name := "soak"
			if len(args) == 1 {
				name = args[0]
			}
			f.ending = tellGrowth
			return f.run(c, name, logs)
		},
	}
	f.registerRun(c)
	return c
}

// tellGrowth tells how the memory of the run in dir went.
func tellGrowth(c *cobra.Command, dir string) {
	growth, err := results.ReadGrowth(dir)
	if err != nil {
		fmt.Fprintf(c.ErrOrStderr(), "slload: warning: can't tell whether memory grew: %s\n", oneLine(err))
		return
	}
	fmt.Fprintf(c.OutOrStdout(), "%-12s%s\n", "Memory", growth)
}
