package agent

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/google/uuid"

	"github.com/slload/slload/internal/reason"
)

// serverBaked is AvatarAppearance's AppearanceVersion of what a grid baked.
const serverBaked = 1

// bakeTries is how often an outfit is read and baked that changes meanwhile.
const bakeTries = 3

// Dress makes the avatar one that isn't a cloud, and gives its looks. Where the
// grid bakes (capability UpdateAvatarAppearance) it bakes the current outfit,
// and the looks are those that it shows then. Elsewhere the agent uploads a
// plain texture for each bake that bodies have, and says that it wears them; no
// two agents' textures are the same.
func (s Appearance) Dress(ctx context.Context) (Looks, error) {
	_, err := s.a.Capability(ctx, "UpdateAvatarAppearance")
	var none *NoCapabilityError
	switch {
	case err == nil:
		return s.bakeOutfit(ctx)
	case !errors.As(err, &none):
		return Looks{}, err
	}
	l := Looks{Bakes: map[Bake]uuid.UUID{}, CacheIDs: map[Bake]uuid.UUID{}}
	for _, b := range bodyBakes {
		id, err := s.UploadBake(ctx, PlainImage(bakeSize, fmt.Sprintf("%s, bake %d", s.a.ID, b)))
		if err != nil {
			return l, err
		}
		l.Bakes[b], l.CacheIDs[b] = id, uuid.NewSHA1(s.a.ID, []byte{byte(b)})
	}
	return l, s.Set(ctx, l)
}

// bakeOutfit has the grid bake the current outfit as it is now, and waits until
// it shows the agent its own avatar in it.
func (s Appearance) bakeOutfit(ctx context.Context) (Looks, error) {
	for try := 1; ; try++ {
		outfit, err := s.Outfit(ctx)
		if err != nil {
			return Looks{}, err
		}
		baked := func(l AvatarLooks) bool { return l.Avatar == s.a.ID && l.ServerBaked && l.Outfit >= outfit.Version }
		l, err := s.await(ctx, baked, func() error { return s.ServerBake(ctx, outfit.Version) })
		var refused *BakeError
		if err == nil || try == bakeTries || !errors.As(err, &refused) || refused.Expected == outfit.Version {
			return l.Looks, err
		}
	}
}

// BakeError is an outfit that the grid wouldn't bake.
type BakeError struct {
	Outfit   int32 // the version that was to be baked
	Expected int32 // the version that the grid has; 0 where it didn't say
	Text     string
}

func (e *BakeError) Error() string {
	return fmt.Sprintf("bake outfit version %d: %s (the grid has version %d)", e.Outfit, e.Text, e.Expected)
}

// Reason is the word by which a run counts this failure.
func (e *BakeError) Reason() string { return "bake_refused" }

// ServerBake asks the grid to bake what the current outfit folder has, in its
// version (capability UpdateAvatarAppearance of Second Life); AvatarAppearance
// shows what came of it, to the agent itself, too. A grid that doesn't bake
// gives a *NoCapabilityError, one that has another version a *BakeError.
func (s Appearance) ServerBake(ctx context.Context, outfitVersion int32) error {
	var answer struct {
		Success  bool   `llsd:"success"`
		Error    string `llsd:"error"`
		Expected int32  `llsd:"expected"`
	}
	err := s.a.call(ctx, http.MethodPost, "UpdateAvatarAppearance", map[string]any{"cof_version": outfitVersion}, &answer)
	if err == nil && !answer.Success {
		return &BakeError{outfitVersion, answer.Expected, reason.OneLine(answer.Error)}
	}
	return err
}
