package caps

import (
	"io"
	"net/http"
	"testing"

	"github.com/slload/slload/internal/reason"
)

func TestDoSendsWhatItIsGivenAndGivesWhatComes(t *testing.T) {
	client, url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil || r.Method != "COPY" || r.Header.Get("Destination") != "there" || r.Header.Get("Content-Type") != "application/octet-stream" {
			t.Errorf("came %s, %v, %v", r.Method, r.Header, err)
		}
		w.Write(append(body, 0, 0xFF))
	})
	got, err := Do(t.Context(), client, Request{
		Method: "COPY", Name: "UpdateScriptAgent", URL: url, ContentType: "application/octet-stream",
		Body: []byte{1, 0, 2}, Header: map[string]string{"Destination": "there"},
	})
	if err != nil || string(got) != "\x01\x00\x02\x00\xff" {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestDoTellsTheStatus(t *testing.T) {
	client, url := serve(t, func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "gone fishing", http.StatusGone) })
	if got, err := Do(t.Context(), client, Request{Method: http.MethodGet, Name: "GetTexture", URL: url}); got != nil || reason.Of(err) != "http_410" {
		t.Errorf("got %q, %v", got, err)
	}
}
