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
func (Secret) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(hidden)) }

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
	from string // the file, for errors; empty for a pattern
	n    int
	// at is a function because of what it encloses: fmt prints fields that are
	// not exported without asking them, but no function's variables.
	at func(i int) Account
}

// Open makes the accounts, reading the CSV file if there is one. getenv is
// os.Getenv or a stand-in: the embedded grid needs no password from the
// environment. What is wrong with the source or the file is an *Error.
func (s AccountSource) Open(getenv func(string) string) (*Accounts, error) {
	env := cmp.Or(s.PasswordEnv, DefaultPasswordEnv)
	password := Secret(getenv(env))
	if s.CSV != "" {
		list, err := readCSV(s.CSV, env, password)
		if err != nil {
			return nil, err
		}
		return &Accounts{s.CSV, len(list), func(i int) Account { return list[i] }}, nil
	}
	if password == "" {
		return nil, &Error{Key: "accounts", Problem: fmt.Sprintf(
			"no password: set the environment variable %s, or name a file of accounts", env)}
	}
	first, last := s.First, s.Last
	if first == "" && last == "" {
		first, last = defaultFirst, defaultLast
	}
	return &Accounts{"", math.MaxInt, func(i int) Account {
		n := strconv.Itoa(i + 1)
		return Account{strings.ReplaceAll(first, "{n}", n), strings.ReplaceAll(last, "{n}", n), password}
	}}, nil
}

// Len is the number of accounts; a pattern never runs out of them.
func (a *Accounts) Len() int { return a.n }

// At is the account of agent i, which is from 0 to Len()-1; a pattern numbers
// from 1.
func (a *Accounts) At(i int) Account { return a.at(i) }

// Enough is an error if there are fewer than n accounts.
func (a *Accounts) Enough(n int) error {
	if a.Len() >= n {
		return nil
	}
	return &Error{File: a.from, Problem: fmt.Sprintf("holds %d accounts, the plan needs %d: add some, or run fewer agents", a.Len(), n)}
}
