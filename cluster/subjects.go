package cluster

import (
	"fmt"
	"regexp"
	"strconv"
)

// DefaultName is the root of subjects where none is given: clusters of different
// names don't see each other on one NATS.
const DefaultName = "slload"

// Names are parts of subjects, of stream names and of file names.
var (
	nameForm = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]{0,31}$`)
	runForm  = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,79}$`)
	idForm   = regexp.MustCompile(`^[a-z0-9-]{8,36}$`)
)

func checkName(name string) error {
	if !nameForm.MatchString(name) {
		return fmt.Errorf("cluster name %q: want up to 32 letters, digits, - and _", name)
	}
	return nil
}

// subjects are the subjects of one cluster; run is empty before it is known.
type subjects struct{ name, run string }

func (s subjects) join() string            { return s.name + ".join" }
func (s subjects) clock() string           { return s.name + ".clock" }
func (s subjects) worker(id string) string { return s.name + ".worker." + id }
func (s subjects) beat() string            { return s.name + "." + s.run + ".beat" }
func (s subjects) beatOf(id string) string { return s.beat() + "." + id }
func (s subjects) frames(seg int) string   { return s.framesRoot() + "." + strconv.Itoa(seg) }
func (s subjects) framesRoot() string      { return s.name + "." + s.run + ".frames" }
func (s subjects) stream() string          { return s.name + "_" + s.run }
func (s subjects) of(run string) subjects  { return subjects{s.name, run} }
