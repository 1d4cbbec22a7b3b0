package agent_test

import (
	"context"
	"fmt"
	"log"
	"net/http"
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

// Ten agents log in side by side on one loop. Each says its name, and the
// first hears them all.
func Example_tenAgents() {
	loginURI, closeGrid := startGrid()
	defer closeGrid()
	loop, closeLoop := runLoop()
	defer closeLoop()

	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	var agents [10]*agent.Agent
	var logins sync.WaitGroup
	for i := range agents {
		logins.Go(func() {
			var err error
			agents[i], err = agent.Login(ctx, agent.Options{
				Loop: loop, LoginURI: loginURI, Start: "uri:Region 1&128&128&25", // who talks is heard 20 m around
				Account: agent.Account{First: "Load", Last: fmt.Sprintf("Bot%d", i+1), Password: "open sesame"},
			})
			if err != nil {
				log.Fatal(err)
			}
		})
	}
	logins.Wait()

	lines := make(chan string, len(agents)) // a subscriber runs on the loop and must not block
	defer agent.Subscribe(agents[0], func(e agent.ChatHeard) { lines <- e.Text })()
	for _, a := range agents {
		if err := a.Say(ctx, "I am "+a.String()); err != nil {
			log.Fatal(err)
		}
	}
	for range agents {
		fmt.Println(<-lines)
	}
	for _, a := range agents {
		if err := a.Logout(ctx); err != nil {
			log.Fatal(err)
		}
	}
	// Unordered output:
	// I am Load Bot1
	// I am Load Bot2
	// I am Load Bot3
	// I am Load Bot4
	// I am Load Bot5
	// I am Load Bot6
	// I am Load Bot7
	// I am Load Bot8
	// I am Load Bot9
	// I am Load Bot10
}

// Two agents meet: one subscribes to instant messages and answers each; the
// other writes to it and waits for the answer.
func Example_instantMessages() {
	loginURI, closeGrid := startGrid()
	defer closeGrid()
	loop, closeLoop := runLoop()
	defer closeLoop()

	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	enter := func(last string) *agent.Agent {
		a, err := agent.Login(ctx, agent.Options{
			Loop: loop, LoginURI: loginURI,
			Account: agent.Account{First: "Load", Last: last, Password: "open sesame"},
		})
		if err != nil {
			log.Fatal(err)
		}
		return a
	}
	host, guest := enter("Bot1"), enter("Bot2")

	letters := make(chan agent.IMReceived, 1)
	unsubscribe := agent.Subscribe(host, func(e agent.IMReceived) { letters <- e })
	answered := agent.Expect(guest, func(e agent.IMReceived) bool { return e.From == host.ID })

	if err := guest.IM(ctx, host.ID, "is anybody there?"); err != nil {
		log.Fatal(err)
	}
	letter := <-letters
	fmt.Printf("%s: %s\n", letter.FromName, letter.Text)
	if err := host.IM(ctx, letter.From, "I am"); err != nil {
		log.Fatal(err)
	}
	answer, err := answered.Wait(ctx, "the answer")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%s: %s\n", answer.FromName, answer.Text)
	unsubscribe()
	for _, a := range []*agent.Agent{host, guest} {
		if err := a.Logout(ctx); err != nil {
			log.Fatal(err)
		}
	}
	// Output:
	// Load Bot2: is anybody there?
	// Load Bot1: I am
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
	return grid.LoginURI(), func() {
		http.DefaultClient.CloseIdleConnections() // a server waits for connections that were never used
		cancel()
		running.Wait()
	}
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
