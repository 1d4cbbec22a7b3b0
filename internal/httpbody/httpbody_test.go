package httpbody

import (
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

func TestRead(t *testing.T) {
	broken := errors.New("broken")
	for _, tt := range []struct {
		name string
		body io.Reader
		use  error
		want error // nil: the body "four" was used
		long bool
	}{
		{name: "to its end", body: strings.NewReader("four")},
		{name: "in pieces", body: iotest.OneByteReader(strings.NewReader("four"))},
		{name: "one too long", body: strings.NewReader("fours"), long: true},
		{name: "endless", body: endless{}, long: true},
		{name: "cut off", body: io.MultiReader(strings.NewReader("fo"), iotest.ErrReader(broken)), want: broken},
		{name: "refused", body: strings.NewReader("four"), use: broken, want: broken},
	} {
		t.Run(tt.name, func(t *testing.T) {
			used := ""
			err := Read(tt.body, 4, func(b []byte) error {
				used = string(b)
				return tt.use
			})
			var long *TooLongError
			switch {
			case tt.long:
				if !errors.As(err, &long) || long.Max != 4 || used != "" {
					t.Errorf("used %q, %v; want it too long", used, err)
				}
			case !errors.Is(err, tt.want):
				t.Errorf("error %v, want %v", err, tt.want)
			case (tt.want == nil || tt.use != nil) != (used == "four"):
				t.Errorf("used %q", used)
			}
		})
	}
}

type endless struct{}

func (endless) Read(p []byte) (int, error) { return len(p), nil }

// BenchmarkRead reads an answer of a login's size: one allocation, of 24 bytes.
func BenchmarkRead(b *testing.B) {
	text := strings.Repeat("x", 8<<10)
	r := strings.NewReader(text)
	b.ReportAllocs()
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		r.Reset(text)
		if err := Read(r, 1<<20, func([]byte) error { return nil }); err != nil {
			b.Fatal(err)
		}
	}
}
