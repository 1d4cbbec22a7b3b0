package llsd

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestDetect(t *testing.T) {
	for _, tt := range []struct {
		doc  string
		want Format
	}{
		{"<llsd/>", XML},
		{"\xef\xbb\xbf \n<?xml version='1.0'?><llsd/>", XML},
		{"<html>", XML},
		{"<? LLSD/Binary ?>\n!", Binary},
		{"<?llsd/binary?>!", Binary},
		{"<? LLSD/Notation ?>\n!", Notation},
		{"[\x00\x00\x00\x01!]", Binary},
		{"{\x00\x00\x00\x00}", Binary},
		{"[!]", Notation},
		{"{'a':!}", Notation},
		{" i1", Notation},
		{"", Notation},
	} {
		if got := Detect([]byte(tt.doc)); got != tt.want {
			t.Errorf("%q: got %s, want %s", tt.doc, got, tt.want)
		}
	}
}

func TestDecodeFindsTheFormat(t *testing.T) {
	for _, f := range formats {
		doc, err := f.marshal(everyType())
		if err != nil {
			t.Fatal(err)
		}
		var got any
		if err := Decode(doc, &got); err != nil {
			t.Errorf("%s: %v", f, err)
		} else if diff := cmp.Diff(any(everyType()), got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", f, diff)
		}
	}
}
