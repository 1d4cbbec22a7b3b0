package testgrid

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/slload/slload/message"
)

func TestPeriodicMessages(t *testing.T) {
	inWorld(t, Config{}, func(w *world) {
		ann := w.enter("Ann", at(60, 70, 0))
		bob := w.enter("Bob", at(200, 210, 0))
		ann.forget()
		var all []message.Message
		for range 30 {
			w.pass(time.Second)
			all = append(all, ann.listen()...)
			bob.forget()
		}
		stats := of[*message.SimStats](all)
		check(t, len(stats) >= 9 && len(stats) <= 11, "%d SimStats in 30 s", len(stats))
		values := map[uint32]float32{}
		for _, s := range stats[len(stats)-1].Stat {
			values[s.StatID] = s.StatValue
		}
		check(t, values[statFrameRate] > 54 && values[statFrameRate] <= 55.5, "frame rate %v", values[statFrameRate])
		check(t, values[statTimeDilation] > 0.98 && values[statTimeDilation] <= 1, "time dilation %v", values[statTimeDilation])
		check(t, values[statAgents] == 2, "%v agents", values[statAgents])

		times := of[*message.SimulatorViewerTimeMessage](all)
		check(t, len(times) >= 11 && len(times) <= 13, "%d SimulatorViewerTimeMessages in 30 s", len(times))

		coarse := of[*message.CoarseLocationUpdate](all)
		check(t, len(coarse) >= 6 && len(coarse) <= 8, "%d CoarseLocationUpdates in 30 s", len(coarse))
		last := coarse[len(coarse)-1]
		check(t, len(last.Location) == 2 && len(last.AgentData) == 2, "it tells of %d", len(last.Location))
		you := last.Index.You
		check(t, last.AgentData[you].AgentID == ann.Agent && last.Location[you].X == 60 && last.Location[you].Y == 70,
			"she is %v at %v", last.AgentData[you], last.Location[you])
	})
}

func TestNamesAreTold(t *testing.T) {
	inWorld(t, Config{}, func(w *world) {
		ann := w.enter("Ann", at(60, 60, 0))
		bob := w.login("Bob", "last")
		ask := &message.UUIDNameRequest{UUIDNameBlock: []message.UUIDNameRequestUUIDNameBlock{{ID: uuid.New()}, {ID: bob.Agent}}}
		ann.sendReliable(ask)
		m := expect[*message.UUIDNameReply](ann)
		check(t, len(m.UUIDNameBlock) == 1 && m.UUIDNameBlock[0].ID == bob.Agent, "the reply is about %v", m.UUIDNameBlock)
		check(t, message.String(m.UUIDNameBlock[0].FirstName) == "Bob" && message.String(m.UUIDNameBlock[0].LastName) == "Tester",
			"he is %s %s", m.UUIDNameBlock[0].FirstName, m.UUIDNameBlock[0].LastName)
	})
}

func TestUnknownMessagesAreCounted(t *testing.T) {
	inWorld(t, Config{}, func(w *world) {
		ann := w.enter("Ann", at(60, 60, 0))
		ann.sendReliable(&message.EconomyDataRequest{})
		ann.listen()
		check(t, w.stats(0).Loop.Unhandled[message.IDEconomyDataRequest] == 1, "unhandled: %v", w.stats(0).Loop.Unhandled)
	})
}
