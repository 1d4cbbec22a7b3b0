package caps

import "slices"

// Names are the capabilities that an agent asks its seed for: those that
// OpenSim or Second Life offer and that a client of residents' kind uses.
// Operations are named caps.<Name> after them, and after no other word.
var Names = []string{
	"AgentPreferences",
	"AvatarPickerSearch",
	"ChatSessionRequest",
	"CopyInventoryFromNotecard",
	"CreateInventoryCategory",
	"DispatchRegionInfo",
	"EnvironmentSettings",
	"EventQueueGet",
	"ExtEnvironment",
	"FetchInventory2",
	"FetchInventoryDescendents2",
	"FetchLib2",
	"FetchLibDescendents2",
	"GetAsset",
	"GetDisplayNames",
	"GetMesh",
	"GetMesh2",
	"GetObjectCost",
	"GetObjectPhysicsData",
	"GetTexture",
	"GroupMemberData",
	"HomeLocation",
	"InventoryAPIv3",
	"LibraryAPIv3",
	"MapLayer",
	"MeshUploadFlag",
	"NewFileAgentInventory",
	"ObjectAdd",
	"ObjectMedia",
	"ObjectMediaNavigate",
	"ParcelPropertiesUpdate",
	"ParcelVoiceInfoRequest",
	"ProvisionVoiceAccountRequest",
	"ReadOfflineMsgs",
	"RemoteParcelRequest",
	"SearchStatRequest",
	"ServerReleaseNotes",
	"SimulatorFeatures",
	"UntrustedSimulatorMessage",
	"UpdateAgentInformation",
	"UpdateAgentLanguage",
	"UpdateAvatarAppearance",
	"UpdateGestureAgentInventory",
	"UpdateGestureTaskInventory",
	"UpdateNotecardAgentInventory",
	"UpdateNotecardTaskInventory",
	"UpdateScriptAgent",
	"UpdateScriptTask",
	"UploadBakedTexture",
	"ViewerAsset",
}

// Operation names the measurement of a call: caps.GetTexture, or caps.other
// for a name that is not in Names, so that a hostile grid can't make a run
// keep thousands of histograms.
func Operation(name string) string {
	if _, known := slices.BinarySearch(Names, name); known {
		return "caps." + name
	}
	return "caps.other"
}
