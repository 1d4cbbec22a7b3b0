package cluster

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/slload/slload/swarm"
)

// What the controller allows holds for its workers, but for files: theirs are
// their own.
func TestAWorkersSwarm(t *testing.T) {
	t.Parallel()
	w := &worker{cfg: WorkerConfig{CA: "here.pem", Getenv: func(string) string { return "secret" }}}
	cfg, err := w.swarm(&assignment{
		Of: 2, Segment: 1, Profile: testProfile, LoginURI: "http://127.0.0.1:9000/",
		Target: swarm.Target{Allow: []string{"grid.example"}, CAFile: "there.pem"},
	})
	if err != nil {
		t.Fatal(err)
	}
	want := swarm.Target{Allow: []string{"grid.example"}, CAFile: "here.pem"}
	if diff := cmp.Diff(want, cfg.Target); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}
