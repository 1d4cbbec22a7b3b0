package testgrid

import (
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/slload/slload/message"
)

// heardLines gives who was heard saying what.
func heardLines(v *viewer) []string {
	var lines []string
	for _, m := range of[*message.ChatFromSimulator](v.listen()) {
		lines = append(lines, message.String(m.ChatData.FromName)+": "+message.String(m.ChatData.Message))
	}
	return lines
}

func TestChatCarriesByRange(t *testing.T) {
	kinds := []struct {
		name  string
		kind  uint8
		reach float64
	}{{"whisper", chatWhisper, 10}, {"say", chatSay, 20}, {"shout", chatShout, 100}}
	inWorld(t, Config{Regions: 2}, func(w *world) {
		ann := w.enter("Ann", at(60, 60, 0))
		listeners := []struct {
			distance float64
			v        *viewer
		}{
			{0, ann},
			{9.9, w.enter("Bob", at(69.9, 60, 0))},
			{10.1, w.enter("Cid", at(60, 70.1, 0))},
			{19.9, w.enter("Dot", at(60, 40.1, 0))},
			{20.1, w.enter("Eve", at(39.9, 60, 0))},
			{99.9, w.enter("Fay", at(159.9, 60, 0))},
			{100.1, w.enter("Gus", at(60, 160.1, 0))},
			{1e9, w.enter("Hal", inRegion(2, 60, 60, 0))}, // the same place in another region
		}
		for _, k := range kinds {
			ann.sendReliable(ann.says(k.kind, k.name))
			w.pass(time.Second)
			for _, l := range listeners {
				lines := heardLines(l.v)
				want := l.distance <= k.reach
				check(t, (len(lines) == 1) == want && len(lines) <= 1,
					"%s at %.1f m: heard %q, want it heard: %v", k.name, l.distance, lines, want)
			}
		}
	})
}

func TestChatFromSimulatorSaysWho(t *testing.T) {
	inWorld(t, Config{}, func(w *world) {
		ann := w.enter("Ann", at(60, 60, 0))
		ann.sendReliable(ann.says(chatShout, "hello"))
		m, flags := expectFlags[*message.ChatFromSimulator](ann)
		check(t, flags&message.FlagReliable != 0, "it came unreliably")
		check(t, m.ChatData.SourceID == ann.Agent && m.ChatData.OwnerID == ann.Agent, "source %v, owner %v", m.ChatData.SourceID, m.ChatData.OwnerID)
		check(t, m.ChatData.SourceType == 1 && m.ChatData.ChatType == 2 && m.ChatData.Audible == 1,
			"source type %d, chat type %d, audible %d", m.ChatData.SourceType, m.ChatData.ChatType, m.ChatData.Audible)
		check(t, m.ChatData.Position.X == 60 && m.ChatData.Position.Y == 60, "said at %v", m.ChatData.Position)
		check(t, message.String(m.ChatData.FromName) == "Ann Tester", "said by %q", m.ChatData.FromName)
	})
}

func TestChatThatNobodyHears(t *testing.T) {
	inWorld(t, Config{}, func(w *world) {
		ann := w.enter("Ann", at(60, 60, 0))
		for name, spoil := range map[string]func(m *message.ChatFromViewer){
			"another channel": func(m *message.ChatFromViewer) { m.ChatData.Channel = 7 },
			"another agent":   func(m *message.ChatFromViewer) { m.AgentData.AgentID = uuid.New() },
			"another session": func(m *message.ChatFromViewer) { m.AgentData.SessionID = uuid.New() },
		} {
			m := ann.says(chatSay, "hello").(*message.ChatFromViewer)
			spoil(m)
			ann.sendReliable(m)
			w.pass(time.Second)
			if lines := heardLines(ann); lines != nil {
				t.Errorf("%s: %q was heard", name, lines)
			}
		}
		check(t, w.stats(0).Mismatched == 2, "%d messages counted as mismatched", w.stats(0).Mismatched)
	})
}

func TestTypingCarriesThroughTheRegion(t *testing.T) {
	inWorld(t, Config{}, func(w *world) {
		ann := w.enter("Ann", at(10, 10, 0))
		bob := w.enter("Bob", at(250, 250, 0))
		ann.sendReliable(ann.says(chatStartTyping, ""))
		m := expect[*message.ChatFromSimulator](bob)
		check(t, m.ChatData.ChatType == chatStartTyping, "chat type %d came", m.ChatData.ChatType)
	})
}

func TestLongChatIsCutAtACharacter(t *testing.T) {
	inWorld(t, Config{}, func(w *world) {
		ann := w.enter("Ann", at(60, 60, 0))
		m := ann.says(chatSay, "").(*message.ChatFromViewer)
		m.ChatData.Message = message.Text("x" + strings.Repeat("é", 520))
		ann.sendReliable(m)
		heard := expect[*message.ChatFromSimulator](ann)
		check(t, message.String(heard.ChatData.Message) == "x"+strings.Repeat("é", 511), "%d bytes came", len(heard.ChatData.Message))
	})
}

func TestChatIsHeardOnceWhateverIsSentTwice(t *testing.T) {
	inWorld(t, Config{}, func(w *world) {
		ann := w.enter("Ann", at(60, 60, 0))
		line := ann.says(chatSay, "once")
		ann.sendReliable(line)
		ann.sendAs(ann.sequence, message.FlagReliable|message.FlagResent, line)
		w.pass(time.Second)
		if lines := heardLines(ann); len(lines) != 1 {
			t.Errorf("heard %q", lines)
		}
	})
}
