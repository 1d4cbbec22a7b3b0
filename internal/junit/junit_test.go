package junit

import (
	"encoding/xml"
	"errors"
	"strings"
	"testing"
)

func TestWrite(t *testing.T) {
	var b strings.Builder
	err := Write(&b, Suite{Name: `a "suite" <of> & ends`, Time: "1.5", Cases: []Case{
		{Class: "c", Name: "passes", Output: "fine"},
		{Class: "c", Name: "fails", Failure: &Message{Message: "3 < 4 & more"}},
		{Class: "c", Name: "is skipped", Skipped: &Message{Message: "not now"}},
		{Class: "c", Name: "fails, too", Failure: &Message{}},
	}})
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		XMLName xml.Name `xml:"testsuites"`
		Suites  []Suite  `xml:"testsuite"`
	}
	if err := xml.Unmarshal([]byte(b.String()), &got); err != nil {
		t.Fatalf("%v in\n%s", err, b.String())
	}
	if len(got.Suites) != 1 {
		t.Fatalf("%d suites, want 1:\n%s", len(got.Suites), b.String())
	}
	s := got.Suites[0]
	if s.Name != `a "suite" <of> & ends` || s.Tests != 4 || s.Failures != 2 || s.Skipped != 1 || s.Time != "1.5" {
		t.Errorf("%+v: want 4 tests, 2 failures, 1 skipped, in 1.5 s", s)
	}
	if f := s.Cases[1].Failure; f == nil || f.Message != "3 < 4 & more" || s.Cases[0].Failure != nil {
		t.Errorf("the failure is %+v, of the case that passed %+v", f, s.Cases[0].Failure)
	}
}

type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, errors.New("no space left") }

func TestWriteTellsOfFailure(t *testing.T) {
	if err := Write(fullDisk{}, Suite{}); err == nil {
		t.Error("a full disk was not told of")
	}
}
