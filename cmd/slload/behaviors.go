package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/slload/slload/behaviors"
	"github.com/spf13/cobra"
)

func newBehaviors() *cobra.Command {
	var format string
	c := &cobra.Command{
		Use:     "behaviors",
		Short:   "List what agents can do, with parameters",
		Example: "  slload behaviors\n  slload behaviors --format json",
		Args:    atMost(0),
		RunE: func(c *cobra.Command, _ []string) error {
			switch format {
			case "text":
				return listBehaviors(c.OutOrStdout())
			case "json":
				out := json.NewEncoder(c.OutOrStdout())
				out.SetIndent("", "  ")
				return out.Encode(behaviorList())
			}
			return &usageError{fmt.Errorf("--format %q: want text or json", format)}
		},
	}
	c.Flags().StringVar(&format, "format", "text", "text or json")
	must(c.RegisterFlagCompletionFunc("format", fixed("text", "json")))
	return c
}

// behaviorEntry is a behaviour as JSON has it.
type behaviorEntry struct {
	Name      string       `json:"name"`
	Summary   string       `json:"summary"`
	Agents    int          `json:"agents"`
	LoggedOut int          `json:"logged_out"`
	More      bool         `json:"more,omitempty"`
	Roles     []string     `json:"roles,omitempty"`
	Reports   string       `json:"reports,omitempty"`
	Params    []paramEntry `json:"params"`
}

type paramEntry struct {
	Name    string `json:"name"`
	Type    string `json:"type"`
	Default any    `json:"default"`
	Doc     string `json:"doc"`
}

func behaviorList() []behaviorEntry {
	var list []behaviorEntry
	for _, b := range behaviors.All() {
		e := behaviorEntry{
			Name: b.Name, Summary: b.Summary, Agents: b.Agents, LoggedOut: b.LoggedOut, More: b.More, Roles: b.Roles,
			Reports: b.Reports, Params: []paramEntry{},
		}
		for _, p := range b.Params {
			value := p.Default
			if d, ok := value.(time.Duration); ok {
				value = d.String()
			}
			e.Params = append(e.Params, paramEntry{p.Name, p.Type(), value, p.Doc})
		}
		list = append(list, e)
	}
	return list
}

// needs is what a behaviour needs beyond the one agent in world that most do.
func (e behaviorEntry) needs() string {
	var parts []string
	if e.Agents > 1 {
		parts = append(parts, fmt.Sprintf("%d agents in world", e.Agents))
	}
	if e.LoggedOut > 0 {
		part := fmt.Sprintf("%d account(s) whose agents are logged out", e.LoggedOut)
		if e.More {
			part += ", or more"
		}
		parts = append(parts, part)
	}
	needs := strings.Join(parts, " and ")
	if len(e.Roles) > 0 {
		needs += ": " + strings.Join(e.Roles, ", ")
	}
	return needs
}

func listBehaviors(w io.Writer) error {
	for i, b := range behaviorList() {
		if i > 0 {
			fmt.Fprintln(w)
		}
		fmt.Fprintf(w, "%s: %s\n", b.Name, b.Summary)
		if needs := b.needs(); needs != "" {
			fmt.Fprintf(w, "  needs %s\n", needs)
		}
		if b.Reports != "" {
			fmt.Fprintf(w, "  measures %s\n", b.Reports)
		}
		for _, p := range b.Params {
			fmt.Fprintf(w, "  %-8s %-8s %s (%v)\n", p.Name, p.Type, p.Doc, p.Default)
		}
	}
	return nil
}
