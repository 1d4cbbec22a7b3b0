package slload

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// A target without a recipe does nothing, and says that it is up to date.
func TestEveryMakeTargetHasARecipe(t *testing.T) {
	makefile, err := os.ReadFile("Makefile")
	if err != nil {
		t.Fatal(err)
	}
	phony := regexp.MustCompile(`(?m)^\.PHONY: (.*)$`).FindStringSubmatch(string(makefile))
	if phony == nil {
		t.Fatal("the Makefile has no .PHONY")
	}
	for _, target := range strings.Fields(phony[1]) {
		if !regexp.MustCompile(`(?m)^` + target + `:.*\n\t\S`).Match(makefile) {
			t.Errorf("make %s has no recipe", target)
		}
	}
}
