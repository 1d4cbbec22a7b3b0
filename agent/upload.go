package agent

import (
	"context"
	"fmt"
	"net/http"

	"github.com/google/uuid"

	"github.com/slload/slload/caps"
	"github.com/slload/slload/internal/reason"
	"github.com/slload/slload/llsd"
)

// Uploaded is what came of an upload by capability.
type Uploaded struct {
	Asset uuid.UUID // the new data's id
	Item  uuid.UUID // the inventory item that stands for it; uuid.Nil where there is none

	// Scripts only: whether the simulator could compile it, and what it had to
	// say where not, a line each. OpenSim compiles only what is in an object.
	Compiled bool
	Errors   []string
}

// UploadError is an upload that the simulator refused, with its words.
type UploadError struct{ Name, State, Message string }

func (e *UploadError) Error() string {
	return fmt.Sprintf("upload by %s: the simulator said %q: %s", e.Name, e.State, reason.OneLine(e.Message))
}

// Reason is the word by which a run counts this failure.
func (e *UploadError) Reason() string { return "upload_refused" }

// uploadAnswer is what the capability and the uploader answer: a place to send
// the data to, then what came of it.
type uploadAnswer struct {
	State    string    `llsd:"state"`
	Uploader string    `llsd:"uploader"`
	Asset    uuid.UUID `llsd:"new_asset"`
	Item     uuid.UUID `llsd:"new_inventory_item"`
	Compiled bool      `llsd:"compiled"`
	Errors   []string  `llsd:"errors"`
	Message  string    `llsd:"message"`
	Error    struct {
		Message string `llsd:"message"`
	} `llsd:"error"`
}

// upload sends data by one of the capabilities that upload in two steps: what
// says what it is, the answer where to send it ("state" is "upload"); what
// answers there, "complete".
func (a *Agent) upload(ctx context.Context, name string, what any, data []byte) (Uploaded, error) {
	var asked, done uploadAnswer
	if err := a.call(ctx, http.MethodPost, name, what, &asked); err != nil {
		return Uploaded{}, err
	}
	if asked.State != "upload" || asked.Uploader == "" {
		return Uploaded{}, asked.refusal(name)
	}
	body, err := caps.Do(ctx, a.opt.HTTP, caps.Request{
		Method: http.MethodPost, Name: name + "'s uploader", URL: asked.Uploader,
		ContentType: "application/octet-stream", Body: data,
	})
	if err != nil {
		return Uploaded{}, err
	}
	if err := llsd.Decode(body, &done); err != nil {
		return Uploaded{}, fmt.Errorf("upload by %s: %w", name, &caps.BodyError{Err: err})
	}
	if done.State != "complete" {
		return Uploaded{}, done.refusal(name)
	}
	return Uploaded{done.Asset, done.Item, done.Compiled, done.Errors}, nil
}

func (u *uploadAnswer) refusal(name string) error {
	text := u.Message
	if text == "" {
		text = u.Error.Message
	}
	return &UploadError{name, u.State, text}
}
