package behaviors

import (
	"errors"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/slload/slload/agent"
	"github.com/slload/slload/message"
	"pgregory.net/rapid"
)

func TestLookupTakesBothSpellings(t *testing.T) {
	two := &Behavior{Name: "two_words"}
	registry = append(registry, two)
	t.Cleanup(func() { registry = registry[:len(registry)-1] })
	for _, name := range []string{"two_words", "two-words", "Two_Words"} {
		if b, err := Lookup(name); b != two || err != nil {
			t.Errorf("Lookup(%q) = %v, %v", name, b, err)
		}
	}
	var unknown *UnknownError
	if _, err := Lookup("dance"); !errors.As(err, &unknown) || !slices.Contains(unknown.Known, "wander") || len(unknown.Known) != len(registry) {
		t.Errorf("Lookup of an unknown name: %v; want what there is", err)
	}
}

// There are too many behaviours for a line: the nearest is told, or where they
// are listed.
func TestAnUnknownNameIsALine(t *testing.T) {
	known := []string{"chat", "chat_interface", "group_chat", "look"}
	for name, want := range map[string]string{
		"chatt":     `there is no behaviour "chatt", did you mean chat?`,
		"groupchat": `there is no behaviour "groupchat", did you mean group_chat?`,
		"dance":     `there is no behaviour "dance"; slload behaviors lists the 4 there are`,
	} {
		if got := (&UnknownError{name, known}).Error(); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
}

func TestEveryBehaviorIsWhole(t *testing.T) {
	seen := map[string]bool{}
	for _, b := range All() {
		if b.Name == "" || b.Summary == "" || b.Run == nil || seen[b.Name] ||
			b.Roles != nil && len(b.Roles) != b.Accounts() || b.More && b.LoggedOut == 0 {
			t.Errorf("behaviour %+v lacks something, or is there twice", b)
		}
		seen[b.Name] = true
		for _, p := range b.Params {
			if p.Name == "" || p.Doc == "" || p.Type() == "" {
				t.Errorf("%s: parameter %+v lacks something", b.Name, p)
			}
		}
	}
}

func TestArgs(t *testing.T) {
	b := &Behavior{Name: "test", Params: []Param{
		{"text", "hello", "what"}, {"metres", 2.5, "far"}, {"long", 3 * time.Second, "time"}, {"loud", false, "how"},
	}}
	for _, tt := range []struct {
		name string
		with map[string]any
		want Args
		err  string
	}{
		{"defaults", nil, Args{"text": "hello", "metres": 2.5, "long": 3 * time.Second, "loud": false}, ""},
		{"all given", map[string]any{"text": "ho", "metres": 4, "long": "1m", "loud": true},
			Args{"text": "ho", "metres": 4.0, "long": time.Minute, "loud": true}, ""},
		{"YAML's integers", map[string]any{"metres": uint64(4)},
			Args{"text": "hello", "metres": 4.0, "long": 3 * time.Second, "loud": false}, ""},
		{"not a text", map[string]any{"text": 3}, nil, "behaviour test: text is a text, such as hello; 3 is none"},
		{"not a duration", map[string]any{"long": "soon"}, nil, "long is a duration, such as 3s; soon is none"},
		{"a negative duration", map[string]any{"long": "-1s"}, nil, "long is a duration"},
		{"not a number", map[string]any{"metres": math.NaN()}, nil, "metres is a number"},
		{"unknown", map[string]any{"colour": "red"}, nil, `has no parameter "colour"; it has long, loud, metres, text`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := b.Args(tt.with)
			if tt.err != "" {
				if err == nil || !strings.Contains(err.Error(), tt.err) {
					t.Fatalf("error %v, want one with %q", err, tt.err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("arguments (-want +got):\n%s", diff)
			}
		})
	}
}

func TestArgsFromText(t *testing.T) {
	b := &Behavior{Name: "test", Params: []Param{
		{"text", "hello", "what"}, {"metres", 2.5, "far"}, {"long", 3 * time.Second, "time"}, {"loud", false, "how"},
	}}
	got, err := b.ArgsFromText(map[string]string{"text": "7", "metres": "4", "long": "1m", "loud": "true"})
	if diff := cmp.Diff(Args{"text": "7", "metres": 4.0, "long": time.Minute, "loud": true}, got); err != nil || diff != "" {
		t.Errorf("error %v, arguments (-want +got):\n%s", err, diff)
	}
	for with, want := range map[string]string{"metres": "metres is a number", "loud": "loud is a true or false", "nose": `no parameter "nose"`} {
		if _, err := b.ArgsFromText(map[string]string{with: "red"}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s=red: error %v, want %q", with, err, want)
		}
	}
}

func TestACountIsNoLessThanNothing(t *testing.T) {
	for given, want := range map[float64]int{-1: 0, 0: 0, 2.9: 2, 1e300: math.MaxInt32} {
		if got := (Args{"most": given}).Count("most"); got != want {
			t.Errorf("%v counts as %d, want %d", given, got, want)
		}
	}
}

// Wherever the avatar stands and whatever chance says, a walk from near the
// border leads away from it.
func TestWanderStaysInTheRegion(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		const size, margin, step = 256, 24, 5 // metres
		x := rapid.Float64Range(0, size).Draw(t, "x")
		y := rapid.Float64Range(0, size).Draw(t, "y")
		s := agent.State{
			Region:   agent.RegionInfo{SizeX: size, SizeY: size},
			Position: message.Vector3{X: float32(x), Y: float32(y)},
		}
		yaw := heading(s, margin, rapid.Float64Range(0, 1).Draw(t, "chance"))
		nx, ny := x+step*math.Cos(yaw), y+step*math.Sin(yaw)
		edge := func(x, y float64) float64 { return min(x, y, size-x, size-y) }
		if edge(nx, ny) < min(edge(x, y), margin-step)-1e-3 {
			t.Errorf("from %.1f, %.1f to %.1f, %.1f: nearer to the border than %d m", x, y, nx, ny, margin-step)
		}
	})
}
