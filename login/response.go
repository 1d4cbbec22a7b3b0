package login

import (
	"fmt"
	"log/slog"
	"net/netip"
	"time"

	"github.com/google/uuid"
)

// Response is a login that was granted. It prints without its secrets.
type Response struct {
	AgentID         uuid.UUID
	SessionID       uuid.UUID
	SecureSessionID uuid.UUID
	CircuitCode     uint32
	Simulator       netip.AddrPort // of the circuit, IPv4
	Seed            string         // URL of the seed capability

	RegionX, RegionY         uint32 // the region's south-west corner, in metres
	RegionSizeX, RegionSizeY uint32 // metres; OpenSim only, 256 elsewhere
	LookAt                   [3]float32
	Home                     Home
	Start                    string // which start was taken: last, home, safe, ...

	First, Last       string
	Message           string // of the day
	Access, AccessMax string // PG, M or A: of the agent, and what it may choose
	Time              time.Time
	MaxGroups         int
	MapServer         string
	MFAHash           Secret // to send with the next login

	Inventory Inventory
	Library   Inventory
	Buddies   []Buddy
	Gestures  []Gesture
	Outfit    Outfit

	// Malformed names the fields that were there, but not of the form that
	// is known. The login doesn't depend on them.
	Malformed []string
	// Raw is every field as it came, but what Client.Brief leaves out;
	// inventories may stand there as []Folder.
	Raw map[string]any
}

// Home is where "home" is: a region's corner in metres, and a place in it.
type Home struct {
	RegionX, RegionY uint32
	Position, LookAt [3]float32
}

// Inventory is the skeleton of one: its folders without their items.
type Inventory struct {
	Owner   uuid.UUID // of the library; the agent's own has none here
	Root    uuid.UUID
	Folders []Folder
}

// Folder is one of an inventory.
type Folder struct {
	ID      uuid.UUID `llsd:"folder_id"`
	Parent  uuid.UUID `llsd:"parent_id"`
	Name    string    `llsd:"name"`
	Type    int32     `llsd:"type_default"` // what it is the default folder for, -1 nothing
	Version int32     `llsd:"version"`
}

// Buddy is one of the agent's friends.
type Buddy struct {
	ID     uuid.UUID `llsd:"buddy_id"`
	Given  int32     `llsd:"buddy_rights_given"` // rights, as bits, that the agent gave
	Gotten int32     `llsd:"buddy_rights_has"`   // and those that it has
}

// Gesture is an active one.
type Gesture struct {
	Item  uuid.UUID `llsd:"item_id"`
	Asset uuid.UUID `llsd:"asset_id"`
}

// Outfit is what a new account wears.
type Outfit struct {
	Folder string `llsd:"folder_name"`
	Gender string `llsd:"gender"`
}

// String names agent and region; ids of sessions, the circuit code and the
// seed capability are secrets.
func (r Response) String() string {
	return fmt.Sprintf("%s %s (%s) at %s, region %d,%d", r.First, r.Last, r.AgentID, r.Simulator, r.RegionX, r.RegionY)
}

// GoString is String: %#v must not show the secrets either.
func (r Response) GoString() string { return r.String() }

// LogValue is what slog shows of a response.
func (r Response) LogValue() slog.Value {
	return slog.GroupValue(
		slog.String("first", r.First), slog.String("last", r.Last), slog.String("agent", r.AgentID.String()),
		slog.String("simulator", r.Simulator.String()),
		slog.Int64("region_x", int64(r.RegionX)), slog.Int64("region_y", int64(r.RegionY)))
}
