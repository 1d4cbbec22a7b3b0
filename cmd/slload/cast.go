package main

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"

	"github.com/slload/slload/agent"
	"github.com/slload/slload/profiles"
	"github.com/spf13/cobra"
)

// castFlags say which accounts play, and on which grid: play, smoke and others
// that log single agents in have them.
type castFlags struct {
	loginURI, start, csv, passwordFile string
	names                              []string
	n                                  int
	protocol                           protocolFlag
	target                             targetFlags
}

func (f *castFlags) register(c *cobra.Command) {
	f.target.register(c)
	fl := c.Flags()
	fl.StringVar(&f.loginURI, "login-uri", "", "the grid's login address; left out: an embedded grid")
	f.protocol.register(c, "xmlrpc")
	fl.StringVar(&f.start, "start", "", "where to log in: home, last or uri:Region&x&y&z; left out: where the first was last")
	fl.StringArrayVar(&f.names, "account", nil, `"First Last"; may be given again`)
	fl.StringVar(&f.csv, "accounts", "", "CSV file of accounts, with the header first,last,password")
	fl.IntVarP(&f.n, "number", "n", 0, "how many accounts to use; 0: as many as it takes")
	fl.StringVar(&f.passwordFile, "password-file", "", "file with the accounts' password; left out: "+profiles.DefaultPasswordEnv)
	must(c.MarkFlagFilename("accounts", "csv"))
	must(c.MarkFlagFilename("password-file"))
}

// accounts gives the accounts: at least `least` of them, and where more is
// true all that were named, -n at most. What nobody named is Load Bot1,
// Load Bot2 and so on.
func (f *castFlags) accounts(least int, more bool) ([]agent.Account, error) {
	if f.n < 0 || f.n > 0 && f.n < least {
		return nil, &usageError{fmt.Errorf("-n %d: it takes %d account(s)", f.n, least)}
	}
	password, err := f.password()
	if err != nil {
		return nil, err
	}
	if f.csv != "" && len(f.names) > 0 {
		return nil, &usageError{errors.New("--account and --accounts: give one of them")}
	}
	most := least
	if more {
		most = max(least, f.n)
	}
	if len(f.names) > 0 {
		return f.named(password, least, most, more)
	}
	source := profiles.AccountSource{CSV: f.csv}
	all, err := source.Open(func(string) string { return password })
	if err != nil {
		return nil, &usageError{err}
	}
	if f.csv != "" && more && f.n == 0 {
		most = all.Len()
	}
	if err := all.Enough(max(least, most)); err != nil {
		return nil, &usageError{err}
	}
	list := make([]agent.Account, most)
	for i := range list {
		a := all.At(i)
		list[i] = agent.Account{First: a.First, Last: a.Last, Password: string(a.Password)}
	}
	return list, nil
}

// named gives the accounts of --account.
func (f *castFlags) named(password string, least, most int, more bool) ([]agent.Account, error) {
	if password == "" {
		return nil, &usageError{fmt.Errorf("no password: set the environment variable %s, or give --password-file", profiles.DefaultPasswordEnv)}
	}
	if len(f.names) < least {
		return nil, &usageError{fmt.Errorf("it takes %d accounts, and there is only %s: give --account again", least, strings.Join(f.names, ", "))}
	}
	if more && f.n == 0 {
		most = len(f.names)
	}
	var list []agent.Account
	for _, name := range f.names[:min(most, len(f.names))] {
		parts := strings.Fields(name)
		if len(parts) != 2 {
			return nil, &usageError{fmt.Errorf(`--account %q: want "First Last"`, name)}
		}
		for _, other := range list {
			if strings.EqualFold(other.Name(), strings.Join(parts, " ")) {
				return nil, &usageError{fmt.Errorf("--account %q is there twice", name)}
			}
		}
		list = append(list, agent.Account{First: parts[0], Last: parts[1], Password: password})
	}
	return list, nil
}

// password is that of --password-file, else the environment's; a grid of one's
// own needs none, and gets one that nobody knows.
func (f *castFlags) password() (string, error) {
	if f.passwordFile != "" {
		return readPassword("--password-file", f.passwordFile)
	}
	if p := os.Getenv(profiles.DefaultPasswordEnv); p != "" || f.loginURI != "" {
		return p, nil
	}
	return fmt.Sprintf("%016x", rand.Uint64()), nil
}

// readPassword reads a file that holds a password and a line's end.
func readPassword(flag, file string) (string, error) {
	b, err := os.ReadFile(file)
	if err != nil {
		return "", &usageError{fmt.Errorf("%s: %w", flag, err)}
	}
	password := strings.TrimRight(string(b), "\r\n")
	if password == "" || strings.ContainsAny(password, "\r\n") {
		return "", &usageError{fmt.Errorf("%s: %s must hold one line, the password", flag, file)}
	}
	return password, nil
}
