package llsd

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/slload/slload/internal/captured"
)

// fuzzLimits keep a single input quick.
var fuzzLimits = Limits{MaxBytes: 64 << 10, MaxDepth: 32, MaxElements: 4096}

// fuzzFormat decodes anything without a panic; and what it took, it writes
// and reads back as the same.
func fuzzFormat(f *testing.F, format Format, marshal func(any) ([]byte, error), seeds ...string) {
	for _, v := range []any{everyType(), nested(3), nil} {
		doc, err := marshal(v)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(doc)
	}
	for _, seed := range seeds {
		f.Add([]byte(seed))
	}
	captured.SeedHTTP(f, "events/*.xml", func(doc []byte) { f.Add(rewritten(f, doc, marshal)) })
	f.Fuzz(func(t *testing.T, doc []byte) {
		limits := fuzzLimits.withDefaults()
		first, err := parse(doc, format, limits)
		if err != nil {
			return
		}
		again, err := marshal(first)
		if err != nil {
			t.Fatalf("%#v was decoded and can't be encoded: %v", first, err)
		}
		limits.MaxBytes = DefaultLimits.MaxBytes // escapes make a document longer
		second, err := parse(again, format, limits)
		if err != nil {
			t.Fatalf("own document %q: %v", again, err)
		}
		if diff := cmp.Diff(first, second, cmpopts.EquateNaNs()); diff != "" {
			t.Fatalf("changed on its way through %q:\n%s", again, diff)
		}
	})
}

// rewritten is a real simulator's document in the format that marshal writes.
func rewritten(f *testing.F, doc []byte, marshal func(any) ([]byte, error)) []byte {
	f.Helper()
	v, err := parse(doc, XML, fuzzLimits)
	if err != nil {
		f.Fatal(err)
	}
	again, err := marshal(v)
	if err != nil {
		f.Fatal(err)
	}
	return again
}

func FuzzXML(f *testing.F) {
	fuzzFormat(f, XML, MarshalXML,
		`<?xml version="1.0"?><!-- c --><llsd><array><string>&#x41;<![CDATA[<]]>&amp;</string><binary encoding="base16">00ff</binary><real/></array></llsd>`,
		`<!DOCTYPE a [<!ENTITY b "c">]><llsd><string>&b;</string></llsd>`)
}

func FuzzBinary(f *testing.F) {
	fuzzFormat(f, Binary, MarshalBinary, "{\x00\x00\x00\x01'k'\"v\"}", "[\xff\xff\xff\xff", "s\x7f\xff\xff\xff")
}

func FuzzNotation(f *testing.F) {
	fuzzFormat(f, Notation, MarshalNotation,
		`{'region_handle':[r256000,r256000], 'position':[r128,r128,r0], 'look_at':[r0,r1,r0]}`,
		`[ s(3)"a"b" b(1)'x' b16"00" {bare: 1.5 'k':i1,} T ]`)
}
