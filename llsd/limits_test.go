package llsd

import (
	"bytes"
	"errors"
	"io"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"
)

var formats = []struct {
	Format
	marshal func(any) ([]byte, error)
}{{XML, MarshalXML}, {Binary, MarshalBinary}, {Notation, MarshalNotation}}

// nested is n arrays in each other.
func nested(n int) any {
	v := any([]any{})
	for range n - 1 {
		v = []any{v}
	}
	return v
}

func TestLimits(t *testing.T) {
	for _, f := range formats {
		for _, tt := range []struct {
			name   string
			v      any
			limits Limits
			broken string
		}{
			{"depth at the limit", nested(3), Limits{MaxDepth: 3}, ""},
			{"depth over it", nested(4), Limits{MaxDepth: 3}, "depth"},
			{"maps count for depth", map[string]any{"a": map[string]any{}}, Limits{MaxDepth: 1}, "depth"},
			{"siblings don't", []any{[]any{}, []any{}, map[string]any{}}, Limits{MaxDepth: 2}, ""},
			{"default depth", nested(65), Limits{}, "depth"},
			{"elements at the limit", []any{true, true}, Limits{MaxElements: 3}, ""},
			{"elements over it", []any{true, true, true}, Limits{MaxElements: 3}, "elements"},
			{"map values count", map[string]any{"a": true, "b": true}, Limits{MaxElements: 2}, "elements"},
			{"bytes over the limit", strings.Repeat("x", 100), Limits{MaxBytes: 100}, "bytes"},
			{"bytes within it", strings.Repeat("x", 100), Limits{MaxBytes: 150}, ""},
		} {
			doc, err := f.marshal(tt.v)
			if err != nil {
				t.Fatal(err)
			}
			var got any
			err = NewDecoder(bytes.NewReader(doc), f.Format, tt.limits).Decode(&got)
			var limit *LimitError
			switch {
			case tt.broken == "" && err != nil:
				t.Errorf("%s, %s: %v", f, tt.name, err)
			case tt.broken != "" && (!errors.As(err, &limit) || limit.Limit != tt.broken):
				t.Errorf("%s, %s: got %v, want the limit of %s", f, tt.name, err, tt.broken)
			}
		}
	}
}

// XML's <array/> has no inside; it still counts as a level, as [] does.
func TestLimitsAreTheSameForEmptyElements(t *testing.T) {
	var got any
	err := NewXMLDecoder(strings.NewReader("<llsd><array><array/></array></llsd>"), Limits{MaxDepth: 1}).Decode(&got)
	var limit *LimitError
	if !errors.As(err, &limit) {
		t.Errorf("got %v", err)
	}
}

// A count that promises more than the document holds must not allocate it.
func TestBinaryCountsAllocateNothing(t *testing.T) {
	doc := []byte("[\xff\xff\xff\xff")
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	var got any
	if err := UnmarshalBinary(doc, &got); err == nil {
		t.Fatal("decoded")
	}
	runtime.ReadMemStats(&after)
	allocated := after.TotalAlloc - before.TotalAlloc
	if allocated > 1<<20 {
		t.Errorf("%d bytes allocated for a document of %d", allocated, len(doc))
	}
}

func TestDecoderReadsNoMoreThanItsLimit(t *testing.T) {
	endless := &countingReader{r: iotest.OneByteReader(neverEnding('x'))}
	var got any
	err := NewXMLDecoder(endless, Limits{MaxBytes: 1000}).Decode(&got)
	var limit *LimitError
	if !errors.As(err, &limit) || limit.Max != 1000 {
		t.Errorf("got %v", err)
	}
	if endless.n > 1001 {
		t.Errorf("%d bytes were read", endless.n)
	}
}

func TestDecoderWrapsTheReadersError(t *testing.T) {
	r := io.MultiReader(strings.NewReader("<llsd>"), iotest.ErrReader(io.ErrUnexpectedEOF))
	var got any
	err := NewXMLDecoder(r, Limits{}).Decode(&got)
	if !errors.Is(err, io.ErrUnexpectedEOF) || !strings.Contains(err.Error(), "6 bytes in") {
		t.Errorf("got %v", err)
	}
}

type neverEnding byte

func (c neverEnding) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = byte(c)
	}
	return len(p), nil
}

type countingReader struct {
	r io.Reader
	n int
}

func (c *countingReader) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += n
	return n, err
}
