package profiles_test

import (
	"fmt"

	"github.com/slload/slload/profiles"
)

func Example() {
	p, err := profiles.Parse([]byte(`
agents: {count: 2, duration: 10s, login_rate: 2/s}
behaviors:
  - {do: look, rate: 0.2/s, even: true}
`), "two.yaml")
	if err != nil {
		fmt.Println(err)
		return
	}
	plan, err := profiles.NewPlan(p, 7, profiles.Share{Index: 0, Count: 1})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, s := range plan.Sessions {
		fmt.Printf("agent %d from %v to %v\n", s.Agent, s.Login, s.Leave)
		for actions := plan.Actions(s); ; {
			a, ok := actions.Next()
			if !ok {
				break
			}
			fmt.Printf("  %s at %v\n", p.Behaviors[a.Behavior].Do, s.Login+a.At)
		}
	}
	// Output:
	// agent 0 from 0s to 11s
	//   look at 3.833864447s
	//   look at 8.833864447s
	// agent 1 from 500ms to 11s
	//   look at 4.067845177s
	//   look at 9.067845177s
}
