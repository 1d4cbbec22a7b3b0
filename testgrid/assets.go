package testgrid

import (
	"fmt"
	"sync"

	"github.com/google/uuid"
)

// asset is data that an id stands for; it never changes. Data is shared by all
// who get it.
type asset struct {
	id   uuid.UUID
	kind int8 // asset type
	data []byte
}

// assets is the grid's asset service. Regions' loops and HTTP goroutines use it
// by short locked calls.
type assets struct {
	mu    sync.Mutex
	byID  map[uuid.UUID]asset
	bytes int
}

// Bounds of what is kept in memory.
const (
	maxAsset  = 4 << 20
	maxAssets = 512 << 20

	assetCost = 128 // of each beside its data: empty ones aren't for nothing
)

func newAssets() *assets { return &assets{byID: map[uuid.UUID]asset{}} }

// put keeps an asset, whose data it takes over; one without an id gets one. An
// id that is taken keeps its data, as assets never change. The error tells which
// bound is reached.
func (s *assets) put(a asset) (uuid.UUID, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case len(a.data) > maxAsset:
		return uuid.Nil, fmt.Errorf("the asset has %d bytes; %d is the most", len(a.data), maxAsset)
	case s.bytes+len(a.data)+assetCost > maxAssets:
		return uuid.Nil, fmt.Errorf("the asset store is full (%d bytes); restart the grid", s.bytes)
	}
	if a.id == uuid.Nil {
		a.id = uuid.New()
	}
	if _, taken := s.byID[a.id]; !taken {
		s.byID[a.id] = a
		s.bytes += len(a.data) + assetCost
	}
	return a.id, nil
}

// get finds an asset.
func (s *assets) get(id uuid.UUID) (asset, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a, ok := s.byID[id]
	return a, ok
}
