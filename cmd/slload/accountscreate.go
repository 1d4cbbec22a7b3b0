package main

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/csv"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/slload/slload/profiles"
	"github.com/spf13/cobra"
)

// adminPasswordEnv holds RemoteAdmin's access password.
const adminPasswordEnv = "SLLOAD_REMOTE_ADMIN_PASSWORD"

// mostCreated bounds the accounts of one call.
const mostCreated = 100_000

// createFlags are the flags of `slload accounts create`.
type createFlags struct {
	url, adminPasswordFile, passwordFile string
	first, last, out                     string
	count, from                          int
	force                                bool
	target                               targetFlags
}

func newAccountsCreate() *cobra.Command {
	var f createFlags
	c := &cobra.Command{
		Use:   "create",
		Short: "Make an OpenSimulator's test accounts, and the CSV file of them",
		Long: `Make accounts through an OpenSimulator's RemoteAdmin, whose password (its
access_password) is that in SLLOAD_REMOTE_ADMIN_PASSWORD, or the file
--remote-admin-password-file. Accounts that are there already are left as they
are.

The accounts' password is that in SLLOAD_PASSWORD, or --password-file; the CSV
file then leaves it out. Without one each account gets a password of its own,
which the CSV file holds: it can be read by nobody else.`,
		Example: `  slload accounts create --remote-admin http://127.0.0.1:9000/ --count 1000
  slload accounts create --remote-admin http://127.0.0.1:9000/ --first Test --last "User{n}" --from 1001 --count 50 --out more.csv`,
		Args: atMost(0),
		RunE: func(c *cobra.Command, _ []string) error { return f.run(c) },
	}
	f.target.register(c)
	fl := c.Flags()
	fl.StringVar(&f.url, "remote-admin", "", "RemoteAdmin's address: the simulator's HTTP port")
	fl.StringVar(&f.adminPasswordFile, "remote-admin-password-file", "", "file with RemoteAdmin's password; left out: "+adminPasswordEnv)
	fl.StringVar(&f.passwordFile, "password-file", "", "file with the accounts' password; left out: "+profiles.DefaultPasswordEnv+", or one for each")
	fl.IntVar(&f.count, "count", 0, "how many accounts")
	fl.IntVar(&f.from, "from", 1, "the first one's number")
	fl.StringVar(&f.first, "first", "Load", "first names; {n} is the number")
	fl.StringVar(&f.last, "last", "Bot{n}", "last names; {n} is the number")
	fl.StringVarP(&f.out, "out", "o", "accounts.csv", "the CSV file")
	fl.BoolVar(&f.force, "force", false, "overwrite the CSV file")
	must(c.MarkFlagFilename("out", "csv"))
	must(c.MarkFlagFilename("password-file"))
	must(c.MarkFlagFilename("remote-admin-password-file"))
	return c
}

func (f *createFlags) run(c *cobra.Command) error {
	admin, password, err := f.prepare()
	if err != nil {
		return err
	}
	guard, err := f.target.guard(c, f.url)
	if err != nil {
		return err
	}
	admin.http = guarded(guard)
	file, err := newAccountFile(f.out)
	if err != nil {
		return err
	}
	defer file.discard()
	ctx, release := interruptible(c.Context())
	defer release()
	made := creation{flags: f, admin: admin, password: password, file: file}
	err = made.all(ctx, func(done int) {
		if done%100 == 0 && done < f.count {
			fmt.Fprintf(c.ErrOrStderr(), "%d of %d accounts\n", done, f.count)
		}
	})
	if made.listed == 0 {
		if err == nil {
			err = made.verdict()
		}
		return err
	}
	// What was made is kept, however it ended: its passwords are known nowhere else.
	if kept := file.keep(); kept != nil {
		return errors.Join(err, kept)
	}
	fmt.Fprintf(c.OutOrStdout(), "%s holds %d accounts: %d made, %d there before\n", f.out, made.listed, made.created, made.listed-made.created)
	return cmp.Or(err, made.verdict())
}

// prepare checks the flags before anything is done.
func (f *createFlags) prepare() (*remoteAdmin, string, error) {
	usage := func(format string, args ...any) (*remoteAdmin, string, error) {
		return nil, "", &usageError{fmt.Errorf(format, args...)}
	}
	if f.url == "" {
		return usage("--remote-admin: give the address of the grid's RemoteAdmin, such as http://127.0.0.1:9000/")
	}
	if f.count < 1 || f.count > mostCreated {
		return usage("--count %d: want 1 to %d", f.count, mostCreated)
	}
	if f.count > 1 && !strings.Contains(f.first+f.last, "{n}") {
		return usage("--first %q --last %q: one of them must hold {n}, or all accounts have one name", f.first, f.last)
	}
	for _, name := range []string{f.first, f.last} {
		if name == "" || strings.ContainsAny(name, " \t,\"\r\n") {
			return usage("%q is no part of a name: want one word", name)
		}
	}
	if _, err := os.Lstat(f.out); err == nil && !f.force {
		return usage("--out: %s exists already: give another name, or --force", f.out)
	}
	admin := &remoteAdmin{url: f.url, password: os.Getenv(adminPasswordEnv)}
	password := os.Getenv(profiles.DefaultPasswordEnv)
	for _, p := range []struct {
		flag, file string
		into       *string
	}{
		{"--remote-admin-password-file", f.adminPasswordFile, &admin.password},
		{"--password-file", f.passwordFile, &password},
	} {
		if p.file == "" {
			continue
		}
		var err error
		if *p.into, err = readPassword(p.flag, p.file); err != nil {
			return nil, "", err
		}
	}
	if admin.password == "" {
		return usage("no password for RemoteAdmin: set the environment variable %s, or give --remote-admin-password-file", adminPasswordEnv)
	}
	return admin, password, nil
}

// creation is the making of accounts.
type creation struct {
	flags    *createFlags
	admin    *remoteAdmin
	password string // of all; "": one for each
	file     *accountFile

	created, listed int
	unknown         []string // there already, with a password that nobody told
	failed          []error
}

// all makes the accounts one after another: RemoteAdmin takes one call at a
// time. A failure of one is kept and the next is tried, but not where all
// would fail.
func (m *creation) all(ctx context.Context, progress func(done int)) error {
	for i := range m.flags.count {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		err := m.one(ctx, strconv.Itoa(m.flags.from+i))
		var failed *adminError
		switch {
		case errors.As(err, &failed):
			m.failed = append(m.failed, err)
		case err != nil:
			return err
		}
		progress(i + 1)
	}
	return nil
}

func (m *creation) one(ctx context.Context, n string) error {
	first, last := strings.ReplaceAll(m.flags.first, "{n}", n), strings.ReplaceAll(m.flags.last, "{n}", n)
	own := ""
	if m.password == "" {
		own = rand.Text()
	}
	created, err := m.admin.create(ctx, first, last, cmp.Or(m.password, own))
	if err != nil {
		return err
	}
	if !created && own != "" {
		m.unknown = append(m.unknown, first+" "+last)
		return nil
	}
	if created {
		m.created++
	}
	m.listed++
	return m.file.add(first, last, own)
}

// verdict is the error where not all accounts can be used.
func (m *creation) verdict() error {
	var parts []string
	if n := len(m.failed); n > 0 {
		parts = append(parts, fmt.Sprintf("%d accounts could not be made: %v", n, m.failed[0]))
	}
	if n := len(m.unknown); n > 0 {
		parts = append(parts, fmt.Sprintf("%d accounts were there already, such as %s, and are left out, for their passwords are not known: set %s if you know it",
			n, m.unknown[0], profiles.DefaultPasswordEnv))
	}
	if parts == nil {
		return nil
	}
	return &checkError{errors.New(strings.Join(parts, "; "))}
}

// accountFile is a CSV file of accounts that comes to its name when it is
// whole.
type accountFile struct {
	name string
	temp *os.File
	csv  *csv.Writer
}

func newAccountFile(name string) (*accountFile, error) {
	temp, err := os.CreateTemp(filepath.Dir(name), filepath.Base(name)+".*") // for its owner alone
	if err != nil {
		return nil, &usageError{fmt.Errorf("--out: %w", err)}
	}
	f := &accountFile{name: name, temp: temp, csv: csv.NewWriter(temp)}
	return f, f.add("first", "last", "password")
}

// add writes a line, to the disk's cache at least: what is made on the grid
// must be known here.
func (f *accountFile) add(fields ...string) error {
	err := f.csv.Write(fields)
	f.csv.Flush()
	return cmp.Or(err, f.csv.Error())
}

// keep gives the file its name.
func (f *accountFile) keep() error {
	temp := f.temp
	f.temp = nil // it stays, whatever comes
	err := errors.Join(temp.Sync(), temp.Close(), os.Rename(temp.Name(), f.name))
	if err != nil {
		return fmt.Errorf("write %s: %w; the accounts are in %s", f.name, err, temp.Name())
	}
	return nil
}

// discard takes away a file that isn't kept.
func (f *accountFile) discard() {
	if f.temp != nil {
		_ = f.temp.Close()
		_ = os.Remove(f.temp.Name())
	}
}
