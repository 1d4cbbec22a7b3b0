package results

import (
	"bytes"
	"encoding/csv"
	"slices"
	"strings"
	"testing"

	"github.com/slload/slload/profiles"
)

func TestCSVHasEveryOperationOfEveryPhase(t *testing.T) {
	r := playCrowd(t, Manifest{})
	s := r.finish()
	var b bytes.Buffer
	if err := WriteCSV(&b, s); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(&b).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	want := 1 + 2*len(s.Ops)
	for _, p := range s.Phases {
		want += 2 * len(p.Ops)
	}
	if len(rows) != want || !slices.Equal(rows[0], csvHead) {
		t.Fatalf("%d rows below %q, want %d", len(rows), rows[0], want)
	}
	i := slices.IndexFunc(rows, func(row []string) bool {
		return row[1] == "stage 2" && row[4] == "msg.chat" && row[5] == kindService
	})
	if i < 0 {
		t.Fatalf("no service times of msg.chat in stage 2:\n%q", rows)
	}
	same(t, "its row", rows[i][:10], []string{s.Run.ID, "stage 2", "11.5", "32.5", "msg.chat", kindService, "800", "20",
		decimal(float64(s.Phases[2].Ops["msg.chat"].ServiceNS.Min)), decimal(float64(s.Phases[2].Ops["msg.chat"].ServiceNS.P50))})
}

func TestCSVOfFailuresHasNoTimes(t *testing.T) {
	var b bytes.Buffer
	if err := WriteCSV(&b, &Summary{Run: Run{ID: "x"}, Ops: map[string]Op{"login": {Errors: 3}}}); err != nil {
		t.Fatal(err)
	}
	if want := "x,run,0,0,login,response,0,3,,,,,,,,\n"; !strings.Contains(b.String(), want) {
		t.Errorf("%s\nhas not %s", b.String(), want)
	}
}

func TestJUnitOfARun(t *testing.T) {
	m := &Manifest{Thresholds: []profiles.Threshold{threshold(t, "login.p95 < 2s"), threshold(t, "errors < 1%")}}
	s := &Summary{Run: Run{Profile: "crowd", Seconds: 60}}
	for _, test := range []struct {
		verdict Verdict
		want    []string
		not     string
	}{
		{Verdict{Generator: Valid}, []string{`tests="3" failures="0"`}, "<failure"},
		{Verdict{Generator: Suspect, Reasons: []string{"a pause"}}, []string{`failures="0"`, "SUSPECT", "a pause"}, "<failure"},
		{Verdict{Generator: Invalid, Reasons: []string{"timers late"}}, []string{`failures="1"`, "INVALID", "timers late"}, "was"},
		{Verdict{Generator: Valid, Failed: []string{"errors < 1%: was 3%"}},
			[]string{`failures="1"`, `name="errors &lt; 1%">` + "\n      <failure message=\"was 3%\">"}, "INVALID"},
	} {
		s.Verdict = test.verdict
		var b bytes.Buffer
		if err := WriteJUnit(&b, m, s); err != nil {
			t.Fatal(err)
		}
		for _, want := range test.want {
			if !strings.Contains(b.String(), want) {
				t.Errorf("%+v: no %s in\n%s", test.verdict, want, b.String())
			}
		}
		if strings.Contains(b.String(), test.not) {
			t.Errorf("%+v: %s in\n%s", test.verdict, test.not, b.String())
		}
	}
}
