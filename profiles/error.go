package profiles

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// Error is one thing that is wrong with a profile or an accounts file.
type Error struct {
	// File is the file's name, or empty for a profile that was built in Go.
	File string
	// Line and Column count from 1; 0 is unknown.
	Line, Column int
	// Key is the path of the key at fault, such as behaviors[1].rate; it may
	// be empty.
	Key string
	// Problem says what is wrong and what would be right.
	Problem string
	// Err is the cause, if there is one.
	Err error
}

// Error is one line: FILE:LINE:COLUMN: KEY: PROBLEM. Parts of it come from a
// file, so whatever could upset a terminal is escaped.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(cmp.Or(e.File, "profile"))
	if e.Line > 0 {
		fmt.Fprintf(&b, ":%d", e.Line)
	}
	if e.Column > 0 {
		fmt.Fprintf(&b, ":%d", e.Column)
	}
	if e.Key != "" {
		b.WriteString(": " + e.Key)
	}
	b.WriteString(": " + e.Problem)
	return escape(b.String())
}

// escape writes what does not print as Go does in quotes.
func escape(s string) string {
	if !strings.ContainsFunc(s, unprintable) {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		if unprintable(r) {
			b.WriteString(strings.Trim(strconv.QuoteRune(r), "'"))
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

func unprintable(r rune) bool { return !unicode.IsPrint(r) }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Errors is everything that is wrong, by position; errors.As finds its first
// *Error.
type Errors []*Error

// maxErrors is how many lines Errors prints: past it they rarely tell news.
const maxErrors = 10

// Error is one line for each error.
func (e Errors) Error() string {
	var lines []string
	for i, err := range e {
		if i == maxErrors {
			lines = append(lines, fmt.Sprintf("and %d errors more", len(e)-i))
			break
		}
		lines = append(lines, err.Error())
	}
	return strings.Join(lines, "\n")
}

// Unwrap returns the errors one by one.
func (e Errors) Unwrap() []error {
	errs := make([]error, len(e))
	for i, err := range e {
		errs[i] = err
	}
	return errs
}

// err is nil when nothing is wrong; otherwise the errors in the order of the
// file.
func (e Errors) err() error {
	if len(e) == 0 {
		return nil
	}
	slices.SortStableFunc(e, func(a, b *Error) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	return e
}

// failf adds an error about a key.
func (e *Errors) failf(key, format string, args ...any) {
	*e = append(*e, &Error{Key: key, Problem: fmt.Sprintf(format, args...)})
}
