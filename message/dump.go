package message

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"
	"net/netip"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/slload/slload/message/template"
)

// AppendText appends m for people to read: its name, then a line for each block
// and each field, indented by two and four blanks, in the template's order. Repeats
// of Multiple and Variable blocks are numbered.
func AppendText(dst []byte, m Message) []byte {
	d := ToDynamic(m)
	dst = append(append(dst, d.Desc.Name...), '\n')
	for i, rows := range d.Blocks {
		b := &d.Desc.Blocks[i]
		for r, row := range rows {
			dst = append(append(dst, "  "...), b.Name...)
			if b.Quantity != template.Single {
				dst = fmt.Appendf(dst, "[%d]", r)
			}
			dst = append(dst, '\n')
			for j, v := range row {
				dst = fmt.Appendf(dst, "    %s = %s\n", b.Fields[j].Name, valueText(v))
			}
		}
	}
	return dst
}

// AppendJSON appends m as one JSON object without line breaks:
//
//	{"message":"StartPingCheck","blocks":{"PingID":[{"PingID":7,"OldestUnacked":0}]}}
//
// Blocks and fields keep the template's order. U64 and S64 are strings, because
// JSON's readers round beyond 2^53; vectors are arrays, a rotation has its W. Fixed
// and Variable are a string where they hold text (without its NUL), else
// {"hex":"..."}.
func AppendJSON(dst []byte, m Message) []byte {
	d := ToDynamic(m)
	dst = append(appendQuoted(append(dst, `{"message":`...), d.Desc.Name), `,"blocks":{`...)
	for i, rows := range d.Blocks {
		b := &d.Desc.Blocks[i]
		dst = append(appendQuoted(appendComma(dst, i), b.Name), `:[`...)
		for r, row := range rows {
			dst = append(appendComma(dst, r), '{')
			for j, v := range row {
				dst = append(appendQuoted(appendComma(dst, j), b.Fields[j].Name), ':')
				dst = appendJSONValue(dst, v)
			}
			dst = append(dst, '}')
		}
		dst = append(dst, ']')
	}
	return append(dst, "}}"...)
}

func appendComma(dst []byte, i int) []byte {
	if i > 0 {
		dst = append(dst, ',')
	}
	return dst
}

func valueText(v any) string {
	switch v := v.(type) {
	case []byte:
		if text, ok := asText(v); ok {
			return strconv.Quote(text)
		}
		return "0x" + hex.EncodeToString(v)
	case [4]byte:
		return netip.AddrFrom4(v).String()
	}
	if parts := numbers(v); parts != nil {
		texts := make([]string, len(parts))
		for i, p := range parts {
			texts[i] = formatFloat(p)
		}
		return "<" + strings.Join(texts, ", ") + ">"
	}
	return fmt.Sprint(v)
}

func appendJSONValue(dst []byte, v any) []byte {
	switch v := v.(type) {
	case []byte:
		if text, ok := asText(v); ok {
			return appendQuoted(dst, text)
		}
		return append(hex.AppendEncode(append(dst, `{"hex":"`...), v), `"}`...)
	case float32:
		return appendJSONFloat(dst, number{float64(v), 32})
	case float64:
		return appendJSONFloat(dst, number{v, 64})
	case uint64, int64:
		return fmt.Appendf(dst, `"%d"`, v)
	case uuid.UUID:
		return appendQuoted(dst, v.String())
	case [4]byte:
		return appendQuoted(dst, netip.AddrFrom4(v).String())
	}
	if parts := numbers(v); parts != nil {
		dst = append(dst, '[')
		for i, p := range parts {
			dst = appendJSONFloat(appendComma(dst, i), p)
		}
		return append(dst, ']')
	}
	return fmt.Append(dst, v) // bool and integers up to 32 bits
}

// number is a float with the bits it was stored in, so that an F32's 0.1 doesn't
// become 0.10000000149011612.
type number struct {
	value float64
	bits  int
}

// numbers returns the parts of a vector or rotation, nil for other types.
func numbers(v any) []number {
	single := func(parts ...float32) []number {
		all := make([]number, len(parts))
		for i, p := range parts {
			all[i] = number{float64(p), 32}
		}
		return all
	}
	switch v := v.(type) {
	case Vector3:
		return single(v.X, v.Y, v.Z)
	case Vector3d:
		return []number{{v.X, 64}, {v.Y, 64}, {v.Z, 64}}
	case Vector4:
		return single(v.X, v.Y, v.Z, v.W)
	case Quaternion:
		return single(v.X, v.Y, v.Z, v.W())
	}
	return nil
}

func formatFloat(n number) string { return strconv.FormatFloat(n.value, 'g', -1, n.bits) }

// appendJSONFloat writes NaN and the infinities, which JSON doesn't have, as
// strings.
func appendJSONFloat(dst []byte, n number) []byte {
	if math.IsNaN(n.value) || math.IsInf(n.value, 0) {
		return appendQuoted(dst, formatFloat(n))
	}
	return append(dst, formatFloat(n)...)
}

// asText returns the text that a field holds, without the NUL at its end, if every
// character of it can be shown. Without a NUL only ASCII counts: two bytes of
// binary are too often a letter of some alphabet.
func asText(b []byte) (string, bool) {
	s := String(b)
	if !utf8.ValidString(s) {
		return "", false
	}
	terminated := len(s) < len(b)
	for _, r := range s {
		if !unicode.IsPrint(r) && r != '\n' && r != '\t' || r >= utf8.RuneSelf && !terminated {
			return "", false
		}
	}
	return s, true
}

// appendQuoted appends s as a JSON string.
func appendQuoted(dst []byte, s string) []byte {
	quoted, _ := json.Marshal(s) // of a string it can't fail
	return append(dst, quoted...)
}
