package agent

import (
	"maps"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// However ids come and go, the set holds those that a plain one would, and its
// copy stays what it was.
func TestIDSetIsASet(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		// A few ids in a page each, or so many that they don't fit the list.
		spread := rapid.SampledFrom([]uint32{1, 64}).Draw(t, "spread")
		most := rapid.SampledFrom([]uint32{10, 4 * fewPages}).Draw(t, "most")
		var s idSet
		want := map[uint32]bool{}
		for range rapid.IntRange(0, 600).Draw(t, "steps") {
			id := rapid.Uint32Range(0, most).Draw(t, "id") * spread
			if rapid.IntRange(0, 3).Draw(t, "remove") == 0 {
				s.remove(id)
				delete(want, id)
				continue
			}
			if fresh := s.add(id); fresh == want[id] {
				t.Fatalf("%d is new: %t", id, fresh)
			}
			want[id] = true
		}
		same := func(what string, s *idSet) {
			t.Helper()
			got := s.ids()
			slices.Sort(got)
			if diff := cmp.Diff(slices.AppendSeq([]uint32{}, slices.Values(slices.Sorted(maps.Keys(want)))), got); diff != "" || s.n != len(want) {
				t.Fatalf("%s, n %d (-want +got):\n%s", what, s.n, diff)
			}
			for id := range most + 2 {
				if s.has(id*spread) != want[id*spread] {
					t.Fatalf("%s: has %d: %t", what, id*spread, s.has(id*spread))
				}
			}
		}
		same("the set", &s)
		copied := s.clone()
		for _, id := range s.ids() {
			s.remove(id)
		}
		same("the copy", &copied)
		if s.n != 0 || len(s.pages)+len(s.many) != 0 {
			t.Fatalf("%d ids, %d pages are left", s.n, len(s.pages)+len(s.many))
		}
	})
}

// BenchmarkIDSet is an avatar that comes and goes among thirty.
func BenchmarkIDSet(b *testing.B) {
	var s idSet
	for i := range uint32(30) {
		s.add(700_000 + 64*i)
	}
	b.ReportAllocs()
	for b.Loop() {
		s.add(800_000)
		s.remove(800_000)
	}
}
