package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"text/tabwriter"
)

// write prints the result in one piece.
func (res *result) write(w io.Writer, format string, heading []string) error {
	var b bytes.Buffer
	if format == "json" {
		e := json.NewEncoder(&b)
		e.SetIndent("", "  ")
		if err := e.Encode(res); err != nil {
			return err
		}
	} else {
		for _, line := range heading {
			fmt.Fprintln(&b, line)
		}
		res.table(&b)
		res.protocol(&b)
		res.ratios(&b)
	}
	_, err := w.Write(b.Bytes())
	return err
}

// columns makes a table with numbers to the right.
func columns(w io.Writer) *tabwriter.Writer {
	return tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight|tabwriter.TabIndent)
}

// table has a line for each run: what it delivered and what that cost.
func (res *result) table(w io.Writer) {
	fmt.Fprintln(w)
	t := columns(w)
	fmt.Fprintf(t, "round\trun\tsent/s\treceived/s\tCPU %%\twaited %%\tCPU s/Mpkt\t\n")
	for _, r := range res.Runs {
		fmt.Fprintf(t, "%d\t%s\t%.0f\t%.0f\t%.1f\t%s\t%.3f\t\n", r.Round, r.Name, r.Sent, r.Received, r.CPUPercent, r.waited(), r.Cost)
	}
	_ = t.Flush() // to memory
	for _, r := range res.Runs {
		if r.Note != "" {
			fmt.Fprintf(w, "round %d, %s: %s\n", r.Round, r.Name, r.Note)
		}
	}
}

// waited tells how long the run had to wait for its CPU, where that is known.
func (r *run) waited() string {
	if r.Waited == 0 {
		return "-"
	}
	return fmt.Sprintf("%.1f", r.Waited)
}

// protocol tells what of the agents' packets wasn't load.
func (res *result) protocol(w io.Writer) {
	for _, r := range res.Runs {
		a := r.Agent
		if a == nil {
			continue
		}
		fmt.Fprintf(w, "round %d, agent: of the packets %.0f/s out were acks, %.0f/s pings, %.0f/s others; %.0f/s in were pings, %.0f/s resends;"+
			" without these %.3f CPU s/Mpkt; %.0f/s lines heard, %d late timers, %d kernel drops\n",
			r.Round, a.AcksSent, a.PingsSent, a.OtherSent, a.PingsReceived, a.Resent, a.LoadCost, a.Chats, a.LateTimers, a.KernelDrops)
	}
}

// ratios are what it was all for.
func (res *result) ratios(w io.Writer) {
	fmt.Fprintln(w)
	t := columns(w)
	fmt.Fprintf(t, "ratio\tagainst\tCPU s/Mpkt\tfloor\tratio\t\n")
	for _, k := range kinds {
		ratio := *res.Ratio.of(k.name)
		if ratio == nil {
			continue
		}
		ours, floor := median(res.costs(k.name)), median(res.costs(floorName(k.floor)))
		fmt.Fprintf(t, "%s\t%s\t%.3f\t%.3f\t%.3f\t\n", k.name, floorName(k.floor), ours, floor, *ratio)
	}
	_ = t.Flush() // to memory
}
