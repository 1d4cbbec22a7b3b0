package testgrid

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestCompile(t *testing.T) {
	for _, tt := range []struct {
		name, text string
		want       map[string][]line
		err        string
	}{
		{"the default", defaultScript, map[string][]line{"state_entry": {{chatSay, 0, "Script running"}}}, ""},
		{"all that there is", `// speaks
default { /* when
  it begins */ state_entry() { llWhisper(-7, "a \"b\"\n"); llShout(0x10, ""); }
  on_rez(integer start) {} touch_end(integer n) { llOwnerSay("done"); } }`,
			map[string][]line{
				"state_entry": {{chatWhisper, -7, "a \"b\"\n"}, {chatShout, 16, ""}},
				"on_rez":      {}, "touch_end": {{chatOwner, 0, "done"}},
			}, ""},
		{"nothing", "", nil, `(0,0) Error: default was expected in place of ""`},
		{"another function", "default {\n state_entry() { llDie(); } }", nil,
			`(1,17) Error: "llDie" is not understood here: scripts of this grid only say constant text`},
		{"another event", "default { timer() {} }", nil, `(0,10) Error: the event "timer" is not understood here`},
		{"an event twice", "default { state_entry() {} state_entry() {} }", nil, "(0,44) Error: there are two of state_entry"},
		{"another state", "default {} state other {}", nil, "(0,11) Error: only a default state is understood here, not state"},
		{"no constant", "default { state_entry() { llSay(0, name); } }", nil, `(0,35) Error: "name" is no constant text`},
		{"no channel", "default { state_entry() { llSay(zero, \"\"); } }", nil, `(0,32) Error: "zero" is no integer`},
		{"no end of a text", "default { state_entry() { llSay(0, \"hello); } }", nil, "(0,35) Error: a text doesn't end"},
		{"no end", "default { state_entry() {", nil, `(0,25) Error: "" is not understood here: scripts of this grid only say constant text`},
		{"too many lines", "default { state_entry() {" + strings.Repeat("llSay(0,\"\");", mostLines+1) + "} }", nil,
			"(0,1225) Error: an event says 100 lines at most here"},
		{"a semicolon too few", "default { state_entry() { llSay(0, \"a\") } }", nil, `(0,40) Error: ; was expected in place of "}"`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s, err := compile(tt.text)
			if err != nil || tt.err != "" {
				check(t, err != nil && err.Error() == tt.err && s == nil, "%v, want %q", err, tt.err)
				return
			}
			if diff := cmp.Diff(tt.want, s.events, cmp.AllowUnexported(line{})); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func FuzzCompile(f *testing.F) {
	f.Add(defaultScript)
	f.Add("default { touch_start(integer n) { llSay(-1, \"\\\"\"); } } // end")
	f.Fuzz(func(t *testing.T, text string) {
		s, err := compile(text)
		if (s == nil) == (err == nil) {
			t.Errorf("script %v, error %v", s, err)
		}
	})
}
