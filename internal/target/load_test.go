package target

import (
	"errors"
	"strings"
	"testing"
)

func TestHowMuchAGridGets(t *testing.T) {
	most := func(l Load) Policy { return Policy{Allow: []string{"grid.test"}, Most: l} }
	for _, tt := range []struct {
		uri    string
		policy Policy
		load   Load
		want   string // in the error; "" where it is allowed
	}{
		{"http://127.0.0.1:9000/", most(Load{}), Load{1_000_000, 1e5, 1e7}, ""},
		{"http://localhost/", most(Load{Agents: 5}), Load{1_000_000, 1e5, 1e7}, ""}, // of grids beyond this machine
		{"http://lan.test/", most(Load{}), Load{5_000, 100, 100_000}, ""},
		{"http://lan.test/", most(Load{}), Load{5_001, 100, 1000}, "5001 agents, and a grid in a private network gets 5000 at most unless told otherwise: if it may have them, say --max-agents 5001"},
		{"http://lan.test/", most(Load{}), Load{10, 100.2, 1000}, "--max-logins 101"},
		{"http://lan.test/", most(Load{}), Load{10, 1, 100_001}, "--max-packets 100001"},
		{"http://grid.test/", most(Load{}), Load{200, 10, 5_000}, ""},
		{"http://grid.test/", most(Load{}), Load{201, 10, 5_000}, "a grid out of private networks gets 200"},
		{"http://grid.test/", most(Load{Agents: 300}), Load{300, 10, 5_000}, ""},
		{"http://grid.test/", most(Load{Agents: 300}), Load{300, 11, 5_000}, "--max-logins 11"},
		{"http://lan.test/", most(Load{Logins: 2}), Load{10, 3, 10}, "gets 2 at most"},
		{"http://half.test/", Policy{Allow: []string{"half.test"}}, Load{201, 1, 1}, "out of private networks"}, // by the farthest
	} {
		g, err := tt.policy.guard(t.Context(), testNames, []string{"http://127.0.0.1/", tt.uri})
		if err != nil {
			t.Fatal(err)
		}
		switch err := g.Check(tt.load); {
		case tt.want == "" && err != nil:
			t.Errorf("%s gets %v: %v", tt.uri, tt.load, err)
		case tt.want != "" && (!errors.As(err, new(*LoadError)) || !strings.Contains(err.Error(), tt.want)):
			t.Errorf("%s gets %v: %v; want %q", tt.uri, tt.load, err, tt.want)
		}
	}
}
