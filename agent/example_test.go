package agent_test

import (
	"context"
	"fmt"
	"log"
	"sync"
	"time"

	"github.com/slload/slload/agent"
	"github.com/slload/slload/circuit"
	"github.com/slload/slload/testgrid"
)

// Log in to a grid, say hello, and log out. The grid of this example is the
// embedded one; any other's login URI does as well.
func Example() {
	loginURI, closeGrid := startGrid()
	defer closeGrid()
	loop, closeLoop := runLoop()
	defer closeLoop()

	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	a, err := agent.Login(ctx, agent.Options{
		Loop: loop, LoginURI: loginURI,
		Account: agent.Account{First: "Load", Last: "Bot1", Password: "open sesame"},
	})
	if err != nil {
		log.Fatal(err)
	}
	heard := agent.Expect(a, func(e agent.ChatHeard) bool { return e.SourceID == a.ID })
	if err := a.Say(ctx, "hello"); err != nil {
		log.Fatal(err)
	}
	line, err := heard.Wait(ctx, "its own line")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%s: %s\n", line.From, line.Text)
	if err := a.Logout(ctx); err != nil {
		log.Fatal(err)
	}
	// Output: Load Bot1: hello
}

// Two agents meet: one walks and turns, the other hears of it by an instant
// message, and both say goodbye.
func Example_twoAgents() {
	loginURI, closeGrid := startGrid()
	defer closeGrid()
	loop, closeLoop := runLoop()
	defer closeLoop()

	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	var agents []*agent.Agent
	for _, last := range []string{"Bot1", "Bot2"} {
		a, err := agent.Login(ctx, agent.Options{
			Loop: loop, LoginURI: loginURI,
			Account: agent.Account{First: "Load", Last: last, Password: "open sesame"},
		})
		if err != nil {
			log.Fatal(err)
		}
		agents = append(agents, a)
	}
	walker, other := agents[0], agents[1]
	cancelHeard := agent.Subscribe(other, func(e agent.IMReceived) { fmt.Printf("%s: %s\n", e.FromName, e.Text) })
	defer cancelHeard()
	for _, step := range []func() error{
		func() error { return walker.Turn(ctx, 0) },
		func() error { return walker.Walk(ctx) },
		func() error { return walker.Stop(ctx) },
		func() error { return walker.IMTo(ctx, other, "I have walked east") },
		func() error { return walker.Logout(ctx) },
		func() error { return other.Logout(ctx) },
	} {
		if err := step(); err != nil {
			log.Fatal(err)
		}
	}
	// Output: Load Bot1: I have walked east
}

// startGrid runs an embedded grid.
func startGrid() (loginURI string, closeGrid func()) {
	grid, err := testgrid.New(testgrid.Config{Password: "open sesame"})
	if err != nil {
		log.Fatal(err)
	}
	var running sync.WaitGroup
	ctx, cancel := context.WithCancel(context.Background())
	running.Go(func() {
		if err := grid.Run(ctx); err != nil {
			log.Fatal(err)
		}
	})
	return grid.LoginURI(), func() { cancel(); running.Wait() }
}

// runLoop runs a loop for agents: it owns their circuits and calls their
// callbacks. A few thousand agents share one.
func runLoop() (loop *circuit.Loop, closeLoop func()) {
	conn, err := circuit.NewTransport(circuit.TransportConfig{})
	if err != nil {
		log.Fatal(err)
	}
	dispatch := circuit.NewDispatch()
	agent.RegisterHandlers(dispatch)
	loop = circuit.NewLoop(circuit.Config{Conn: conn, Dispatch: dispatch})
	var running sync.WaitGroup
	ctx, cancel := context.WithCancel(context.Background())
	running.Go(func() {
		if err := loop.Run(ctx); err != nil {
			log.Fatal(err)
		}
	})
	return loop, func() { cancel(); running.Wait() }
}
