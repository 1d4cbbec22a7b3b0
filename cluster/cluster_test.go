package cluster

import (
	"os"
	"path/filepath"
	"testing"
)

func TestThreeWorkersMakeOneRun(t *testing.T) {
	inBubble(t, func(t *testing.T, th *theater) {
		l := startLead(t, th, nil)
		url := l.at()
		var workers []*hand
		for range 3 {
			workers = append(workers, startWorker(t, th, url, nil))
		}
		s := l.wait()
		if l.err != nil {
			t.Fatal(l.err)
		}
		for _, w := range workers {
			if err := w.wait(); err != nil {
				t.Errorf("a worker ended with %v", err)
			}
		}
		if got, want := chats(s), int64(th.total()*perTick); got != want || want != 3*30*perTick {
			t.Errorf("the run has %d chats, want %d", got, want)
		}
		if s.Agents.Logins != 90 || s.Actions.Started != 270 {
			t.Errorf("the run has %d logins and %d actions, want 90 and 270", s.Agents.Logins, s.Actions.Started)
		}
		if _, err := os.Stat(filepath.Join(l.dir, dirStore)); !os.IsNotExist(err) {
			t.Errorf("the store of NATS is left: %v", err)
		}
	})
}
