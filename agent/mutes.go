package agent

import (
	"context"
	"fmt"
	"hash/crc32"
	"strconv"
	"strings"

	"github.com/google/uuid"
	"github.com/slload/slload/internal/reason"
	"github.com/slload/slload/message"
)

// MuteKind is what is muted.
type MuteKind int32

// What can be muted.
const (
	MuteByName MuteKind = iota // objects of that name; the id is nil
	MuteResident
	MuteObject
	MuteGroup
)

// Mute is an entry of the mute list.
type Mute struct {
	ID    uuid.UUID
	Name  string
	Kind  MuteKind
	Flags uint32 // what is let through all the same: 1 text, 2 voice, 4 particles, 8 object sounds
}

// MuteList is a mute list as it was fetched. Checksum is the file's, by CRC-32:
// grids know by it whether a copy is up to date. 0 is no copy.
type MuteList struct {
	Mutes    []Mute
	Checksum uint32
}

// Mutes fetches the mute list. It is empty on a grid that keeps none.
func (a *Agent) Mutes(ctx context.Context) ([]Mute, error) {
	l, err := a.RefreshMutes(ctx, MuteList{})
	return l.Mutes, err
}

// RefreshMutes fetches the mute list (MuteListRequest, and a file by Xfer)
// where it isn't the same as the one that the caller has (UseCachedMuteList):
// it gives that one then.
func (a *Agent) RefreshMutes(ctx context.Context, have MuteList) (MuteList, error) {
	type answer struct {
		file string
		same bool
	}
	ask := message.MuteListRequest{
		AgentData: message.MuteListRequestAgentData{AgentID: a.ID, SessionID: a.session},
		MuteData:  message.MuteListRequestMuteData{MuteCRC: have.Checksum},
	}
	ids := []message.ID{message.IDMuteListUpdate, message.IDUseCachedMuteList, message.IDGenericMessage}
	got, err := requestAny(ctx, a, "the mute list (MuteListUpdate)", ids, a.sending(&ask), func(m message.Message) (answer, bool) {
		switch m := m.(type) {
		case *message.MuteListUpdate:
			return answer{file: message.String(m.MuteData.Filename)}, m.MuteData.AgentID == a.ID
		case *message.GenericMessage: // how OpenSim says that it is empty
			return answer{}, message.String(m.MethodData.Method) == "emptymutelist"
		case *message.UseCachedMuteList:
			return answer{same: true}, m.AgentData.AgentID == a.ID
		}
		return answer{}, false
	})
	switch {
	case err != nil:
		return MuteList{}, err
	case got.same:
		return have, nil
	case got.file == "":
		return MuteList{}, nil
	}
	data, err := a.downloadFile(ctx, got.file)
	if err != nil {
		return MuteList{}, err
	}
	list, err := parseMutes(string(data))
	return MuteList{list, crc32.ChecksumIEEE(data)}, err
}

// parseMutes reads lines of `kind id name|flags`.
func parseMutes(file string) ([]Mute, error) {
	var list []Mute
	for line := range strings.Lines(file) {
		line = strings.Trim(line, " \r\n\x00")
		if line == "" {
			continue
		}
		kind, rest, _ := strings.Cut(line, " ")
		id, rest, ok := strings.Cut(rest, " ")
		bar := strings.LastIndexByte(rest, '|')
		if !ok || bar < 0 {
			return list, fmt.Errorf("mute list: %q is no `kind id name|flags`", reason.OneLine(line))
		}
		k, err1 := strconv.ParseInt(kind, 10, 32)
		who, err2 := uuid.Parse(id)
		flags, err3 := strconv.ParseInt(rest[bar+1:], 10, 64)
		if err1 != nil || err2 != nil || err3 != nil {
			return list, fmt.Errorf("mute list: %q is no `kind id name|flags`", reason.OneLine(line))
		}
		list = append(list, Mute{ID: who, Name: rest[:bar], Kind: MuteKind(k), Flags: uint32(flags)})
	}
	return list, nil
}

// Mute adds an entry to the mute list, or changes it. The protocol has no
// answer to it.
func (a *Agent) Mute(ctx context.Context, m Mute) error {
	return a.tellRegion(ctx, &message.UpdateMuteListEntry{
		AgentData: message.UpdateMuteListEntryAgentData{AgentID: a.ID, SessionID: a.session},
		MuteData: message.UpdateMuteListEntryMuteData{
			MuteID: m.ID, MuteName: message.Text(m.Name), MuteType: int32(m.Kind), MuteFlags: m.Flags,
		},
	})
}

// Unmute takes an entry out of the mute list, by id and name.
func (a *Agent) Unmute(ctx context.Context, id uuid.UUID, name string) error {
	return a.tellRegion(ctx, &message.RemoveMuteListEntry{
		AgentData: message.RemoveMuteListEntryAgentData{AgentID: a.ID, SessionID: a.session},
		MuteData:  message.RemoveMuteListEntryMuteData{MuteID: id, MuteName: message.Text(name)},
	})
}
