package agent

import (
	"slices"

	"github.com/google/uuid"
)

// TextureIDs gives the textures that a texture entry names, each once, the
// default first: 16 bytes of it, then for others a mask of faces (seven bits a
// byte, the eighth says that more come) and 16 bytes, until a mask of 0. What
// follows is colours and repeats, which aren't read.
func TextureIDs(entry []byte) []uuid.UUID {
	const size = len(uuid.UUID{})
	if len(entry) < size {
		return nil
	}
	ids := []uuid.UUID{uuid.UUID(entry[:size])}
	rest := entry[size:]
	for len(rest) > 0 && rest[0] != 0 {
		end := slices.IndexFunc(rest, func(b byte) bool { return b&0x80 == 0 })
		if end < 0 || len(rest) < end+1+size {
			break
		}
		id := uuid.UUID(rest[end+1 : end+1+size])
		if !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
		rest = rest[end+1+size:]
	}
	return ids
}
