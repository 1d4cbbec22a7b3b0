package eq

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/slload/slload/llsd"
)

// step is one poll as the script of a simulator has it.
type step struct {
	hold   time.Duration
	status int
	body   string
	err    error
}

// simulator plays a script: each poll takes the next step. After the last it
// holds until the poll is cancelled. It notes what each poll asked, and when.
type simulator struct {
	steps []step
	bye   int // status of the answer to done: true; 0: 200
	asked []map[string]any
	at    []time.Duration
	start time.Time
}

func (s *simulator) RoundTrip(r *http.Request) (*http.Response, error) {
	data, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	var ask map[string]any
	if err := llsd.Decode(data, &ask); err != nil {
		return nil, err
	}
	s.asked = append(s.asked, ask)
	s.at = append(s.at, time.Since(s.start))
	if ask["done"] == true {
		return answerWith(r, step{status: max(s.bye, 200), body: "<llsd><undef/></llsd>"}), nil
	}
	if len(s.steps) == 0 {
		<-r.Context().Done()
		return nil, r.Context().Err()
	}
	st := s.steps[0]
	s.steps = s.steps[1:]
	select {
	case <-time.After(st.hold):
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
	if st.err != nil {
		return nil, st.err
	}
	return answerWith(r, st), nil
}

func answerWith(r *http.Request, st step) *http.Response {
	return &http.Response{StatusCode: st.status, Body: io.NopCloser(strings.NewReader(st.body)), Request: r}
}

func events(id int, names ...string) step {
	var b strings.Builder
	for _, n := range names {
		fmt.Fprintf(&b, "<map><key>message</key><string>%s</string><key>body</key><map/></map>", n)
	}
	return step{hold: time.Second, status: 200, body: fmt.Sprintf(
		"<llsd><map><key>events</key><array>%s</array><key>id</key><integer>%d</integer></map></llsd>", b.String(), id)}
}

// play runs a poller against the script for a while of virtual time.
func play(t *testing.T, d time.Duration, steps ...step) (s *simulator, names, reasons []string, err error) {
	t.Helper()
	s = &simulator{steps: steps, start: time.Now()}
	ctx, cancel := context.WithTimeout(t.Context(), d)
	defer cancel()
	p := &Poller{HTTP: &http.Client{Transport: s}, URL: "http://127.0.0.1/cap/secret",
		OnPoll: func(p Poll) { reasons = append(reasons, p.Reason) }}
	err = p.Run(ctx, func(e Event) { names = append(names, e.Name) })
	return s, names, reasons, err
}

func TestPollEchoesTheLastID(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		// Ids can jump or reset: they are echoed, never compared.
		s, names, _, err := play(t, time.Minute, events(7, "A", "B"), events(3, "C"), events(3), events(900, "D"))
		if err != nil {
			t.Fatal(err)
		}
		var acks []any
		for _, a := range s.asked {
			acks = append(acks, a["ack"])
		}
		if diff := cmp.Diff([]any{nil, int32(7), int32(3), int32(3), int32(900), int32(900)}, acks); diff != "" {
			t.Errorf("acks (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff([]string{"A", "B", "C", "D"}, names); diff != "" {
			t.Errorf("events (-want +got):\n%s", diff)
		}
		if last := s.asked[len(s.asked)-1]; last["done"] != true {
			t.Errorf("the queue was not told that it is done with: %v", last)
		}
		for i, a := range s.asked[:len(s.asked)-1] {
			if a["done"] != false {
				t.Errorf("poll %d said done = %v", i, a["done"])
			}
		}
	})
}

func TestQuietEndsAreNoErrors(t *testing.T) {
	for _, tt := range []struct {
		name  string
		quiet step
	}{
		{"OpenSim has no events", step{hold: 58 * time.Second, status: 502}},
		{"Second Life has no events", step{hold: 30 * time.Second, status: 499}},
		{"Second Life, another way", step{hold: 30 * time.Second, status: 503}},
		{"held past the poll's own timeout", step{hold: time.Hour}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, names, reasons, err := play(t, 10*time.Minute, tt.quiet, tt.quiet, events(1, "A"))
				if err != nil || len(names) != 1 {
					t.Fatalf("events %v, error %v", names, err)
				}
				if diff := cmp.Diff([]string{"", "", ""}, reasons[:3]); diff != "" {
					t.Errorf("reasons (-want +got):\n%s", diff)
				}
				held := min(tt.quiet.hold, pollTimeout)
				if got := s.at[1] - s.at[0]; got != held {
					t.Errorf("polled again %v after the first poll, which was held %v", got, held)
				}
			})
		})
	}
}

func TestEarlyFailuresBackOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		early := step{hold: time.Second, status: 502, body: "<html>Bad Gateway</html>"}
		s, _, reasons, err := play(t, 5*time.Minute, early, early, events(1, "A"), step{status: 500}, events(2))
		if err != nil {
			t.Fatal(err)
		}
		want := []time.Duration{0, 21 * time.Second, 47 * time.Second, 48 * time.Second, 68 * time.Second}
		if diff := cmp.Diff(want, s.at[:5]); diff != "" {
			t.Errorf("times of the polls (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff([]string{"http_502", "http_502", "", "http_500", ""}, reasons[:5]); diff != "" {
			t.Errorf("reasons (-want +got):\n%s", diff)
		}
	})
}

// OpenSim's queue of an agent that was beside the region often, and now comes
// in, has a mark of each time before the first event.
func TestMarksAreReadOver(t *testing.T) {
	mark := step{status: 502}
	t.Run("some", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			s, names, reasons, err := play(t, time.Minute, mark, mark, mark, events(1, "A"), mark, events(2, "B"))
			if err != nil {
				t.Fatal(err)
			}
			ms := time.Millisecond
			want := []time.Duration{0, 0, 50 * ms, 100 * ms, 1100 * ms, 1100 * ms}
			if diff := cmp.Diff(want, s.at[:6]); diff != "" {
				t.Errorf("times of the polls (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff([]string{"A", "B"}, names); diff != "" {
				t.Errorf("events (-want +got):\n%s", diff)
			}
			if got := strings.Join(reasons, ""); got != "" {
				t.Errorf("polls that found marks count as failed: %s", got)
			}
		})
	})
	t.Run("without an end", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			// Something is wrong then: each hundred is followed by a failure.
			s, _, reasons, err := play(t, time.Minute, slices.Repeat([]step{mark}, 400)...)
			if err != nil || len(s.asked) < 200 || len(s.asked) > 310 || reasons[mostMarks] != "http_502" {
				t.Errorf("%d polls in a minute, error %v, poll %d ended with %q", len(s.asked), err, mostMarks, reasons[mostMarks])
			}
		})
	})
}

func TestGivesUpAfterTenFailuresInARow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cut := step{err: io.ErrUnexpectedEOF}
		s, _, _, err := play(t, time.Hour, cut, cut, cut, cut, cut, cut, cut, cut, cut, cut, cut, cut, cut)
		if err == nil || len(s.asked) != 11 {
			t.Errorf("%d polls, error %v; want 11 and an error", len(s.asked), err)
		}
		if err != nil && strings.Contains(err.Error(), "secret") {
			t.Errorf("the error tells the capability's URL: %v", err)
		}
	})
}

func TestGoneEndsAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, _, reasons, err := play(t, time.Hour, events(1, "A"), step{status: 404})
		if !errors.Is(err, ErrGone) || len(s.asked) != 2 {
			t.Errorf("%d polls, error %v; want 2 and ErrGone", len(s.asked), err)
		}
		if diff := cmp.Diff([]string{"", "gone"}, reasons); diff != "" {
			t.Errorf("reasons (-want +got):\n%s", diff)
		}
	})
}

func TestGarbageIsAFailureNotAnEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, names, reasons, err := play(t, 5*time.Minute, step{status: 200, body: "<html>"}, events(1, "A"))
		if err != nil || len(names) != 1 || reasons[0] != "bad_body" {
			t.Errorf("events %v, reasons %v, error %v", names, reasons, err)
		}
	})
}

// OpenSim's queue of an agent that it has removed: the agent learns of it when
// it says goodbye.
func TestGoodbyeTellsOfAQueueThatIsGone(t *testing.T) {
	for status, want := range map[int]error{200: nil, 404: ErrGone, 500: nil} {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			s := &simulator{bye: status, start: time.Now()}
			p := &Poller{HTTP: &http.Client{Transport: s}, URL: "http://127.0.0.1/"}
			if err := p.Run(ctx, func(Event) {}); !errors.Is(err, want) || want == nil && err != nil {
				t.Errorf("goodbye answered %d: error %v, want %v", status, err, want)
			}
		})
	}
}

// A simulator that answers at once that there is nothing is not asked as fast
// as it can answer; one that brings events is.
func TestEmptyAnswersAreAskedForOnceASecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		empty, full := events(1), events(2, "A")
		empty.hold, full.hold = 10*time.Millisecond, 10*time.Millisecond
		s, _, _, err := play(t, time.Minute, empty, empty, full, full, empty, full)
		if err != nil {
			t.Fatal(err)
		}
		ms := time.Millisecond
		want := []time.Duration{0, 1000 * ms, 2000 * ms, 2010 * ms, 2020 * ms, 3020 * ms, 3030 * ms}
		if diff := cmp.Diff(want, s.at[:7]); diff != "" {
			t.Errorf("times of the polls (-want +got):\n%s", diff)
		}
	})
}
