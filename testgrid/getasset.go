package testgrid

import (
	"bytes"
	"net/http"
	"time"

	"github.com/google/uuid"
)

// assetQueries are the parameters by which assets are asked for; the type that
// each names is not held against the asset, as on OpenSim.
var assetQueries = []string{
	"texture_id", "sound_id", "callcard_id", "landmark_id", "script_id", "clothing_id", "object_id", "notecard_id",
	"lsltext_id", "lslbyte_id", "bodypart_id", "animatn_id", "gesture_id", "mesh_id", "settings_id", "material_id",
}

// serveAsset answers GET ?texture_id=... and the like with the data, or the part
// of it that the header Range asks for.
func (g *Grid) serveAsset(_ *session, w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	for _, key := range assetQueries {
		text := query.Get(key)
		if text == "" {
			continue
		}
		id, err := uuid.Parse(text)
		if err != nil {
			http.Error(w, key+" is no id", http.StatusBadRequest)
			return
		}
		a, ok := g.assets.get(id)
		if !ok || len(a.data) == 0 {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", contentTypes[a.kind])
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(a.data))
		return
	}
	http.Error(w, "no asset was asked for", http.StatusBadRequest)
}

// contentTypes are the media types of assets.
var contentTypes = map[int8]string{
	kindTexture: "image/x-j2c", kindSound: "audio/ogg", kindNotecard: "application/vnd.ll.notecard",
	kindScript: "application/vnd.ll.lsltext", kindLandmark: "application/vnd.ll.landmark", kindObject: "application/vnd.ll.primitive",
	kindClothing: "application/vnd.ll.clothing", kindBodyPart: "application/vnd.ll.bodypart",
	kindAnimation: "application/vnd.ll.animation", kindGesture: "application/vnd.ll.gesture", kindMesh: "application/vnd.ll.mesh",
}
