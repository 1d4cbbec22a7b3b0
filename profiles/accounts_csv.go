package profiles

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
)

const (
	maxAccounts     = maxAgents
	maxAccountsFile = 256 << 20 // bytes
	maxNamePart     = 63        // runes; Second Life allows 31
)

// readCSV reads first,last,password from a file. Errors never quote a line: it
// may hold a password.
func readCSV(path, env string, password Secret) ([]Account, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, &Error{Key: "accounts.csv", Problem: "cannot open the file: " + err.Error(), Err: err}
	}
	defer func() { _ = f.Close() }() // read only
	r := accountReader{file: path, env: env, password: password, seen: map[string]int{}}
	return r.read(f)
}

// accountReader turns the lines of a CSV file into accounts.
type accountReader struct {
	file, env string
	password  Secret
	csv       *csv.Reader
	seen      map[string]int // line of each account, by folded name
	list      []Account
}

func (r *accountReader) read(f io.Reader) ([]Account, error) {
	bounded := &io.LimitedReader{R: f, N: maxAccountsFile}
	in := bufio.NewReader(bounded)
	if bom, err := in.Peek(3); err == nil && string(bom) == "\ufeff" {
		_, _ = in.Discard(3) // buffered by Peek; spreadsheets put it there
	}
	r.csv = csv.NewReader(in)
	r.csv.FieldsPerRecord = -1 // the error below says more than the reader's
	r.csv.ReuseRecord = true
	r.csv.TrimLeadingSpace = true
	header, err := r.csv.Read()
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, r.syntax(err)
	}
	if !equalFields(header, "first", "last", "password") {
		return nil, r.fail(1, "the first line must be first,last,password")
	}
	for {
		record, err := r.csv.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, r.syntax(err)
		}
		if err := r.add(record); err != nil {
			return nil, err
		}
	}
	if bounded.N <= 0 {
		return nil, r.fail(0, "is larger than a file of accounts may be (%d bytes)", maxAccountsFile)
	}
	if len(r.list) == 0 {
		return nil, r.fail(0, "holds no account: want a line for each after the header")
	}
	return r.list, nil
}

// add checks one account and keeps it.
func (r *accountReader) add(record []string) error {
	line, _ := r.csv.FieldPos(0)
	if len(record) != 3 {
		return r.fail(line, "has %d fields, not the 3 of first,last,password", len(record))
	}
	if len(r.list) == maxAccounts {
		return r.fail(line, "is one account too many: at most %d are allowed", maxAccounts)
	}
	a := Account{First: strings.TrimSpace(record[0]), Last: strings.TrimSpace(record[1]), Password: Secret(record[2])}
	for _, part := range []string{a.First, a.Last} {
		if part == "" || len([]rune(part)) > maxNamePart {
			return r.fail(line, "first and last want 1 to %d characters each", maxNamePart)
		}
	}
	// A grid knows names without case, and two agents on one account throw
	// each other out.
	name := strings.ToLower(a.First + " " + a.Last)
	if before, ok := r.seen[name]; ok {
		return r.fail(line, "%s %s is there already, in line %d", a.First, a.Last, before)
	}
	r.seen[name] = line
	if a.Password == "" {
		a.Password = r.password
	}
	if a.Password == "" {
		return r.fail(line, "%s %s has no password: add one, or set the environment variable %s", a.First, a.Last, r.env)
	}
	r.list = append(r.list, a)
	return nil
}

func (r *accountReader) fail(line int, format string, args ...any) error {
	return &Error{File: r.file, Line: line, Problem: fmt.Sprintf(format, args...)}
}

// syntax keeps the position of a CSV error.
func (r *accountReader) syntax(err error) error {
	var pe *csv.ParseError
	if errors.As(err, &pe) {
		return &Error{File: r.file, Line: pe.Line, Column: pe.Column, Problem: "bad CSV: " + pe.Err.Error(), Err: err}
	}
	return fmt.Errorf("read the accounts in %s: %w", r.file, err)
}

func equalFields(got []string, want ...string) bool {
	if len(got) != len(want) {
		return false
	}
	for i, w := range want {
		if !strings.EqualFold(strings.TrimSpace(got[i]), w) {
			return false
		}
	}
	return true
}
