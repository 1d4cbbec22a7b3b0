package testgrid

import (
	"encoding/binary"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"github.com/slload/slload/message"
)

// defaultLook is where an avatar looks that has no look of its own.
var defaultLook = message.Vector3{X: 0, Y: 1, Z: 0}

// start is a parsed start location: last, home, or a place by name.
type start struct {
	kind   string // "last", "home", "url": what the answer's start_location says
	region string
	pos    message.Vector3
}

// parseStart reads `last`, `home` and `uri:Region&x&y&z`; nothing at all is
// `last`.
func parseStart(s string) (start, error) {
	switch s {
	case "", "last":
		return start{kind: "last"}, nil
	case "home":
		return start{kind: "home"}, nil
	}
	parts := strings.Split(strings.TrimPrefix(s, "uri:"), "&")
	if !strings.HasPrefix(s, "uri:") || len(parts) != 4 || parts[0] == "" {
		return start{}, fmt.Errorf("start location %q is neither last, home nor uri:Region&x&y&z", s)
	}
	var at [3]float64
	for i, text := range parts[1:] {
		v, err := strconv.ParseFloat(text, 32)
		if err != nil || math.IsNaN(v) || math.IsInf(v, 0) {
			return start{}, fmt.Errorf("start location %q: %q is no coordinate", s, text)
		}
		at[i] = v
	}
	return start{"url", parts[0], message.Vector3{X: float32(at[0]), Y: float32(at[1]), Z: float32(at[2])}}, nil
}

// home is where a resident lives: a region and a place in it that its id
// chooses, so that a swarm spreads over the grid the same way in every run.
func home(id uuid.UUID, regions []*region) spot {
	at := func(i int) float32 {
		// The middle of the region only, so that one can walk a while.
		return regionSize/8 + float32(binary.BigEndian.Uint16(id[i:]))/65536*regionSize*3/4
	}
	return spot{
		region: regions[int(binary.BigEndian.Uint32(id[10:])%uint32(len(regions)))],
		pos:    message.Vector3{X: at(0), Y: at(2), Z: groundHeight + standHeight},
		look:   defaultLook,
	}
}

// settle puts a wanted position inside the region and on or above the ground.
func settle(pos message.Vector3) message.Vector3 {
	return message.Vector3{
		X: clamp(pos.X, edge, regionSize-edge),
		Y: clamp(pos.Y, edge, regionSize-edge),
		Z: clamp(pos.Z, groundHeight+standHeight, ceiling),
	}
}
