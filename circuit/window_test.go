package circuit

import (
	"testing"

	"pgregory.net/rapid"
)

func TestWindow(t *testing.T) {
	type arrival struct {
		seq    uint32
		resent bool
		want   verdict
	}
	first := func(seq uint32, want verdict) arrival { return arrival{seq, false, want} }
	again := func(seq uint32, want verdict) arrival { return arrival{seq, true, want} }
	tests := []struct {
		name     string
		arrivals []arrival
	}{
		{"in order", []arrival{first(1, fresh), first(2, fresh), again(1, duplicate), first(2, duplicate)}},
		{"reordered", []arrival{first(5, fresh), first(3, fresh), again(3, duplicate), first(4, fresh)}},
		{"begins anywhere", []arrival{first(0, fresh), first(0, duplicate), again(1, fresh)}},
		{"first one resent", []arrival{again(900, fresh), first(1, fresh), again(900, duplicate)}},
		{"gaps stay open", []arrival{first(1, fresh), first(1000, fresh), first(500, fresh), again(1, duplicate)}},
		{"edge of the window", []arrival{first(1, fresh), first(1024, fresh), again(1, duplicate), first(1025, fresh), again(1, stale)}},
		{"jump ahead", []arrival{first(1, fresh), first(900000, fresh), again(899999, fresh), again(1, stale)}},
		{"peer starts over", []arrival{first(50000, fresh), first(1, fresh), again(1, duplicate), first(2, fresh)}},
		{"u32 wraps", []arrival{first(0xFFFFFFFF, fresh), first(0, fresh), again(0xFFFFFFFF, duplicate), first(1, fresh), again(0, duplicate)}},
		{"u32 wraps with a gap", []arrival{first(0xFFFFFFF0, fresh), first(5, fresh), first(0xFFFFFFF1, fresh), again(0xFFFFFFF0, duplicate)}},
		{"viewer wraps", []arrival{first(0xFFFFFF, fresh), first(0, fresh), again(0xFFFFFF, duplicate), first(1, fresh), first(0xFFFFF0, fresh)}},
		{"viewer wraps to 1", []arrival{first(0xFFFFFE, fresh), first(1, fresh), again(0xFFFFFE, duplicate), first(0xFFFFFF, fresh), again(1, duplicate)}},
		{"no wrap at 24 bits", []arrival{first(0xFFFFFF, fresh), first(0x1000000, fresh), again(0xFFFFFF, duplicate), first(0x1000001, fresh), again(0x1000000, duplicate)}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var w window
			for i, a := range tt.arrivals {
				if got := w.arrive(a.seq, a.resent); got != a.want {
					t.Errorf("arrival %d, of %#x: verdict %d, want %d", i+1, a.seq, got, a.want)
				}
			}
		})
	}
}

// TestWindowDeliversOnce lets packets of a long stream arrive late and often,
// within the window, across any wrap.
func TestWindowDeliversOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		base := rapid.SampledFrom([]uint32{0, 1, 0xFFFFFF - 1500, 0xFFFFFFFF - 1500}).Draw(t, "first")
		viewer := base == 0xFFFFFF-1500 && rapid.Bool().Draw(t, "wraps at 24 bits")
		var w window
		seen := map[uint32]bool{}
		highest := uint32(0)
		for range rapid.IntRange(1, 300).Draw(t, "arrivals") {
			n := highest + rapid.Uint32Range(0, 40).Draw(t, "ahead")
			if back := rapid.Uint32Range(0, windowSize-1).Draw(t, "back"); back <= n && len(seen) > 0 {
				if m := n - back; m+windowSize > highest {
					n = m
				}
			}
			highest = max(highest, n)
			seq := base + n
			if viewer {
				seq %= wrap24
			}
			want := fresh
			if seen[n] {
				want = duplicate
			}
			seen[n] = true
			if got := w.arrive(seq, want == duplicate); got != want {
				t.Fatalf("packet %d (%#x), highest %d: verdict %d, want %d", n, seq, highest, got, want)
			}
		}
	})
}
