package behaviors

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/slload/slload/agent"
)

// Textures that every simulator has: plywood, blank and transparent.
const commonTextures = "89556747-24cb-43ed-920b-47caed15465f,5748decc-f629-461c-9a36-a35a221fe21f,8dcd4a48-2d37-4909-9f78-f7a9eb4ef903"

var textureFetch = Behavior{
	Name:    "texture_fetch",
	Summary: "fetches the textures of the objects it sees, each once an agent, as a viewer without a cache does",
	Agents:  1,
	Reports: "do.texture_fetch",
	Params: []Param{
		{"look", time.Second, "how long it looks around for objects first"},
		{"most", 100.0, "how many textures it fetches at most"},
		{"textures", commonTextures, "ids of textures to fetch besides, with commas between them"},
		{"way", "best", "how they are fetched: best, HTTP (GetTexture) or UDP (RequestImage)"},
	},
	Run: func(ctx context.Context, c *Cast) error {
		way, err := c.way()
		if err != nil {
			return err
		}
		ids, err := c.texturesAround(ctx)
		if err != nil {
			return err
		}
		return c.Step(fmt.Sprintf("fetch %d texture(s)", len(ids)), func() error {
			bytes, missing := 0, 0
			for _, id := range ids {
				data, err := c.Player().Assets().Over(way).Fetch(ctx, id, agent.AssetTexture)
				if none := (*agent.NoAssetError)(nil); errors.As(err, &none) {
					missing++ // regions are full of textures that nobody has any more
					continue
				}
				if err != nil {
					return err
				}
				bytes += len(data)
			}
			c.Note("%d bytes came; %d texture(s) the grid hasn't got", bytes, missing)
			if missing == len(ids) && missing > 0 {
				return fmt.Errorf("the grid has none of %d textures", missing)
			}
			return nil
		})
	},
}

// texturesAround lists the textures to fetch: the given ones, and those of the
// objects in sight.
func (c *Cast) texturesAround(ctx context.Context) ([]uuid.UUID, error) {
	a := c.Player()
	var ids []uuid.UUID
	for text := range strings.SplitSeq(c.Args.Text("textures"), ",") {
		if text = strings.TrimSpace(text); text == "" {
			continue
		}
		id, err := uuid.Parse(text)
		if err != nil {
			return nil, fmt.Errorf("textures: %q is no id", text)
		}
		ids = append(ids, id)
	}
	stop, err := c.track(ctx, a)
	if err != nil {
		return nil, err
	}
	defer stop()
	err = c.Step("look around", func() error {
		if err := rest(ctx, a, c.Args.Duration("look")); err != nil {
			return err
		}
		seen, err := a.Objects().All(ctx)
		for _, b := range seen {
			for _, id := range agent.TextureIDs(b.TextureEntry) {
				if id != uuid.Nil && !slices.Contains(ids, id) {
					ids = append(ids, id)
				}
			}
		}
		c.Note("%d object(s) in sight", len(seen))
		return err
	})
	return ids[:min(len(ids), c.Args.Count("most"))], err
}
