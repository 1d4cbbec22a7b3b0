package main

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/slload/slload/behaviors"
	"github.com/slload/slload/internal/junit"
)

// written is what a format makes of three checks.
func written(t *testing.T, format string) string {
	t.Helper()
	var out bytes.Buffer
	r, err := newReporter(format, "slload.test", &out)
	if err != nil {
		t.Fatal(err)
	}
	r.begin(3, "http://127.0.0.1:9000/")
	for _, result := range []behaviors.CheckResult{
		{Name: "chat echo", Status: behaviors.Pass, Took: 1500 * time.Microsecond},
		{Name: "group chat", Status: behaviors.Skip, Took: 0, Detail: "the grid has #no\n groups"},
		{Name: "walk <far>", Status: behaviors.Fail, Took: 2 * time.Second, Detail: `it "fell"`, Err: errors.New("x")},
	} {
		if err := r.check(reported(result)); err != nil {
			t.Fatal(err)
		}
	}
	if err := r.end(3 * time.Second); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestReportsForPeople(t *testing.T) {
	for format, want := range map[string]string{
		"text": "3 checks on http://127.0.0.1:9000/\n" +
			"pass   1.50 ms  chat echo\n" +
			"skip      0 µs  group chat: the grid has #no groups\n" +
			"fail    2.00 s  walk <far>: it \"fell\"\n" +
			"1 passed, 1 failed, 1 skipped, in 3.00 s\n",
		"tap": "TAP version 13\n1..3\n" +
			"ok 1 - chat echo\n" +
			"ok 2 - group chat # SKIP the grid has \\#no groups\n" +
			"not ok 3 - walk <far>\n# it \"fell\"\n",
	} {
		if diff := cmp.Diff(want, written(t, format)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", format, diff)
		}
	}
}

func TestReportAsJSON(t *testing.T) {
	var got map[string][]map[string]any
	if err := json.Unmarshal([]byte(written(t, "json")), &got); err != nil {
		t.Fatal(err)
	}
	want := map[string][]map[string]any{"checks": {
		{"name": "chat echo", "status": "pass", "ms": 1.5, "detail": ""},
		{"name": "group chat", "status": "skip", "ms": 0.0, "detail": "the grid has #no groups"},
		{"name": "walk <far>", "status": "fail", "ms": 2000.0, "detail": `it "fell"`},
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("report (-want +got):\n%s", diff)
	}
}

func TestReportAsJUnit(t *testing.T) {
	var got struct {
		Suite junit.Suite `xml:"testsuite"`
	}
	if err := xml.Unmarshal([]byte(written(t, "junit")), &got); err != nil {
		t.Fatal(err)
	}
	want := junit.Suite{
		XMLName: xml.Name{Local: "testsuite"}, Name: "slload.test", Tests: 3, Failures: 1, Skipped: 1, Time: "3.000",
		Cases: []junit.Case{
			{Class: "slload.test", Name: "chat echo", Time: "0.002"},
			{Class: "slload.test", Name: "group chat", Time: "0.000", Skipped: &junit.Message{Message: "the grid has #no groups"}},
			{Class: "slload.test", Name: "walk <far>", Time: "2.000", Failure: &junit.Message{Message: `it "fell"`}},
		},
	}
	if diff := cmp.Diff(want, got.Suite); diff != "" {
		t.Errorf("report (-want +got):\n%s", diff)
	}
}
