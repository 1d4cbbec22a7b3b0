package login

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/slload/slload/internal/reason"
)

// A Failure is a login that the grid answered and did not grant. Two failures
// are the same to errors.Is when their codes are.
type Failure struct {
	Code    string // the grid's word: key, presence, mfa_challenge, ...
	Message string // the grid's text, for people
	// MessageID names Message in a viewer's translations (Second Life).
	MessageID string
}

// The failures that callers tell apart. OpenSim says "key" for a region that
// is down or an inventory that doesn't answer, too: Message tells them apart.
var (
	ErrWrongPassword = &Failure{Code: "key"}
	ErrPresence      = &Failure{Code: "presence"}      // still logged in from before
	ErrMFA           = &Failure{Code: "mfa_challenge"} // a second factor is wanted
	ErrTOS           = &Failure{Code: "tos"}           // AgreeToTOS is wanted
	ErrCritical      = &Failure{Code: "critical"}      // ReadCritical is wanted
	ErrUpdate        = &Failure{Code: "update"}        // Version is too old for the grid
	ErrNoSeed        = &Failure{Code: "no_seed"}       // granted, but no seed capability came
	ErrRedirects     = &Failure{Code: "redirects"}     // sent from service to service, or nowhere
	ErrFault         = &Failure{Code: "fault"}         // an XML-RPC fault
)

// advice is what to do about a failure, by its reason. OpenSim says "Internal
// Error" to every login once two at the same time have broken its presences.
var advice = map[string]string{
	"key":            "check the name and the password",
	"presence":       "the account is still logged in; try again in a while",
	"mfa_challenge":  "the account wants a second factor; set a token",
	"tos":            "the grid's terms of service are to be agreed to",
	"critical":       "the grid's message is to be read",
	"internal_error": "if every login fails so, restart the grid's login service",
	"update":         "the grid wants a newer viewer; set channel and version",
}

func (f *Failure) Error() string {
	text := "the login failed (" + reason.OneLine(f.Code) + ")"
	if f.Code == "" {
		text = "the grid refused the login and gave no reason"
	}
	if f.Message != "" {
		text += ": " + reason.OneLine(f.Message)
	}
	if todo := advice[f.Reason()]; todo != "" {
		text += "; " + todo
	}
	return text
}

// Is compares codes.
func (f *Failure) Is(target error) bool {
	t, ok := target.(*Failure)
	return ok && t.Code == f.Code
}

// Reason is the code as one word, by which a run counts the failure.
func (f *Failure) Reason() string {
	if f.Code == "" {
		return "refused_login"
	}
	return strings.Join(strings.Fields(strings.ToLower(f.Code)), "_")
}

// ErrURI is a Client whose URI can't be called.
var ErrURI = errors.New("the login URI is no http address; give one like http://127.0.0.1:9000/")

// HTTPError is an answer of the login service whose status was not 200.
type HTTPError struct {
	Status   int
	Location string // of an HTTP redirect: it is not followed
}

func (e *HTTPError) Error() string {
	text := fmt.Sprintf("the grid answered HTTP %d %s", e.Status, http.StatusText(e.Status))
	if e.Location != "" {
		text += ", see " + e.Location + "; if that is the login service, give its address"
	}
	return text
}

// Reason is the word by which a run counts this failure: http_503.
func (e *HTTPError) Reason() string { return fmt.Sprintf("http_%d", e.Status) }

// An AnswerError is an answer that is no login answer: another service
// listens there, or it broke off.
type AnswerError struct{ Err error }

func (e *AnswerError) Error() string {
	return fmt.Sprintf("the answer can't be read as one of a login service: %v", e.Err)
}

// Unwrap gives the decoder's error.
func (e *AnswerError) Unwrap() error { return e.Err }

// Reason is the word by which a run counts this failure.
func (e *AnswerError) Reason() string { return "bad_body" }
