package circuit

import (
	"testing"

	"github.com/slload/slload/internal/udp"
	"pgregory.net/rapid"
)

// Whatever comes and goes, a circuit is found by its own key and by no other.
func TestTableIsAMap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		model, tab := map[key]*Circuit{}, table{all: map[key]*Circuit{}}
		draw := rapid.Custom(func(t *rapid.T) key {
			return key{
				udp.Endpoint(rapid.IntRange(0, 3).Draw(t, "endpoint")),
				udp.Addr{Port: uint16(rapid.IntRange(1, 3).Draw(t, "port"))},
			}
		})
		for range rapid.IntRange(1, 40).Draw(t, "steps") {
			k := draw.Draw(t, "key")
			if c := model[k]; c != nil {
				delete(model, k)
				tab.remove(c)
			} else {
				c := &Circuit{key: k}
				model[k] = c
				tab.add(c)
			}
			for e := udp.Endpoint(0); e < 5; e++ {
				for port := uint16(0); port < 5; port++ {
					k := key{e, udp.Addr{Port: port}}
					if got := tab.find(k); got != model[k] {
						t.Fatalf("at %v found %p, want %p", k, got, model[k])
					}
				}
			}
			if len(tab.all) != len(model) {
				t.Fatalf("%d circuits, want %d", len(tab.all), len(model))
			}
		}
	})
}
