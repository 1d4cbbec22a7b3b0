package main

import (
	"bytes"
	"strings"
	"testing"

	"github.com/slload/slload/behaviors"
)

// Every behaviour plays on the embedded grid with nothing but its name.
func TestEveryBehaviorPlays(t *testing.T) {
	t.Parallel()
	for _, b := range behaviors.All() {
		t.Run(b.Name, func(t *testing.T) {
			t.Parallel()
			args := []string{"play", b.Name, "--seed", "7"}
			if b.Endless() {
				args = append(args, "--duration", "500ms")
			}
			var stdout, stderr bytes.Buffer
			if code := execute(args, &stdout, &stderr); code != exitOK {
				t.Fatalf("exit code %d, %s\n%s", code, stderr.String(), stdout.String())
			}
			if !strings.Contains(stdout.String(), b.Name+" did what it should") || strings.Contains(stdout.String(), "FAILED") {
				t.Errorf("it says\n%s", stdout.String())
			}
		})
	}
}
