package swarm

import (
	"strings"
	"testing"

	"github.com/slload/slload/circuit"
)

func TestWhatARunNeeds(t *testing.T) {
	plenty := Limits{Descriptors: 1 << 20, MaxDescriptors: 1 << 20, Ports: 28232}
	for _, test := range []struct {
		name    string
		size    Size
		limits  Limits
		missing []string // a part of each
	}{
		{"small", Size{Agents: 100, EventQueue: true, Mode: circuit.ModeEpoll, Loops: 1}, Limits{1024, 1024, 28232}, nil},
		{"no limit is known", Size{Agents: 1e6, EventQueue: true, Mode: circuit.ModePortable}, Limits{}, nil},
		{"the soft limit can be raised", Size{Agents: 5000, EventQueue: true, Mode: circuit.ModeShared, Loops: 2}, Limits{1024, 1 << 20, 28232}, nil},
		{"event queues on one socket", Size{Agents: 5000, EventQueue: true, Mode: circuit.ModeShared, Loops: 2}, Limits{1024, 4096, 28232},
			[]string{"file descriptors: the run needs 5354 (5000 for event queues, 2 for UDP, 352 for other), there are 4096; run: ulimit -n 5354"}},
		{"without event queues a socket shared is enough", Size{Agents: 5000, Mode: circuit.ModeShared, Loops: 2}, Limits{1024, 1024, 28232}, nil},
		{"without event queues, a socket each", Size{Agents: 5000, Mode: circuit.ModeEpoll, Loops: 2}, Limits{1024, 1024, 28232},
			[]string{"(0 for event queues, 5000 for UDP"}},
		{"more event queues than ports", Size{Agents: 30000, EventQueue: true, Mode: circuit.ModeShared, Loops: 2}, plenty,
			[]string{"TCP ports: the run needs 30320 (a connection for each event queue, and logins), there are 28232; run: sysctl"}},
		{"two sources have twice the ports", Size{Agents: 30000, EventQueue: true, Mode: circuit.ModeEpoll, Sources: 2, Loops: 2}, plenty, nil},
		{"more of both than one source has", Size{Agents: 30000, EventQueue: true, Mode: circuit.ModeEpoll, Sources: 1, Loops: 2}, plenty,
			[]string{"TCP ports", "UDP ports: the run needs 30000 (a socket for each agent), there are 28232"}},
		{"a shared socket over few sources is many", Size{Agents: 5000, Mode: circuit.ModeShared, Sources: 4, Loops: 1}, Limits{1024, 1024, 28232},
			[]string{"1250 for UDP"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := test.size.Missing(test.limits)
			for i, s := range got {
				if i >= len(test.missing) || !strings.Contains(s.String(), test.missing[i]) {
					t.Errorf("it lacks %v", s)
				}
			}
			if len(got) < len(test.missing) {
				t.Errorf("%d things are missing, want %d", len(got), len(test.missing))
			}
		})
	}
}
