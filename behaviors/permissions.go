package behaviors

import (
	_ "embed" // permissions.csv
	"encoding/csv"
	"fmt"
	"strings"
)

// permissionRules is what a grid's permissions must come to, written by hand
// from the rules: what the next owner may do that the maker of a thing left to
// him, by kind of thing, by what was left, and by the way that it took. Who may
// not copy may give away, and all may move what is theirs.
//
//go:embed permissions.csv
var permissionRules string

// PermissionChecks gives the checks of `slload permissions`: one a rule, each
// of which takes three agents.
func PermissionChecks() []Check {
	rows, err := csv.NewReader(strings.NewReader(permissionRules)).ReadAll()
	if err != nil {
		panic(err) // a test reads it, too
	}
	var list []Check
	for _, row := range rows[1:] {
		kind, next, way, expected := row[0], row[1], row[2], row[3]
		list = append(list, Check{
			Name: fmt.Sprintf("%s, next owner %s, %s", kind, next, way), Behavior: permissionCheck.Name,
			With: map[string]string{"kind": kind, "next": next, "way": way, "expected": expected},
		})
	}
	return list
}
