package profiles

import (
	"cmp"
	"fmt"
	"log/slog"
	"math"
	"strconv"
	"strings"
)

// Secret is a string that no printing shows: it prints, logs and marshals as
// asterisks. string(s) is what it hides.
type Secret string

const hidden = "***"

// Format prints asterisks for every verb.
func (Secret) Format(f fmt.State, _ rune) { fmt.Fprint(f, hidden) }

// MarshalText gives asterisks.
func (Secret) MarshalText() ([]byte, error) { return []byte(hidden), nil }

// LogValue gives asterisks.
func (Secret) LogValue() slog.Value { return slog.StringValue(hidden) }

// Account is what one agent logs in with.
type Account struct {
	First, Last string
	Password    Secret
}

// Accounts are the accounts of a run: a list from a file, or names made from a
// pattern.
type Accounts struct {
	from        string // for errors
	list        []Account
	first, last string
	password    Secret
}

// Open makes the accounts, reading the CSV file if there is one. getenv is
// os.Getenv or a stand-in: the embedded grid needs no password from the
// environment. Errors about the file are Errors.
func (s AccountSource) Open(getenv func(string) string) (*Accounts, error) {
	env := cmp.Or(s.PasswordEnv, DefaultPasswordEnv)
	password := Secret(getenv(env))
	if s.CSV != "" {
		list, err := readCSV(s.CSV, env, password)
		if err != nil {
			return nil, err
		}
		return &Accounts{from: s.CSV, list: list}, nil
	}
	if password == "" {
		return nil, &Error{Key: "accounts", Problem: fmt.Sprintf(
			"no password: set the environment variable %s, or name a file of accounts", env)}
	}
	a := &Accounts{first: s.First, last: s.Last, password: password}
	if s.First == "" && s.Last == "" {
		a.first, a.last = defaultFirst, defaultLast
	}
	return a, nil
}

// Format prints how many accounts there are, for every verb: fmt would reach
// the passwords in fields that have no way to say no.
func (a Accounts) Format(f fmt.State, _ rune) {
	if a.from == "" {
		fmt.Fprintf(f, "accounts %s %s", a.first, a.last)
		return
	}
	fmt.Fprintf(f, "%d accounts from %s", len(a.list), a.from)
}

// Len is the number of accounts; a pattern never runs out of them.
func (a *Accounts) Len() int {
	if a.from == "" {
		return math.MaxInt
	}
	return len(a.list)
}

// At is the account of agent i, which is from 0 to Len()-1; a pattern numbers
// from 1.
func (a *Accounts) At(i int) Account {
	if a.from != "" {
		return a.list[i]
	}
	n := strconv.Itoa(i + 1)
	return Account{
		First:    strings.ReplaceAll(a.first, "{n}", n),
		Last:     strings.ReplaceAll(a.last, "{n}", n),
		Password: a.password,
	}
}

// Enough is an error if there are fewer than n accounts.
func (a *Accounts) Enough(n int) error {
	if a.Len() >= n {
		return nil
	}
	return &Error{File: a.from, Problem: fmt.Sprintf("holds %d accounts, the plan needs %d: add some, or run fewer agents", a.Len(), n)}
}
