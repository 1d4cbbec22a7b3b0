package testgrid

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"github.com/slload/slload/circuit"
	"github.com/slload/slload/llsd"
	"github.com/slload/slload/message"
)

// resident is an account's id and names.
type resident struct {
	id          uuid.UUID
	first, last string
}

// shortestSearch is how many letters a search by capability must have.
const shortestSearch = 3

// find gives the residents in whose names all the words of text begin a name,
// as OpenSim's accounts do.
func (d *directory) find(text string, most int) []resident {
	words := strings.Fields(strings.ToLower(text))
	d.mu.Lock()
	defer d.mu.Unlock()
	var list []resident
	for id, a := range d.accounts {
		if len(list) == most {
			break
		}
		if a.matches(words) {
			list = append(list, resident{id, a.first, a.last})
		}
	}
	return list
}

func (a *account) matches(words []string) bool {
	first, last := strings.ToLower(a.first), strings.ToLower(a.last)
	for _, w := range words {
		if !strings.HasPrefix(first, w) && !strings.HasPrefix(last, w) {
			return false
		}
	}
	return len(words) > 0
}

// serveAvatarPicker answers GET ?names=...&page_size=...
func (g *Grid) serveAvatarPicker(_ *session, w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	size, err := strconv.Atoi(query.Get("page_size"))
	if len(query.Get("names")) < shortestSearch || err != nil || size < 1 {
		http.Error(w, "give names of three letters and a page_size", http.StatusBadRequest)
		return
	}
	agents := []any{}
	for _, found := range g.directory.find(query.Get("names"), min(size, 500)) {
		agents = append(agents, displayName(found.id, found.first, found.last))
	}
	writeLLSD(w, llsd.ContentTypeXML, map[string]any{"agents": agents, "next_page_url": r.URL.String()})
}

func displayName(id uuid.UUID, first, last string) map[string]any {
	return map[string]any{
		"id": id, "username": strings.ToLower(first + "." + last), "display_name": first + " " + last,
		"legacy_first_name": first, "legacy_last_name": last, "is_display_name_default": true,
	}
}

// pickerLimit keeps AvatarPickerReply in one datagram with the longest names.
const pickerLimit = 7

func (g *Grid) onAvatarPicker(ev *circuit.Event) {
	m := ev.Message.(*message.AvatarPickerRequest)
	c := present(ev, m.AgentData.AgentID, m.AgentData.SessionID)
	if c == nil {
		return
	}
	reply := &message.AvatarPickerReply{}
	reply.AgentData.AgentID, reply.AgentData.QueryID = m.AgentData.AgentID, m.AgentData.QueryID
	for _, found := range g.directory.find(message.String(m.Data.Name), pickerLimit) {
		reply.Data = append(reply.Data, message.AvatarPickerReplyData{
			AvatarID: found.id, FirstName: message.Text(found.first), LastName: message.Text(found.last),
		})
	}
	c.tell(ev.Now, reply)
}
