package behaviors_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/slload/slload/agent"
	"github.com/slload/slload/behaviors"
	"github.com/slload/slload/circuit"
	"github.com/slload/slload/testgrid"
)

// greet is a behaviour of one's own: what it needs, what can be set, and what
// is done, step by step.
var greet = behaviors.Behavior{
	Name:    "greet",
	Summary: "one agent greets another and hears its thanks",
	Agents:  2,
	Roles:   []string{"host", "guest"},
	Params: []behaviors.Param{
		{Name: "words", Default: "welcome", Doc: "what the host says"},
	},
	Run: func(ctx context.Context, c *behaviors.Cast) error {
		host, guest := c.Agents[0], c.Agents[1]
		greeted := agent.Expect(guest, func(e agent.ChatHeard) bool { return e.SourceID == host.ID })
		thanked := agent.Expect(host, func(e agent.ChatHeard) bool { return e.SourceID == guest.ID })
		defer greeted.Cancel()
		defer thanked.Cancel()
		err := c.Step("greet the guest", func() error {
			return host.Say(ctx, c.Args.Text("words")+", "+guest.String())
		})
		if err != nil {
			return err
		}
		return c.Step("hear its thanks", func() error {
			heard, err := greeted.Wait(ctx, "the greeting")
			if err == nil {
				c.Note("the guest heard %q", heard.Text)
				err = guest.Say(ctx, "thank you")
			}
			if err == nil {
				_, err = thanked.Wait(ctx, "the thanks")
			}
			return err
		})
	},
}

// Play a behaviour of one's own, once, with two agents, and tell how it goes.
func Example_ownBehavior() {
	host, guest, leave := enterAGrid()
	defer leave()

	args, err := greet.Args(map[string]any{"words": "good evening"}) // what isn't given has its default
	if err != nil {
		log.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	err = greet.Run(ctx, &behaviors.Cast{
		Agents: []*agent.Agent{host, guest}, Args: args,
		Rand: rand.New(rand.NewPCG(1, 2)), Narrator: teller{},
	})
	if err != nil {
		log.Fatal(err)
	}
	// Output:
	// greet the guest: <nil>
	// the guest heard "good evening, Load Bot2"
	// hear its thanks: <nil>
}

// teller tells the steps of a behaviour as they end.
type teller struct{}

func (teller) Begin(step string) func(error) {
	return func(err error) { fmt.Printf("%s: %v\n", step, err) }
}
func (teller) Note(text string) { fmt.Println(text) }

// enterAGrid logs two agents in to an embedded grid.
func enterAGrid() (host, guest *agent.Agent, leave func()) {
	grid, err := testgrid.New(testgrid.Config{Password: password})
	if err != nil {
		log.Fatal(err)
	}
	conn, err := circuit.NewTransport(circuit.TransportConfig{})
	if err != nil {
		log.Fatal(err)
	}
	dispatch := circuit.NewDispatch()
	agent.RegisterHandlers(dispatch)
	loop := circuit.NewLoop(circuit.Config{Conn: conn, Dispatch: dispatch})
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	for _, run := range []func(context.Context) error{grid.Run, loop.Run} {
		running.Go(func() {
			if err := run(ctx); err != nil {
				log.Fatal(err)
			}
		})
	}
	enter := func(last string) *agent.Agent {
		a, err := agent.Login(ctx, agent.Options{
			Loop: loop, LoginURI: grid.LoginURI(), HTTP: oneRequestEach(nil), Start: "uri:Region 1&128&128&25",
			Account: agent.Account{First: "Load", Last: last, Password: password},
		})
		if err != nil {
			log.Fatal(err)
		}
		return a
	}
	host, guest = enter("Bot1"), enter("Bot2")
	return host, guest, func() {
		if err := errors.Join(host.Logout(ctx), guest.Logout(ctx)); err != nil {
			log.Fatal(err)
		}
		cancel()
		running.Wait()
	}
}
