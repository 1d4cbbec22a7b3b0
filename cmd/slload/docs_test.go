package main

import (
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"
)

var manDir = flag.String("man", "", "write the manual pages to this directory")

// documented is the root command without the day on its pages, which would
// change them when nothing else does.
func documented() *cobra.Command {
	root := newRoot()
	root.DisableAutoGenTag = true
	return root
}

// TestCommandPages keeps docs/cli what the commands say of themselves.
func TestCommandPages(t *testing.T) {
	const dir = "../../docs/cli"
	fresh := t.TempDir()
	if err := doc.GenMarkdownTree(documented(), fresh); err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.RemoveAll(dir); err != nil {
			t.Fatal(err)
		}
		if err := os.CopyFS(dir, os.DirFS(fresh)); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(contents(t, dir), contents(t, fresh)); diff != "" {
		t.Errorf("%s is not what the commands say; go test ./cmd/slload -run TestCommandPages -update writes it (-there +wanted):\n%s", dir, diff)
	}
}

// TestManualPages makes the manual pages, which are not kept: make man puts
// them where they are wanted.
func TestManualPages(t *testing.T) {
	dir := *manDir
	if dir == "" {
		dir = t.TempDir()
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	header := &doc.GenManHeader{Section: "1", Source: "slload " + version, Manual: "slload"}
	if err := doc.GenManTree(documented(), header, dir); err != nil {
		t.Fatal(err)
	}
	pages := contents(t, dir)
	for name, c := range map[string]string{"slload.1": "slload", "slload-run.1": "slload run", "slload-accounts-create.1": "slload accounts create"} {
		page := pages[name]
		if !strings.Contains(page, `.TH "SLLOAD`) || !strings.Contains(page, ".SH SYNOPSIS") || !strings.Contains(page, c) {
			t.Errorf("%s is no manual page of %q:\n%s", name, c, page)
		}
	}
}

// contents are the files in dir by name.
func contents(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := fs.WalkDir(os.DirFS(dir), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(filepath.Join(dir, name))
		files[name] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(files) < 20 {
		t.Errorf("%s has %d pages", dir, len(files))
	}
	return files
}
