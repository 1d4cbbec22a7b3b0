package behaviors

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Param is one of a behaviour's parameters. Its type is its default's:
// string, float64, bool or time.Duration.
type Param struct {
	Name    string
	Default any
	Doc     string
}

// Type names the parameter's type as a profile's author would.
func (p Param) Type() string {
	switch p.Default.(type) {
	case string:
		return "text"
	case float64:
		return "number"
	case bool:
		return "true or false"
	case time.Duration:
		return "duration"
	}
	panic(fmt.Sprintf("parameter %s has a default of type %T", p.Name, p.Default))
}

// Args are a behaviour's parameters with their values, all of them there and
// each of its type.
type Args map[string]any

// Text gives a text parameter.
func (a Args) Text(name string) string { return a[name].(string) }

// Number gives a number.
func (a Args) Number(name string) float64 { return a[name].(float64) }

// Count gives a number of things: 0 or more, whatever was given.
func (a Args) Count(name string) int { return int(min(max(a.Number(name), 0), math.MaxInt32)) }

// Bool gives a parameter that is true or false.
func (a Args) Bool(name string) bool { return a[name].(bool) }

// Duration gives a duration.
func (a Args) Duration(name string) time.Duration { return a[name].(time.Duration) }

// ParamError is a parameter that a behaviour doesn't have, or a value that it
// can't take.
type ParamError struct {
	Behavior, Param string
	Problem         string   // what is wrong, and what would be right
	Known           []string // the parameters that there are, where Param is none
}

func (e *ParamError) Error() string { return "behaviour " + e.Behavior + ": " + e.Problem }

// Args fills the parameters from what a profile gives (strings, ints,
// float64s, bools) and the defaults. A value that doesn't fit, or a name that
// the behaviour doesn't have, is a *ParamError that says what would; several
// are joined.
func (b *Behavior) Args(with map[string]any) (Args, error) {
	args := Args{}
	var wrong []error
	for _, p := range b.Params {
		args[p.Name] = p.Default
		given, ok := with[p.Name]
		if !ok {
			continue
		}
		v, ok := convert(given, p.Default)
		if !ok {
			wrong = append(wrong, &ParamError{Behavior: b.Name, Param: p.Name,
				Problem: fmt.Sprintf("%s is a %s, such as %v; %v is none", p.Name, p.Type(), p.Default, given)})
			continue
		}
		args[p.Name] = v
	}
	for _, name := range slices.Sorted(maps.Keys(with)) {
		if _, known := args[name]; !known {
			names := b.paramNames()
			wrong = append(wrong, &ParamError{Behavior: b.Name, Param: name, Known: names,
				Problem: fmt.Sprintf("it has no parameter %q; it has %s", name, cmp.Or(strings.Join(names, ", "), "none"))})
		}
	}
	if len(wrong) > 0 {
		return nil, errors.Join(wrong...)
	}
	return args, nil
}

// ArgsFromText is Args for values that were typed: --with walk=3s. Its errors
// are the same.
func (b *Behavior) ArgsFromText(with map[string]string) (Args, error) {
	given := map[string]any{}
	for name, text := range with {
		given[name] = text
		i := slices.IndexFunc(b.Params, func(p Param) bool { return p.Name == name })
		if i < 0 {
			continue // Args says what there is
		}
		switch b.Params[i].Default.(type) {
		case float64:
			if n, err := strconv.ParseFloat(text, 64); err == nil {
				given[name] = n
			}
		case bool:
			if v, err := strconv.ParseBool(text); err == nil {
				given[name] = v
			}
		}
	}
	return b.Args(given)
}

func (b *Behavior) paramNames() []string {
	var names []string
	for _, p := range b.Params {
		names = append(names, p.Name)
	}
	slices.Sort(names)
	return names
}

// convert makes v of like's type.
func convert(v, like any) (any, bool) {
	switch like.(type) {
	case string:
		s, ok := v.(string)
		return s, ok
	case bool:
		b, ok := v.(bool)
		return b, ok
	case float64:
		return number(v)
	case time.Duration:
		s, ok := v.(string)
		if !ok {
			return nil, false
		}
		d, err := time.ParseDuration(s)
		return d, err == nil && d >= 0
	}
	return nil, false
}

func number(v any) (any, bool) {
	switch n := v.(type) {
	case int:
		return float64(n), true
	case int64:
		return float64(n), true
	case uint64:
		return float64(n), true
	case float64:
		return n, !math.IsNaN(n) && !math.IsInf(n, 0)
	}
	return nil, false
}
