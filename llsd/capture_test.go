package llsd

import (
	"os"
	"path/filepath"
	"testing"
)

// captured lists files of a real simulator's traffic, which stand beside the
// repository on some machines and are no part of it.
func captured(t *testing.T, pattern string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("..", "..", "shared", "captures", "http", pattern))
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		t.Skip("no captures beside the repository")
	}
	return files
}

func TestDecodeCapturedEvents(t *testing.T) {
	for _, file := range captured(t, "events/*.xml") {
		t.Run(filepath.Base(file), func(t *testing.T) {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			var poll struct {
				ID     int32 `llsd:"id"`
				Events []struct {
					Message string         `llsd:"message"`
					Body    map[string]any `llsd:"body"`
				} `llsd:"events"`
			}
			if err := UnmarshalXML(data, &poll); err != nil {
				t.Fatal(err)
			}
			if poll.ID == 0 || len(poll.Events) == 0 || len(poll.Events[0].Body) == 0 {
				t.Errorf("got id %d, %d events", poll.ID, len(poll.Events))
			}
			for _, event := range poll.Events {
				if event.Message == "" || len(event.Body) == 0 {
					t.Errorf("event %q with a body of %d", event.Message, len(event.Body))
				}
			}
		})
	}
}
