// Package junit writes JUnit's XML, the form in which continuous integration
// systems take outcomes. It knows nothing of runs; results, results/compare and
// the checks of cmd/slload write with it.
package junit

import (
	"encoding/xml"
	"io"
)

// Suite is a set of cases.
type Suite struct {
	XMLName  xml.Name `xml:"testsuite"`
	Name     string   `xml:"name,attr"`
	Tests    int      `xml:"tests,attr"`          // filled by Write
	Failures int      `xml:"failures,attr"`       // filled by Write
	Skipped  int      `xml:"skipped,attr"`        // filled by Write
	Time     string   `xml:"time,attr,omitempty"` // seconds
	Cases    []Case   `xml:"testcase"`
}

// Case is one outcome: neither failed nor skipped, it passed.
type Case struct {
	Class   string   `xml:"classname,attr"`
	Name    string   `xml:"name,attr"`
	Time    string   `xml:"time,attr,omitempty"` // seconds
	Failure *Message `xml:"failure"`
	Skipped *Message `xml:"skipped"`
	Output  string   `xml:"system-out,omitempty"`
}

// Message says why a case failed or was skipped.
type Message struct {
	Message string `xml:"message,attr"`
}

// Write writes the suite as a document.
func Write(w io.Writer, s Suite) error {
	s.Tests = len(s.Cases)
	for _, c := range s.Cases {
		if c.Failure != nil {
			s.Failures++
		}
		if c.Skipped != nil {
			s.Skipped++
		}
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	out := xml.NewEncoder(w)
	out.Indent("", "  ")
	document := struct {
		XMLName xml.Name `xml:"testsuites"`
		Suite   Suite
	}{Suite: s}
	if err := out.Encode(document); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}
