package capacity

import (
	"context"
	"errors"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

var usual = Search{
	Least: 1, Most: 10_000, First: 100, Width: 0.05, Exceed: 0.5,
	Short: 10 * time.Second, Long: time.Minute, Trials: 3, MaxTrials: 100,
}

// holds is a grid that holds so many agents, always.
func holds(capacity int) Try {
	return func(_ context.Context, agents int, _ time.Duration, _ int) (Outcome, error) {
		return Outcome{Held: agents <= capacity}, nil
	}
}

func run(t testing.TB, s Search, try Try) *Result {
	t.Helper()
	r, err := s.Run(t.Context(), try)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestFindsWhatAGridHolds(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		s := usual
		s.First = rapid.IntRange(s.Least, s.Most).Draw(rt, "first")
		s.Width = rapid.Float64Range(0.01, 0.5).Draw(rt, "width")
		capacity := rapid.IntRange(1, s.Most-1).Draw(rt, "capacity")
		r, err := s.Run(t.Context(), holds(capacity))
		if err != nil {
			rt.Fatal(err)
		}
		if r.Lower > capacity || r.Upper <= capacity || r.Stopped != "" || !narrow(r.Lower, r.Upper, s.Width) {
			rt.Fatalf("it holds %d: found %d to %d %s", capacity, r.Lower, r.Upper, r.Stopped)
		}
		if len(r.Trials) > 60 {
			rt.Fatalf("it took %d trials", len(r.Trials))
		}
	})
}

func TestEndsOfTheSearch(t *testing.T) {
	for name, tt := range map[string]struct {
		capacity, lower, upper int
	}{"more than is asked for": {20_000, 10_000, 0}, "nothing": {0, 0, 1}, "just the least": {1, 1, 2}} {
		r := run(t, usual, holds(tt.capacity))
		if r.Lower != tt.lower || r.Upper != tt.upper || r.Stopped != "" {
			t.Errorf("%s: %d to %d %s, want %d to %d", name, r.Lower, r.Upper, r.Stopped, tt.lower, tt.upper)
		}
	}
}

// Short trials guide, long ones decide: a grid that breaks only after a while
// has the capacity of the long trials.
func TestLongTrialsDecide(t *testing.T) {
	r := run(t, usual, func(_ context.Context, agents int, length time.Duration, _ int) (Outcome, error) {
		return Outcome{Held: agents <= 300 || agents <= 800 && length < usual.Long}, nil
	})
	if r.Lower > 300 || r.Upper <= 300 || !narrow(r.Lower, r.Upper, usual.Width) {
		t.Errorf("found %d to %d, want about 300", r.Lower, r.Upper)
	}
}

// One bad trial in three is within an exceed ratio of a half.
func TestAChanceMissIsNoBound(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	near := 0
	for range 50 {
		r := run(t, usual, func(_ context.Context, agents int, _ time.Duration, _ int) (Outcome, error) {
			return Outcome{Held: agents <= 500 && rng.Float64() > 0.02}, nil
		})
		if r.Lower > 500 {
			t.Fatalf("%d agents are said to be held, of 500", r.Lower)
		}
		if r.Lower >= 470 {
			near++
		}
	}
	if near < 40 {
		t.Errorf("only %d of 50 searches came near 500", near)
	}
}

func TestStopsWhenTheGeneratorGivesOut(t *testing.T) {
	r := run(t, usual, func(_ context.Context, agents int, _ time.Duration, _ int) (Outcome, error) {
		return Outcome{Held: true, GaveOut: agents > 500}, nil
	})
	if !r.GaveOut || r.Lower != 400 || r.Upper != 0 || !strings.Contains(r.Stopped, "gave out at 800 agents") {
		t.Errorf("%+v", r)
	}
	// Nothing is said of loads that only a short trial saw.
	r = run(t, usual, func(_ context.Context, _ int, length time.Duration, _ int) (Outcome, error) {
		return Outcome{Held: true, GaveOut: length == usual.Long}, nil
	})
	if r.Lower != 0 || r.Upper != 0 || !r.GaveOut {
		t.Errorf("%+v", r)
	}
}

func TestSearchEndsEarly(t *testing.T) {
	s := usual
	s.MaxTrials = 4
	if r := run(t, s, holds(5000)); len(r.Trials) != 4 || !strings.Contains(r.Stopped, "after 4 trials") || r.GaveOut {
		t.Errorf("%+v", r)
	}
	broken := errors.New("no grid")
	r, err := usual.Run(t.Context(), func(context.Context, int, time.Duration, int) (Outcome, error) { return Outcome{}, broken })
	if !errors.Is(err, broken) || r.Lower != 0 {
		t.Errorf("%+v, %v", r, err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := usual.Run(ended, holds(10)); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestRefusesSearches(t *testing.T) {
	for name, spoil := range map[string]func(s *Search){
		"no agents":      func(s *Search) { s.Least = 0 },
		"upside down":    func(s *Search) { s.Most = 0 },
		"first outside":  func(s *Search) { s.First = s.Most + 1 },
		"no width":       func(s *Search) { s.Width = 0 },
		"exceeds all":    func(s *Search) { s.Exceed = 1 },
		"long is short":  func(s *Search) { s.Long = s.Short - 1 },
		"no trial":       func(s *Search) { s.Trials = 0 },
		"none at all":    func(s *Search) { s.MaxTrials = 0 },
		"timeless trial": func(s *Search) { s.Short = 0 },
	} {
		s := usual
		spoil(&s)
		if r, err := s.Run(t.Context(), holds(10)); err == nil {
			t.Errorf("%s: got %+v", name, r)
		}
	}
}
