package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"slices"
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

// protocol tells what of the agents' packets wasn't load, what a packet costs
// if only load is counted, and how the agents did.
func (res *result) protocol(w io.Writer) {
	if !slices.ContainsFunc(res.Runs, func(r run) bool { return r.Agent != nil }) {
		return
	}
	fmt.Fprintln(w, "\nof the agents' packets a second:")
	t := columns(w)
	fmt.Fprintf(t, "round\tacks out\tpings out\tothers out\tpings in\tresends in\twithout these CPU s/Mpkt\tlines heard\tpeer CPU %%\tlate timers\tkernel drops\t\n")
	for _, r := range res.Runs {
		if a := r.Agent; a != nil {
			fmt.Fprintf(t, "%d\t%.0f\t%.0f\t%.0f\t%.0f\t%.0f\t%.3f\t%.0f\t%.1f\t%d\t%d\t\n", r.Round,
				a.AcksSent, a.PingsSent, a.OtherSent, a.PingsReceived, a.Resent, a.LoadCost, a.Chats, a.PeerCPU, a.LateTimers, a.KernelDrops)
		}
	}
	_ = t.Flush() // to memory
}

// ratios are what it was all for.
func (res *result) ratios(w io.Writer) {
	if res.Ratio == (ratios{}) {
		return
	}
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
