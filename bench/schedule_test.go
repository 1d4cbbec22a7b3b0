package main

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

func anySchedule(t *rapid.T) schedule {
	return schedule{agents: rapid.IntRange(1, 300).Draw(t, "agents"), rate: rapid.IntRange(1, 20).Draw(t, "rate")}
}

// Over some seconds every agent gets its messages, half of them chat, and a
// ping every five seconds.
func TestScheduleGivesEachAgentItsShare(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := anySchedule(t)
		type got struct{ all, chats, pings int }
		agents := make([]got, s.agents)
		const seconds = 2 * pingSeconds
		for k := range s.due(seconds * time.Second) {
			turn := s.at(k)
			a := &agents[turn.agent]
			a.all++
			if turn.chat {
				a.chats++
			}
			if turn.ping {
				a.pings++
			}
		}
		want := got{all: seconds * s.rate, chats: seconds * s.rate / 2, pings: 2}
		for i, a := range agents {
			if a != want {
				t.Fatalf("agent %d gets %+v, want %+v", i, a, want)
			}
		}
	})
}

// In any short while half of what goes out is chat, and what is due comes
// evenly: never more than its part of the time and one.
func TestScheduleIsEven(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := anySchedule(t)
		from := rapid.IntRange(0, 10*s.agents*s.rate).Draw(t, "from")
		n := 2 * rapid.IntRange(1, 50).Draw(t, "half")
		chats := 0
		for k := from; k < from+n; k++ {
			if s.at(k).chat {
				chats++
			}
		}
		if slack := 1 + n/s.agents; chats < n/2-slack || chats > n/2+slack {
			t.Fatalf("%d of %d messages from %d on are chat", chats, n, from)
		}
		now := time.Duration(rapid.Int64Range(0, int64(time.Hour)).Draw(t, "now"))
		step := time.Duration(rapid.Int64Range(0, int64(time.Second)).Draw(t, "step"))
		got, exact := s.due(now+step)-s.due(now), step.Seconds()*float64(s.agents*s.rate)
		if diff := float64(got) - exact; diff < -1.001 || diff > 1.001 {
			t.Fatalf("%d are due within %v at %v, want %.1f", got, step, now, exact)
		}
	})
}
