package profiles

import (
	"embed"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/slload/slload/internal/nearest"
)

//go:embed builtin/*.yaml
var builtin embed.FS

// Builtins lists the names of the built-in profiles, in alphabetical order.
func Builtins() []string {
	entries, err := builtin.ReadDir("builtin")
	if err != nil {
		panic(err) // embedded: it is there or the program was not built
	}
	names := make([]string, len(entries))
	for i, e := range entries {
		names[i] = strings.TrimSuffix(e.Name(), ".yaml")
	}
	return names
}

// Load reads the built-in profile of that name, or else the file. A relative
// path in accounts.csv is taken from the file's folder. Errors about the
// content are Errors. The checks are Parse's.
func Load(nameOrPath string, more ...Check) (*Profile, error) {
	if data, err := builtin.ReadFile("builtin/" + nameOrPath + ".yaml"); err == nil {
		return Parse(data, nameOrPath+".yaml", more...)
	}
	data, err := readFile(nameOrPath)
	if err != nil {
		return nil, err
	}
	p, err := Parse(data, nameOrPath, more...)
	if err != nil {
		return nil, err
	}
	if p.Accounts.CSV != "" && !filepath.IsAbs(p.Accounts.CSV) {
		p.Accounts.CSV, err = filepath.Abs(filepath.Join(filepath.Dir(nameOrPath), p.Accounts.CSV))
		if err != nil {
			return nil, fmt.Errorf("find the accounts of profile %s: %w", nameOrPath, err)
		}
	}
	return p, nil
}

// maxFile bounds a profile file: a hundred times what a long one takes.
const maxFile = 256 << 10

func readFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		names := Builtins()
		return nil, &Error{File: path, Err: err, Problem: fmt.Sprintf(
			"no such file, and the built-in profiles are %s%s", strings.Join(names, ", "), nearest.Hint(path, names))}
	}
	if err != nil {
		return nil, fmt.Errorf("read the profile: %w", err)
	}
	defer func() { _ = f.Close() }() // read only
	data, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return nil, fmt.Errorf("read the profile: %w", err)
	}
	return data, nil
}
