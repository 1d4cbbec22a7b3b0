package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// What a run was begun with comes back, from whatever directory it is resumed,
// but for what stands in its directory already.
func TestFlagsComeBack(t *testing.T) {
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	c := newRun(&logging{})
	args := []string{"--agents", "7", "--login-uri", "http://me:secret@127.0.0.1/", "--pcap", "one.pcap", "--ca", "ca.pem", "--allow-target", "a", "--allow-target", "b", "--shards", "2"}
	if err := c.ParseFlags(args); err != nil {
		t.Fatal(err)
	}
	words := remember(c)
	if strings.Contains(strings.Join(words, " "), "secret") {
		t.Errorf("a secret is remembered: %q", words)
	}
	back, err := recall(words)
	if err != nil {
		t.Fatal(err)
	}
	if back.pcap != filepath.Join(here, "one.pcap") || back.target.policy.CAFile != filepath.Join(here, "ca.pem") || back.shards != 2 || back.agents != 0 ||
		!slices.Equal(back.target.policy.Allow, []string{"a", "b"}) {
		t.Errorf("%q came back as %+v", words, back)
	}
}
