package main

import (
	"fmt"
	"slices"
	"testing"
)

func TestOrderIsDrawnBlockByBlock(t *testing.T) {
	f := abFlags{a: "http://a/", b: "http://b/", blocks: 20}
	runs := f.order(7)
	if len(runs) != 40 || !slices.Equal(runs, f.order(7)) {
		t.Fatalf("%d runs, or another order by the same seed; want 40", len(runs))
	}
	aFirst := 0
	for block := range f.blocks {
		first, second := runs[2*block], runs[2*block+1]
		if first.side == second.side || first.seed != second.seed || first.seed != 7+uint64(block) {
			t.Errorf("block %d: %+v, %+v; want one of either side with seed %d", block+1, first, second, 7+block)
		}
		for _, r := range []abRun{first, second} {
			if want := fmt.Sprintf("%02d-%s", block+1, r.side); r.name != want || r.loginURI != "http://"+r.side+"/" {
				t.Errorf("%+v, want %s at its own grid", r, want)
			}
		}
		if first.side == "a" {
			aFirst++
		}
	}
	if aFirst < 4 || aFirst > 16 {
		t.Errorf("A comes first in %d blocks of 20: that is not drawn", aFirst)
	}
}

func TestAnInvalidRunEndsTheTrial(t *testing.T) {
	err := fmt.Errorf("run 3 of 14: %w", &invalidError{[]string{"timers late"}})
	if code := exitCode(err); code != exitInvalid {
		t.Errorf("exit code %d, want %d", code, exitInvalid)
	}
}
