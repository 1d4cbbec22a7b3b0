package llsd

import (
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/google/uuid"
	"github.com/slload/slload/internal/xmltext"
	"pgregory.net/rapid"
)

// drawValue draws a tree of at most depth levels. Text is what text draws,
// dates are whole units, as formats hold them to different precision.
func drawValue(t *rapid.T, depth int, text *rapid.Generator[string], unit time.Duration) any {
	kinds := 11
	if depth == 0 {
		kinds = 9 // no more maps and arrays
	}
	switch rapid.IntRange(0, kinds-1).Draw(t, "kind") {
	case 0:
		return nil
	case 1:
		return rapid.Bool().Draw(t, "boolean")
	case 2:
		return rapid.Int32().Draw(t, "integer")
	case 3:
		return drawReal(t)
	case 4:
		return uuid.UUID(rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "uuid"))
	case 5:
		return text.Draw(t, "string")
	case 6:
		return rapid.SliceOf(rapid.Byte()).Draw(t, "binary")
	case 7:
		// 1900 to 2200
		return time.Unix(rapid.Int64Range(-2208988800, 7258118400).Draw(t, "seconds"),
			rapid.Int64Range(0, int64(time.Second/unit)-1).Draw(t, "parts")*int64(unit)).UTC()
	case 8:
		return URI("http://127.0.0.1/" + rapid.StringMatching(`[a-zA-Z0-9/?&=%'"<>]*`).Draw(t, "uri"))
	case 9:
		m := map[string]any{}
		for range rapid.IntRange(0, 4).Draw(t, "size") {
			m[text.Draw(t, "key")] = drawValue(t, depth-1, text, unit)
		}
		return m
	}
	a := []any{}
	for range rapid.IntRange(0, 4).Draw(t, "size") {
		a = append(a, drawValue(t, depth-1, text, unit))
	}
	return a
}

func drawReal(t *rapid.T) float64 {
	return rapid.OneOf(rapid.Float64(), rapid.SampledFrom([]float64{
		math.NaN(), math.Inf(1), math.Inf(-1), math.Copysign(0, -1), math.MaxFloat64, math.SmallestNonzeroFloat64,
	})).Draw(t, "real")
}

// xmlText is text that XML 1.0 can hold.
var xmlText = rapid.StringOf(rapid.Rune().Filter(func(r rune) bool {
	return string(xmltext.Legal([]byte(string(r)))) == string(r)
}))

// anyBytes is text of any bytes: binary and notation carry them.
var anyBytes = rapid.Map(rapid.SliceOf(rapid.Byte()), func(b []byte) string { return string(b) })

func TestRoundTrip(t *testing.T) {
	for _, f := range formats {
		text, unit := anyBytes, time.Nanosecond
		switch f.Format {
		case XML:
			text = xmlText
		case Binary:
			unit = time.Second / 4 // what a float64 of seconds holds exactly
		}
		t.Run(f.String(), func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				want := drawValue(t, 4, text, unit)
				doc, err := f.marshal(want)
				if err != nil {
					t.Fatal(err)
				}
				var got any
				if err := decode(doc, f.Format, Limits{}, &got); err != nil {
					t.Fatalf("%v\n%q", err, doc)
				}
				if diff := cmp.Diff(want, got, cmpopts.EquateNaNs()); diff != "" {
					t.Fatalf("(-want +got):\n%s\n%q", diff, doc)
				}
			})
		})
	}
}

// A struct that goes out and comes back is the same: encoder and Convert
// agree on each Go type.
func TestRoundTripOfAStruct(t *testing.T) {
	type packet struct {
		U8     uint8          `llsd:"u8"`
		U16    uint16         `llsd:"u16"`
		U32    uint32         `llsd:"u32"`
		U64    uint64         `llsd:"u64"`
		S32    int32          `llsd:"s32"`
		F32    float32        `llsd:"f32"`
		IP     [4]byte        `llsd:"ip"`
		Vector [3]float32     `llsd:"vector"`
		ID     uuid.UUID      `llsd:"id"`
		Names  []string       `llsd:"names"`
		More   map[string]any `llsd:"more"`
	}
	rapid.Check(t, func(t *rapid.T) {
		want := packet{
			U8: rapid.Uint8().Draw(t, "u8"), U16: rapid.Uint16().Draw(t, "u16"),
			U32: rapid.Uint32().Draw(t, "u32"), U64: rapid.Uint64().Draw(t, "u64"),
			S32: rapid.Int32().Draw(t, "s32"), F32: rapid.Float32().Draw(t, "f32"),
			IP:     [4]byte(rapid.SliceOfN(rapid.Byte(), 4, 4).Draw(t, "ip")),
			Vector: [3]float32(rapid.SliceOfN(rapid.Float32(), 3, 3).Draw(t, "vector")),
			ID:     uuid.UUID(rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "id")),
			Names:  rapid.SliceOf(xmlText).Draw(t, "names"),
			More:   map[string]any{"key": xmlText.Draw(t, "more")},
		}
		f := rapid.SampledFrom(formats).Draw(t, "format")
		doc, err := f.marshal(&want)
		if err != nil {
			t.Fatal(err)
		}
		var got packet
		if err := Decode(doc, &got); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("%s (-want +got):\n%s", f, diff)
		}
	})
}
