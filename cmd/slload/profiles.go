package main

import (
	"encoding/json"
	"fmt"

	"github.com/slload/slload/profiles"
	"github.com/spf13/cobra"
)

// profileEntry is a built-in profile as JSON has it.
type profileEntry struct {
	Name        string   `json:"name"`
	Description string   `json:"description"`
	Agents      int      `json:"agents"`
	Seconds     float64  `json:"seconds"`
	Primary     []string `json:"primary"`
}

func newProfiles() *cobra.Command {
	var format string
	c := &cobra.Command{
		Use:     "profiles",
		Short:   "List the built-in profiles and what each is for",
		Example: "  slload profiles\n  slload profiles --format json",
		Args:    atMost(0),
		RunE: func(c *cobra.Command, _ []string) error {
			if format != "text" && format != "json" {
				return &usageError{fmt.Errorf("--format %q: want text or json", format)}
			}
			var list []profileEntry
			for _, name := range profiles.Builtins() {
				p, err := profiles.Load(name)
				if err != nil {
					return err
				}
				list = append(list, profileEntry{name, p.Description, p.Peak(), p.Length().Seconds(), p.Primary})
			}
			w := c.OutOrStdout()
			if format == "json" {
				out := json.NewEncoder(w)
				out.SetIndent("", "  ")
				return out.Encode(list)
			}
			for _, e := range list {
				fmt.Fprintf(w, "%s: %d agents for %v\n  %s\n", e.Name, e.Agents, inSeconds(e.Seconds), e.Description)
			}
			return nil
		},
	}
	c.Flags().StringVar(&format, "format", "text", "text or json")
	must(c.RegisterFlagCompletionFunc("format", fixed("text", "json")))
	return c
}
