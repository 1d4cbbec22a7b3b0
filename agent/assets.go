package agent

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/google/uuid"

	"github.com/slload/slload/caps"
)

// Assets is the data that ids stand for: textures, notes, scripts, sounds.
type Assets struct {
	a   *Agent
	way Way
}

// Assets gives the service. It costs nothing, and keeps nothing of what it
// fetches: who fetches twice loads the grid twice.
func (a *Agent) Assets() Assets { return Assets{a: a} }

// Over is the same service by capabilities (HTTP) or messages (UDP); BestWay is
// HTTP where the region has the capability.
func (s Assets) Over(w Way) Assets {
	s.way = w
	return s
}

// NoAssetError is an asset that the grid hasn't got, or doesn't give.
type NoAssetError struct {
	ID     uuid.UUID
	Status int // the transfer's, or HTTP's
}

func (e *NoAssetError) Error() string {
	return fmt.Sprintf("the grid gives no asset %s (status %d)", e.ID, e.Status)
}

// Reason is the word by which a run counts this failure.
func (e *NoAssetError) Reason() string { return "no_asset" }

// assetQueries are the parameters by which assets of a type are asked for.
var assetQueries = map[AssetType]string{
	AssetTexture: "texture_id", AssetSound: "sound_id", AssetCallingCard: "callcard_id", AssetLandmark: "landmark_id",
	AssetClothing: "clothing_id", AssetObject: "object_id", AssetNotecard: "notecard_id", AssetScript: "lsltext_id",
	AssetBodyPart: "bodypart_id", AssetAnimation: "animatn_id", AssetGesture: "gesture_id", AssetMesh: "mesh_id",
	AssetSettings: "settings_id",
}

// fetchers are the capabilities that give assets of a type, newest first. A
// region has one of them or all.
func fetchers(t AssetType) []string {
	switch t {
	case AssetTexture:
		return []string{"GetTexture", "ViewerAsset", "GetAsset"}
	case AssetMesh:
		return []string{"GetMesh2", "GetMesh", "ViewerAsset", "GetAsset"}
	}
	return []string{"ViewerAsset", "GetAsset"}
}

// Fetch gets an asset's data. One that isn't there is a *NoAssetError.
func (s Assets) Fetch(ctx context.Context, id uuid.UUID, t AssetType) ([]byte, error) {
	data, err := s.fetch(ctx, id, t)
	if err != nil {
		return nil, fmt.Errorf("fetch asset %s: %w", id, err)
	}
	return data, nil
}

func (s Assets) fetch(ctx context.Context, id uuid.UUID, t AssetType) ([]byte, error) {
	name, err := s.fetcher(ctx, t)
	switch {
	case err != nil:
		return nil, err
	case name != "":
		return s.fetchByHTTP(ctx, name, id, t)
	case t == AssetTexture:
		return s.a.fetchImage(ctx, id)
	}
	return s.a.transferAsset(ctx, id, t)
}

// fetcher is the capability to ask; "" for UDP.
func (s Assets) fetcher(ctx context.Context, t AssetType) (string, error) {
	if s.way == UDP {
		return "", nil
	}
	var missing *NoCapabilityError
	for _, name := range fetchers(t) {
		_, err := s.a.Capability(ctx, name)
		if err == nil {
			return name, nil
		}
		if !errors.As(err, &missing) {
			return "", err
		}
	}
	if s.way == HTTP {
		return "", missing
	}
	return "", nil
}

func (s Assets) fetchByHTTP(ctx context.Context, name string, id uuid.UUID, t AssetType) ([]byte, error) {
	query, known := assetQueries[t]
	if !known {
		return nil, fmt.Errorf("capability %s has no word for asset type %d", name, t)
	}
	data, err := s.a.fetch(ctx, name, "/?"+query+"="+id.String())
	var status *caps.StatusError
	if errors.As(err, &status) && status.Status == http.StatusNotFound {
		return nil, &NoAssetError{id, status.Status}
	}
	return data, err
}

// NewFile is a file to be uploaded by NewFileAgentInventory.
type NewFile struct {
	Folder            uuid.UUID
	Type              AssetType
	Name, Description string
	NextOwner         Mask // 0: PermAll
}

// fileTypes are what NewFileAgentInventory calls asset and inventory types.
var fileTypes = map[AssetType][2]string{
	AssetTexture: {"texture", "texture"}, AssetSound: {"sound", "sound"}, AssetAnimation: {"animatn", "animation"},
	AssetNotecard: {"notecard", "notecard"}, AssetScript: {"lsltext", "script"}, AssetGesture: {"gesture", "gesture"},
}

// UploadNew uploads data as a new item. A refusal is an *UploadError.
func (s Assets) UploadNew(ctx context.Context, f NewFile, data []byte) (Uploaded, error) {
	names, known := fileTypes[f.Type]
	if !known {
		return Uploaded{}, fmt.Errorf("upload %q: asset type %d can't be uploaded as a new file", f.Name, f.Type)
	}
	if f.NextOwner == 0 {
		f.NextOwner = PermAll
	}
	return s.a.upload(ctx, "NewFileAgentInventory", map[string]any{
		"folder_id": f.Folder, "asset_type": names[0], "inventory_type": names[1], "name": f.Name, "description": f.Description,
		"next_owner_mask": int32(f.NextOwner), "group_mask": int32(0), "everyone_mask": int32(0), "expected_upload_cost": int32(0),
	}, data)
}

// UpdateNotecard writes a note of the agent's inventory anew. Data is a note's
// asset: see EncodeNotecard.
func (s Assets) UpdateNotecard(ctx context.Context, item uuid.UUID, data []byte) (Uploaded, error) {
	return s.a.upload(ctx, "UpdateNotecardAgentInventory", map[string]any{"item_id": item}, data)
}

// UpdateGesture writes a gesture of the agent's inventory anew.
func (s Assets) UpdateGesture(ctx context.Context, item uuid.UUID, data []byte) (Uploaded, error) {
	return s.a.upload(ctx, "UpdateGestureAgentInventory", map[string]any{"item_id": item}, data)
}

// UpdateScript writes a script of the agent's inventory anew. Grids that
// compile it say in Uploaded whether they could.
func (s Assets) UpdateScript(ctx context.Context, item uuid.UUID, source string) (Uploaded, error) {
	return s.a.upload(ctx, "UpdateScriptAgent", map[string]any{"item_id": item, "target": "mono"}, []byte(source))
}
