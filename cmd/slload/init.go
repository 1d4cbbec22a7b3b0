package main

import (
	_ "embed"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/spf13/cobra"
)

// starter is the profile that one begins with.
//
//go:embed starter.yaml
var starter []byte

func newInit() *cobra.Command {
	var out string
	var force bool
	c := &cobra.Command{
		Use:   "init",
		Short: "Print a commented profile to begin with",
		Example: `  slload init > my.yaml
  slload init -o my.yaml && slload validate my.yaml && slload run my.yaml`,
		Args: atMost(0),
		RunE: func(c *cobra.Command, _ []string) error {
			if out == "" {
				_, err := c.OutOrStdout().Write(starter)
				return err
			}
			return writeStarter(out, force)
		},
	}
	c.Flags().StringVarP(&out, "out", "o", "", "write it to this file")
	c.Flags().BoolVar(&force, "force", false, "overwrite a file that is there")
	must(c.MarkFlagFilename("out", "yaml", "yml"))
	return c
}

// writeStarter writes the profile to a file that must not be there, unless by
// force.
func writeStarter(path string, force bool) error {
	mode := os.O_WRONLY | os.O_CREATE | os.O_EXCL
	if force {
		mode = os.O_WRONLY | os.O_CREATE | os.O_TRUNC
	}
	f, err := os.OpenFile(path, mode, 0o644)
	if errors.Is(err, fs.ErrExist) {
		return &usageError{fmt.Errorf("%s is there already: choose another name, or --force to overwrite it", path)}
	}
	if err != nil {
		return &usageError{fmt.Errorf("write the profile: %w", err)}
	}
	_, err = f.Write(starter)
	if err := errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("write the profile: %w", err)
	}
	return nil
}
