package testgrid

import (
	"cmp"
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/slload/slload/message"
)

// position draws places inside the region, many of them in the same cells.
func position() *rapid.Generator[message.Vector3] {
	axis := rapid.OneOf(rapid.Float32Range(0, regionSize), rapid.Float32Range(100, 110))
	return rapid.Custom(func(t *rapid.T) message.Vector3 {
		return message.Vector3{X: axis.Draw(t, "x"), Y: axis.Draw(t, "y"), Z: rapid.Float32Range(20, 40).Draw(t, "z")}
	})
}

// The index must say what looking at everybody would say.
func TestCellsAgainstLookingAtEverybody(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var c cells
		all := map[int32]message.Vector3{}
		t.Repeat(map[string]func(t *rapid.T){
			"put": func(t *rapid.T) {
				slot := rapid.Int32Range(0, 80).Draw(t, "slot")
				all[slot] = position().Draw(t, "position")
				c.put(slot, all[slot])
			},
			"remove": func(t *rapid.T) {
				slot := rapid.Int32Range(0, 80).Draw(t, "slot")
				delete(all, slot)
				c.remove(slot)
			},
			"": func(t *rapid.T) {
				center, radius := position().Draw(t, "center"), rapid.Float32Range(0, 150).Draw(t, "radius")
				var want []int32
				for slot, pos := range all {
					if distance2(pos, center) <= radius*radius {
						want = append(want, slot)
					}
				}
				got := c.within(nil, center, radius)
				slices.Sort(want)
				slices.Sort(got)
				if !slices.Equal(got, want) {
					t.Fatalf("within %v of %v: %v, want %v", radius, center, got, want)
				}
			},
		})
	})
}

func TestNearestAgainstSortingEverybody(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var c cells
		places := rapid.SliceOfN(position(), 1, 900).Draw(t, "places")
		for slot, pos := range places {
			c.put(int32(slot), pos)
		}
		k := rapid.IntRange(0, 45).Draw(t, "k")
		from := rapid.Int32Range(0, int32(len(places)-1)).Draw(t, "from")
		var want []neighbour
		for slot, pos := range places {
			if int32(slot) != from {
				want = append(want, neighbour{int32(slot), distance2(pos, places[from])})
			}
		}
		slices.SortFunc(want, func(a, b neighbour) int { return cmp.Or(cmp.Compare(a.d2, b.d2), cmp.Compare(a.slot, b.slot)) })
		var s search
		if got := s.nearest(&c, from, k); !slices.Equal(got, want[:min(k, len(want))]) {
			t.Fatalf("the %d nearest of %d:\n%v, want\n%v", k, from, got, want[:min(k, len(want))])
		}
	})
}

// Where thousands stand on one spot, the search must not look at all of them.
func TestNearestInACrowdIsBounded(t *testing.T) {
	var c cells
	for slot := range int32(5000) {
		c.put(slot, message.Vector3{X: 100, Y: 100, Z: 26})
	}
	var s search
	got := s.nearest(&c, 4999, 30)
	check(t, len(got) == 30, "%d were found", len(got))
	check(t, s.looked <= searchLimit, "%d were looked at", s.looked)
}

func TestCellsTakeWhateverComes(t *testing.T) {
	var c cells
	nan := float32(math.NaN())
	for slot, pos := range []message.Vector3{{X: nan, Y: nan}, {X: -1e9, Y: 1e9}, {X: float32(math.Inf(1))}, {X: regionSize, Y: regionSize}} {
		c.put(int32(slot), pos)
		c.remove(int32(slot))
		c.remove(int32(slot))
	}
	for i, list := range c.slots {
		check(t, len(list) == 0, "cell %d keeps %v", i, list)
	}
}

func BenchmarkNearest(b *testing.B) {
	for _, bb := range []struct {
		name   string
		n      int
		spread float32
	}{{"200 in a region", 200, 256}, {"10000 in a region", 10000, 256}, {"10000 on 20 m", 10000, 20}} {
		b.Run(bb.name, func(b *testing.B) {
			var c cells
			for i := range bb.n {
				c.put(int32(i), message.Vector3{X: spread(i, 0.61803, bb.spread), Y: spread(i, 0.41421, bb.spread), Z: 26})
			}
			var s search
			s.nearest(&c, 0, 45)
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				s.nearest(&c, int32(i%bb.n), 45)
			}
		})
	}
}

// spread gives the i-th of a row of numbers that fill 0 to size evenly.
func spread(i int, step, size float32) float32 {
	_, part := math.Modf(float64(i) * float64(step))
	return float32(part) * size
}
