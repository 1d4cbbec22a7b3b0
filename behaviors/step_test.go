package behaviors

import (
	"errors"
	"testing"
)

func TestStepNamesWhatFailed(t *testing.T) {
	c := &Cast{}
	if err := c.Step("open the door", func() error { return nil }); err != nil {
		t.Errorf("a step that went well: %v", err)
	}
	locked := errors.New("it is locked")
	var failed *StepError
	err := c.Step("open the door", func() error { return locked })
	if !errors.As(err, &failed) || failed.Step != "open the door" || !errors.Is(err, locked) || err.Error() != "open the door: it is locked" {
		t.Errorf("a step that failed: %v", err)
	}
}
