package agent

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/slload/slload/caps"
	"github.com/slload/slload/circuit"
	"github.com/slload/slload/message"
)

// askForDwell requests a parcel's dwell: any message with an answer would do.
func askForDwell(ctx context.Context, a *Agent, parcel int32) (float32, error) {
	return request(ctx, a, "ParcelDwellReply", message.IDParcelDwellReply, func(now circuit.Instant) error {
		m := message.ParcelDwellRequest{Data: message.ParcelDwellRequestData{LocalID: parcel}}
		m.AgentData.AgentID, m.AgentData.SessionID = a.ID, a.session
		return a.send(now, &m)
	}, func(m message.Message) (float32, bool) {
		d := &m.(*message.ParcelDwellReply).Data
		return d.Dwell, d.LocalID == parcel
	})
}

func dwell(parcel int32, n float32) *message.ParcelDwellReply {
	return &message.ParcelDwellReply{Data: message.ParcelDwellReplyData{LocalID: parcel, ParcelID: uuid.UUID{9}, Dwell: n}}
}

func TestRequestTakesItsOwnAnswer(t *testing.T) {
	inWorld(t, func(w *world) {
		a := w.enter("Ann", withoutQueue)
		got := make(chan float32)
		go func() {
			n, err := askForDwell(w.Context(), a, 7)
			if err != nil {
				t.Error(err)
			}
			got <- n
		}()
		w.elapse(soon)
		w.tells(a, dwell(6, 1)) // somebody else's
		w.tells(a, dwell(7, 2))
		w.tells(a, dwell(7, 3)) // too late
		if n := <-got; n != 2 {
			t.Errorf("the answer is %v, want the first for parcel 7", n)
		}
		w.elapse(soon)
		if len(a.subs) != 0 {
			t.Errorf("%d subscriptions are left", len(a.subs))
		}
	})
}

func TestRequestEndsWithItsContextAndItsAgent(t *testing.T) {
	inWorld(t, func(w *world) {
		a := w.enter("Ann", withoutQueue)
		ctx, cancel := context.WithTimeout(w.Context(), time.Second)
		defer cancel()
		if _, err := askForDwell(ctx, a, 7); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("without an answer: %v", err)
		}
		failed := make(chan error)
		go func() {
			_, err := askForDwell(w.Context(), a, 7)
			failed <- err
		}()
		w.elapse(soon)
		w.tells(a, &message.KickUser{UserInfo: message.KickUserUserInfo{Reason: message.Text("out")}})
		var kicked *KickedError
		if err := <-failed; !errors.As(err, &kicked) {
			t.Errorf("thrown out while it waits: %v", err)
		}
	})
}

func TestCapabilities(t *testing.T) {
	for _, tt := range []struct {
		name string
		urls map[string]string
	}{
		{"none", nil},
		{"one", map[string]string{"GetTexture": "http://grid.test/t"}},
		{"some that begin alike", map[string]string{
			"GetTexture": "http://grid.test/a/1", "GetMesh": "http://grid.test/a/", "ViewerAsset": "http://grid.test/a/234",
		}},
		{"some that have nothing in common", map[string]string{"GetTexture": "http://a.test/", "ViewerAsset": "ftp://b.test/"}},
	} {
		c := newCapabilities(tt.urls)
		for _, name := range append(slices.Clone(caps.Names), "", "Get", "NoSuchThing") {
			if got := c.url(name); got != tt.urls[name] {
				t.Errorf("%s: %q is %q, want %q", tt.name, name, got, tt.urls[name])
			}
		}
	}
	hostile := newCapabilities(map[string]string{"GetTexture": strings.Repeat("x", 256), "Unknown": "http://grid.test/u", "GetMesh": ""})
	if hostile != "" {
		t.Errorf("what nobody can call is kept: %q", hostile)
	}
	if len(caps.Names) > 255 {
		t.Errorf("%d names don't fit a byte", len(caps.Names))
	}
}

func TestCapabilityCalls(t *testing.T) {
	inWorld(t, func(w *world) {
		w.grid.caps["SimulatorFeatures"] = featuresURL
		a := w.enter("Ann")
		var features struct {
			Groups int `llsd:"MaxAgentGroups"`
		}
		if err := a.call(w.Context(), "GET", "SimulatorFeatures", nil, &features); err != nil || features.Groups != 42 {
			t.Errorf("features %+v, %v", features, err)
		}
		var none *NoCapabilityError
		if err := a.call(w.Context(), "GET", "GetTexture", nil, nil); !errors.As(err, &none) || none.Name != "GetTexture" {
			t.Errorf("a capability that the grid hasn't got: %v", err)
		}
		w.elapse(soon)
		w.measures([]string{"caps.SimulatorFeatures", "caps.GetTexture"}, "caps.SimulatorFeatures")
		if _, err := w.enter("Bob", withoutQueue).Capability(w.Context(), "SimulatorFeatures"); !errors.As(err, &none) {
			t.Errorf("an agent that left the seed alone: %v", err)
		}
	})
}

// Other friends come online, too.
func TestAFriendIsAcceptedOnceThatOneIsOnline(t *testing.T) {
	inWorld(t, func(w *world) {
		a := w.enter("Ann", withoutQueue)
		offer := IMReceived{From: uuid.New(), SessionID: uuid.New()}
		accepted := make(chan error, 1)
		go func() { accepted <- a.Friends().Accept(w.Context(), offer) }()
		w.elapse(soon)
		online := func(id uuid.UUID) {
			w.tells(a, &message.OnlineNotification{AgentBlock: []message.OnlineNotificationAgentBlock{{AgentID: uuid.New()}, {AgentID: id}}})
			w.elapse(soon)
		}
		if online(uuid.New()); len(accepted) != 0 {
			t.Errorf("another friend was taken for the new one: %v", <-accepted)
		}
		if online(offer.From); len(accepted) != 1 || <-accepted != nil {
			t.Error("the new friend was not seen online")
		}
	})
}
