//go:build unix

package main

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// natsEnv has the test run, by make test-nats.
const natsEnv = "SLLOAD_TEST_NATS"

// TestClusterOnNATS makes a run on a NATS server of its own, which is killed in
// the middle of it and started again: nothing is lost, and nothing counts twice.
func TestClusterOnNATS(t *testing.T) {
	if os.Getenv(natsEnv) == "" {
		t.Skip("make test-nats runs this")
	}
	path, err := exec.LookPath("nats-server")
	if err != nil {
		t.Skip("there is no nats-server here; Debian's package is called nats-server")
	}
	c := newCrew(t, "14s")
	c.write("nats.conf", fmt.Sprintf("listen: %q\nauthorization {token: %q}\njetstream {store_dir: %q}\n", c.join, crewToken, filepath.Join(c.dir, "js")))
	server := c.serve(path)
	c.assemble("--nats", "nats://"+c.join)
	c.awaitInWorld(9)
	if err := server.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = server.Wait() // it was killed
	c.serve(path)
	code, s := c.end()
	if !fit(code) || len(s.Run.LostLoad) > 0 {
		t.Errorf("exit code %d, lost %+v", code, s.Run.LostLoad)
	}
	if err := madeBy(s, 3); err != nil {
		t.Error(err)
	}
	if s.Ops["login"].Count != 9 || s.Ops["logout"].Count != 9 {
		t.Errorf("%d logins, %d logouts", s.Ops["login"].Count, s.Ops["logout"].Count)
	}
	c.checkPlanned(s)
}

// serve starts NATS and returns when it takes connections.
func (c *crew) serve(path string) *exec.Cmd {
	c.t.Helper()
	cmd := exec.Command(path, "-c", "nats.conf")
	cmd.Dir, cmd.Stderr = c.dir, c.t.Output()
	if err := cmd.Start(); err != nil {
		c.t.Fatal(err)
	}
	c.t.Cleanup(func() { _ = cmd.Process.Kill() }) // it may have ended
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for range 200 {
		if conn, err := net.Dial("tcp4", c.join); err == nil {
			_ = conn.Close() // that it is there is all
			return cmd
		}
		<-tick.C
	}
	c.t.Fatal("nats-server doesn't come up")
	return nil
}
