package xmlrpc

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// value reads what <value> holds, and its end tag. Bare text is a string.
func (d *decoder) value() (any, error) {
	if d.values--; d.values < 0 {
		return nil, &LimitError{"values", MaxValues}
	}
	bare, err := d.characters()
	if err != nil {
		return nil, err
	}
	if d.closes("value") {
		return string(bare), nil
	}
	tag, err := d.tag() // leaves bare as it is
	switch {
	case err != nil:
		return nil, err
	case tag == "/value":
		return string(bare), nil
	case tag[0] == '/':
		return nil, d.Errorf("expected </value>, found <%s>", tag)
	case len(bytes.TrimSpace(bare)) > 0:
		return nil, d.Errorf("expected </value> after text, found <%s>", tag)
	}
	v, err := d.typed(tag)
	if err != nil {
		return nil, err
	}
	return v, d.close("value")
}

// typed reads a typed value, after its start tag, with its end tag.
func (d *decoder) typed(name string) (any, error) {
	switch name {
	case "struct", "array":
		if d.depth++; d.depth > MaxDepth {
			return nil, &LimitError{"depth", MaxDepth}
		}
		defer func() { d.depth-- }()
		if name == "struct" {
			return d.structure()
		}
		return d.array()
	}
	text, err := d.text(name)
	if err != nil {
		return nil, err
	}
	v, err := scalar(name, text)
	if err != nil {
		return nil, d.Errorf("%v", err)
	}
	return v, nil
}

func (d *decoder) structure() (any, error) {
	m := map[string]any{}
	top := d.rows != nil && d.depth == 1
	if top {
		m = make(map[string]any, mostMembers)
	}
	for {
		tag, err := d.openOrClose("member", "/struct")
		if err != nil || tag == "/struct" {
			return m, err
		}
		if err := d.open("name"); err != nil {
			return nil, err
		}
		text, err := d.text("name")
		if err != nil {
			return nil, err
		}
		name := d.names.Get(text)
		if err := d.open("value"); err != nil {
			return nil, err
		}
		if top {
			if m[name], err = d.member(name); err != nil {
				return nil, err
			}
		} else if m[name], err = d.value(); err != nil {
			return nil, err
		}
		if err := d.close("member"); err != nil {
			return nil, err
		}
	}
}

func (d *decoder) array() (any, error) {
	a := []any{}
	if err := d.open("data"); err != nil {
		return nil, err
	}
	for {
		tag, err := d.openOrClose("value", "/data")
		if err != nil {
			return nil, err
		}
		if tag == "/data" {
			return a, d.close("array")
		}
		v, err := d.value()
		if err != nil {
			return nil, err
		}
		a = append(a, v)
	}
}

func scalar(name string, content []byte) (any, error) {
	if name == "string" {
		return string(content), nil
	}
	text := string(bytes.TrimSpace(content))
	switch name {
	case "nil":
		return nil, nil
	case "i4", "int", "i8":
		n, err := integer(content)
		if err != nil {
			return nil, err
		}
		return n, nil
	case "boolean":
		switch text {
		case "0", "1", "false", "true":
			return text == "1" || text == "true", nil
		}
		return nil, errors.New("a boolean is not 0 or 1")
	case "double":
		f, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return nil, errors.New("a double is no number")
		}
		return f, nil
	case "base64":
		b, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(text), ""))
		if err != nil {
			return nil, fmt.Errorf("base64: %w", err)
		}
		return b, nil
	case "dateTime.iso8601":
		return date(text)
	}
	return nil, fmt.Errorf("<%s> is no XML-RPC type", name)
}

func integer(content []byte) (int32, error) {
	n, err := strconv.ParseInt(string(bytes.TrimSpace(content)), 10, 32)
	if err != nil {
		return 0, errors.New("an integer is not one of 32 bits")
	}
	return int32(n), nil
}

// dateFormat is the one of the XML-RPC specification; it names no time zone,
// grids mean UTC.
const dateFormat = "20060102T15:04:05"

func date(text string) (time.Time, error) {
	for _, layout := range [...]string{dateFormat, dateFormat + "Z07:00", "2006-01-02T15:04:05", time.RFC3339} {
		if t, err := time.Parse(layout, text); err == nil {
			return t.UTC(), nil
		}
	}
	return time.Time{}, errors.New("a dateTime is not of the form 20060102T15:04:05")
}
