package page

import (
	"crypto/sha256"
	_ "embed" // the script
	"encoding/base64"
	"fmt"
)

// Live is what the page of a run has beside a report, while it comes from a
// server and renews itself.
type Live struct {
	// Version names this state of the page; the page asks for the one after it.
	Version string
	// Going tells that the run goes on, and Phase of its plan. The plan takes
	// Planned seconds, logouts left out.
	Going   bool
	Phase   string
	Planned float64
	// Failure says why the run ended before its time; "" where it didn't.
	Failure string
}

// State is the word by which the page's script knows whether the run goes on.
func (l *Live) State() string {
	if l.Going {
		return "going"
	}
	return "over"
}

//go:embed live.js
var script string

// Policy is the content security policy of a live page: its own script, and
// questions to the server that it came from.
var Policy = "default-src 'none'; style-src 'unsafe-inline'; script-src '" + hashOf(script) +
	"'; connect-src 'self'; base-uri 'none'; form-action 'none'"

// hashOf is what a policy allows an inline script by.
func hashOf(script string) string {
	sum := sha256.Sum256([]byte(script))
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}

// clock writes seconds as people tell how far something is: 1:05, 2:00:00.
func clock(seconds float64) string {
	if !(seconds > 0) {
		seconds = 0
	}
	n := int64(seconds + 0.5)
	if n >= 3600 {
		return fmt.Sprintf("%d:%02d:%02d", n/3600, n/60%60, n%60)
	}
	return fmt.Sprintf("%d:%02d", n/60, n%60)
}
