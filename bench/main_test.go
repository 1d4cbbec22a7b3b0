package main

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"
)

var update = flag.Bool("update", false, "write the golden files anew")

// TestMain makes the test binary all the programs that the bench starts, by
// the names of links to it: see links.
func TestMain(m *testing.M) {
	if role := roles[filepath.Base(os.Args[0])]; role != nil {
		os.Exit(role(os.Args[1:]))
	}
	goleak.VerifyTestMain(m)
}

// roles of the test binary: what it is when it is called by that name.
var roles = map[string]func(args []string) int{
	"bench": func(args []string) int { return execute(context.Background(), args, os.Stdout, os.Stderr) },
	"floor": fakeFloor,
	"echo":  echo,
}

// fakeFloor claims figures that every run can match, and repeats how it was
// called on its standard error.
func fakeFloor(args []string) int {
	fmt.Fprintln(os.Stderr, "floor", args)
	if len(args) != 5 {
		return 2
	}
	fmt.Printf(`{"floor":%q,"endpoints":20,"sent_per_s":1,"received_per_s":1,"cpu_percent":1,"cpu_s_per_mpkt":4}`+"\n", args[0])
	return 0
}

// echo sends back what comes to a port, until it is killed.
func echo(args []string) int {
	conn, err := net.ListenPacket("udp4", "127.0.0.1:"+args[0])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	buf := make([]byte, 2048)
	for {
		n, from, err := conn.ReadFrom(buf)
		if err != nil {
			return 1
		}
		_, _ = conn.WriteTo(buf[:n], from) // lost on the way, as UDP's are
	}
}

// link makes a link to the test binary and gives its path.
func link(t *testing.T, name string) string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), name)
	if err := os.Symlink(self, path); err != nil {
		t.Skipf("no links here: %v", err)
	}
	return path
}

// golden compares got with a file in testdata.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(bytes.ReplaceAll(want, []byte("\r\n"), []byte("\n"))), string(got)); diff != "" {
		t.Errorf("%s (-want +got):\n%s", file, diff)
	}
}
