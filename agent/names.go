package agent

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"

	"github.com/google/uuid"
	"github.com/slload/slload/caps"
	"github.com/slload/slload/circuit"
	"github.com/slload/slload/message"
)

// Resident is somebody by name. DisplayName is what the resident wants to be
// called; the name again where the grid has no other.
type Resident struct {
	ID          uuid.UUID
	First, Last string
	DisplayName string
}

// Name is the resident's full name.
func (r Resident) Name() string { return r.First + " " + r.Last }

// UnansweredError is ids that a grid said nothing of: OpenSim doesn't answer
// for who it doesn't know.
type UnansweredError struct {
	What string
	IDs  []uuid.UUID
	Err  error
}

func (e *UnansweredError) Error() string {
	return fmt.Sprintf("%s of %d ids (%v and others) didn't come: %v", e.What, len(e.IDs), e.IDs[0], e.Err)
}

// Unwrap gives why the wait ended.
func (e *UnansweredError) Unwrap() error { return e.Err }

// Names finds residents by their ids (UUIDNameRequest). When ctx ends before
// all are known, those that are come with an *UnansweredError.
func (a *Agent) Names(ctx context.Context, ids ...uuid.UUID) (map[uuid.UUID]Resident, error) {
	m := &message.UUIDNameRequest{}
	for _, id := range ids {
		m.UUIDNameBlock = append(m.UUIDNameBlock, message.UUIDNameRequestUUIDNameBlock{ID: id})
	}
	return collect(ctx, a, "names", ids, message.IDUUIDNameReply, m, func(m message.Message, found map[uuid.UUID]Resident) {
		for _, b := range m.(*message.UUIDNameReply).UUIDNameBlock {
			r := Resident{ID: b.ID, First: message.String(b.FirstName), Last: message.String(b.LastName)}
			r.DisplayName = r.Name()
			found[b.ID] = r
		}
	})
}

// GroupNames finds groups' names by their ids (UUIDGroupNameRequest), as Names
// does.
func (a *Agent) GroupNames(ctx context.Context, ids ...uuid.UUID) (map[uuid.UUID]string, error) {
	m := &message.UUIDGroupNameRequest{}
	for _, id := range ids {
		m.UUIDNameBlock = append(m.UUIDNameBlock, message.UUIDGroupNameRequestUUIDNameBlock{ID: id})
	}
	return collect(ctx, a, "group names", ids, message.IDUUIDGroupNameReply, m, func(m message.Message, found map[uuid.UUID]string) {
		for _, b := range m.(*message.UUIDGroupNameReply).UUIDNameBlock {
			found[b.ID] = message.String(b.GroupName)
		}
	})
}

// collect sends ask and gathers answers until each of ids has one. Simulators
// answer in as many messages as they like.
func collect[V any](ctx context.Context, a *Agent, what string, ids []uuid.UUID, reply message.ID, ask message.Message, take func(m message.Message, found map[uuid.UUID]V)) (map[uuid.UUID]V, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	found := map[uuid.UUID]V{} // the loop's, until the request has ended
	all, err := request(ctx, a, what, reply, a.sending(ask), func(m message.Message) (map[uuid.UUID]V, bool) {
		take(m, found)
		return found, len(missing(found, ids)) == 0
	})
	if err == nil {
		return all, nil
	}
	some := map[uuid.UUID]V{}
	_ = a.loop.Call(context.WithoutCancel(ctx), func(circuit.Instant) {
		for id, v := range found {
			some[id] = v
		}
	})
	if left := missing(some, ids); len(left) > 0 {
		return some, &UnansweredError{what, left, err}
	}
	return some, nil
}

func missing[V any](found map[uuid.UUID]V, ids []uuid.UUID) []uuid.UUID {
	var left []uuid.UUID
	for _, id := range ids {
		if _, ok := found[id]; !ok {
			left = append(left, id)
		}
	}
	return left
}

// person is a resident as the capabilities GetDisplayNames and
// AvatarPickerSearch have it.
type person struct {
	ID          uuid.UUID `llsd:"id"`
	First       string    `llsd:"legacy_first_name"`
	Last        string    `llsd:"legacy_last_name"`
	DisplayName string    `llsd:"display_name"`
}

type people struct {
	Agents []person `llsd:"agents"`
}

func (p people) residents() []Resident {
	list := make([]Resident, len(p.Agents))
	for i, who := range p.Agents {
		list[i] = Resident(who)
	}
	return list
}

// DisplayNames finds residents by their ids, with their display names
// (GetDisplayNames). Who the grid doesn't know is left out.
func (a *Agent) DisplayNames(ctx context.Context, ids ...uuid.UUID) ([]Resident, error) {
	query := url.Values{}
	for _, id := range ids {
		query.Add("ids", id.String())
	}
	var found people
	if err := a.ask(ctx, "GetDisplayNames", query, &found); err != nil {
		return nil, err
	}
	return found.residents(), nil
}

// searchPage is how many residents FindResidents asks for.
const searchPage = 100

// FindResidents finds residents whose name has this text in it, at least
// three letters: by AvatarPickerSearch, or by AvatarPickerRequest where the
// grid has no such capability.
func (a *Agent) FindResidents(ctx context.Context, text string) ([]Resident, error) {
	var found people
	query := url.Values{"page_size": {strconv.Itoa(searchPage)}, "names": {text}}
	err := a.ask(ctx, "AvatarPickerSearch", query, &found)
	var none *NoCapabilityError
	if errors.As(err, &none) {
		return a.pickResidents(ctx, text)
	}
	return found.residents(), err
}

// pickResidents asks by UDP. Nobody found is a reply with one resident
// without an id on Second Life, with none on OpenSim.
func (a *Agent) pickResidents(ctx context.Context, text string) ([]Resident, error) {
	query := uuid.New()
	m := message.AvatarPickerRequest{
		AgentData: message.AvatarPickerRequestAgentData{AgentID: a.ID, SessionID: a.session, QueryID: query},
		Data:      message.AvatarPickerRequestData{Name: message.Text(text)},
	}
	return request(ctx, a, "residents (AvatarPickerReply)", message.IDAvatarPickerReply, a.sending(&m), func(m message.Message) ([]Resident, bool) {
		reply := m.(*message.AvatarPickerReply)
		if reply.AgentData.QueryID != query {
			return nil, false
		}
		list := []Resident{}
		for _, b := range reply.Data {
			if b.AvatarID == uuid.Nil {
				continue
			}
			r := Resident{ID: b.AvatarID, First: message.String(b.FirstName), Last: message.String(b.LastName)}
			r.DisplayName = r.Name()
			list = append(list, r)
		}
		return list, true
	})
}

// ask is call for capabilities that are asked by a query in their URL.
func (a *Agent) ask(ctx context.Context, name string, query url.Values, out any) error {
	return a.calling(ctx, name, func(at string) error {
		return caps.Call(ctx, a.opt.HTTP, http.MethodGet, name, withQuery(at, query), nil, out)
	})
}

// withQuery appends a query to an URL that may end with a slash and may have
// one already.
func withQuery(at string, query url.Values) string {
	if u, err := url.Parse(at); err == nil && u.RawQuery != "" {
		return at + "&" + query.Encode()
	}
	return at + "?" + query.Encode()
}
