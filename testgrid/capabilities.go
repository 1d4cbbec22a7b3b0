package testgrid

import (
	"net/http"

	"github.com/google/uuid"

	"github.com/slload/slload/llsd"
	"github.com/slload/slload/message"
)

// seedName is the directory's name for the seed capability itself, which no
// client may ask for.
const seedName = ""

// capabilityHandlers is what the grid's capabilities do, by the name that
// clients ask the seed for.
var capabilityHandlers = map[string]func(g *Grid, s *session, w http.ResponseWriter, r *http.Request){
	"EventQueueGet":          (*Grid).serveEventQueue,
	"SimulatorFeatures":      (*Grid).serveFeatures,
	"GetDisplayNames":        (*Grid).serveDisplayNames,
	"AvatarPickerSearch":     (*Grid).serveAvatarPicker,
	"AgentPreferences":       (*Grid).servePreferences,
	"UpdateAgentLanguage":    (*Grid).servePreferences,
	"UpdateAgentInformation": (*Grid).servePreferences,
	"UploadBakedTexture":     (*Grid).serveUploadBaked,
	"UpdateAvatarAppearance": (*Grid).serveBake,
	"RemoteParcelRequest":    (*Grid).serveRemoteParcel,
	"ParcelPropertiesUpdate": (*Grid).serveParcelUpdate,
	"HomeLocation":           (*Grid).serveHomeLocation,
	"ServerReleaseNotes":     (*Grid).serveReleaseNotes,
	"ReadOfflineMsgs":        (*Grid).serveOfflineMessages,
	"ChatSessionRequest":     (*Grid).serveChatSession,

	"ProvisionVoiceAccountRequest": (*Grid).serveVoiceAccount,
	"ParcelVoiceInfoRequest":       (*Grid).serveVoiceChannel,

	"FetchInventoryDescendents2": (*Grid).serveFetchDescendents,
	"FetchLibDescendents2":       (*Grid).serveFetchDescendents,
	"FetchInventory2":            (*Grid).serveFetchItems,
	"FetchLib2":                  (*Grid).serveFetchLibraryItems,
	"CreateInventoryCategory":    (*Grid).serveCreateCategory,
	"InventoryAPIv3":             (*Grid).serveAIS,
	"LibraryAPIv3":               (*Grid).serveLibraryAIS,

	"NewFileAgentInventory":        (*Grid).serveNewFile,
	"UpdateNotecardAgentInventory": updateItem(kindNotecard),
	"UpdateScriptAgent":            updateItem(kindScript),
	"UpdateScriptTask":             (*Grid).serveScriptTask,
	"UpdateNotecardTaskInventory":  (*Grid).serveNoteTask,
	"UpdateGestureAgentInventory":  updateItem(kindGesture),
	"GetTexture":                   (*Grid).serveAsset,
	"GetMesh":                      (*Grid).serveAsset,
	"GetMesh2":                     (*Grid).serveAsset,
	"GetAsset":                     (*Grid).serveAsset,
	"ViewerAsset":                  (*Grid).serveAsset,
}

// withheldBits are the capabilities that a grid of this kind doesn't offer.
func (c Config) withheldBits() uint64 {
	var names []string
	if !c.Voice {
		names = append(names, "ProvisionVoiceAccountRequest", "ParcelVoiceInfoRequest")
	}
	if !c.ServerBake {
		names = append(names, "UpdateAvatarAppearance")
	}
	return capabilityBits(names)
}

// aisPath is where inventories as trees of resources live.
const aisPath = "/AIS/"

// capabilityPlace is what stands before and behind the id in a capability's
// path: two have places of their own on OpenSim, and those with places below
// theirs have one here.
func capabilityPlace(name string) (before, behind string) {
	switch name {
	case seedName:
		return "/CAPS/", "0000/"
	case "EventQueueGet":
		return "/CE/", ""
	case "InventoryAPIv3", "LibraryAPIv3":
		return aisPath, ""
	}
	return "/", ""
}

func capabilityPath(name string, id uuid.UUID) string {
	before, behind := capabilityPlace(name)
	return before + id.String() + behind
}

func (g *Grid) seedURL(s *session) string { return g.base + capabilityPath(seedName, s.seed) }

// seedBodyLimit is more than any client's list of capability names takes.
const seedBodyLimit = 64 << 10

// serveSeed answers a list of names with a map of URLs for those of them that
// the grid has. OpenSim takes one content type only, and labels its answer
// text/html.
func (g *Grid) serveSeed(s *session, w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("Content-Type") != llsd.ContentTypeXML {
		http.NotFound(w, r)
		return
	}
	var asked []string
	if !readLLSD(w, r, seedBodyLimit, &asked) {
		return
	}
	wanted := capabilityBits(asked) &^ g.withheld
	if !g.directory.grant(s, wanted) {
		wanted = 0
	}
	g.stats.seeds.Add(1)
	s.seeded.Store(true)
	writeEncoded(w, "text/html;charset=UTF-8", func(dst []byte) ([]byte, error) { return g.appendURLs(dst, s, wanted), nil })
}

// serveFeatures tells a viewer what the region can do.
func (g *Grid) serveFeatures(_ *session, w http.ResponseWriter, _ *http.Request) {
	writeLLSD(w, llsd.ContentTypeXML, map[string]any{
		"MaxAgentGroups":       int32(42),
		"MaxTextureResolution": int32(2048),
		"MeshRezEnabled":       false,
		"MeshUploadEnabled":    false,
		"PhysicsShapeTypes":    map[string]any{"convex": true, "none": true, "prim": true},
		"OpenSimExtras": map[string]any{
			"say-range":     int32(sayRange),
			"whisper-range": int32(whisperRange),
			"shout-range":   int32(shoutRange),
		},
	})
}

// serveDisplayNames answers GET ?ids=...&ids=... with what is known of each.
func (g *Grid) serveDisplayNames(_ *session, w http.ResponseWriter, r *http.Request) {
	agents, bad := []any{}, []any{}
	for _, text := range r.URL.Query()["ids"] {
		id, err := uuid.Parse(text)
		first, last, ok := g.directory.name(id)
		if err != nil || !ok {
			bad = append(bad, text)
			continue
		}
		agents = append(agents, displayName(id, first, last))
	}
	writeLLSD(w, llsd.ContentTypeXML, map[string]any{"agents": agents, "bad_ids": bad})
}

// preferencesLimit bounds what a client may say about itself.
const preferencesLimit = 16 << 10

// servePreferences reads what a client says about itself and gives it back: the
// grid acts on none of it.
func (g *Grid) servePreferences(_ *session, w http.ResponseWriter, r *http.Request) {
	said := map[string]any{}
	if readLLSD(w, r, preferencesLimit, &said) {
		writeLLSD(w, llsd.ContentTypeXML, said)
	}
}

// serveHomeLocation makes a place in the capability's region the resident's
// home. All of the land is the estate's, and anybody may live there.
func (g *Grid) serveHomeLocation(s *session, w http.ResponseWriter, r *http.Request) {
	var asked struct {
		Home *struct {
			Pos  place3 `llsd:"LocationPos"`
			Look place3 `llsd:"LocationLookAt"`
		} `llsd:"HomeLocation"`
	}
	if !readLLSD(w, r, preferencesLimit, &asked) {
		return
	}
	if asked.Home == nil || !finite(asked.Home.Pos.X+asked.Home.Pos.Y+asked.Home.Pos.Z) {
		writeLLSD(w, llsd.ContentTypeXML, map[string]any{"success": "false"})
		return
	}
	at := spot{s.entry.region, settle(asked.Home.Pos.vector()), asked.Home.Look.vector()}
	g.directory.setHome(s.agentID, at)
	writeLLSD(w, llsd.ContentTypeXML, map[string]any{
		"success": "true",
		"HomeLocation": map[string]any{"LocationPos": map[string]any{
			"X": float64(at.pos.X), "Y": float64(at.pos.Y), "Z": float64(at.pos.Z),
		}},
	})
}

// place3 is a position as this capability spells it.
type place3 struct{ X, Y, Z float32 }

func (p place3) vector() message.Vector3 { return message.Vector3(p) }

func (g *Grid) serveReleaseNotes(_ *session, w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain")
	_, _ = w.Write([]byte("slload's embedded grid\n"))
}
