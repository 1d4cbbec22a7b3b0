package swarm

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/slload/slload/internal/reason"
	"github.com/slload/slload/internal/target"
	"github.com/slload/slload/results"
)

// prepare checks all that can be without a packet and without a file: the plan,
// the accounts, whom the run would send to, and how much. Names are looked up.
// The error is a *ConfigError.
func prepare(ctx context.Context, cfg Config) (*swarm, error) {
	if errs := CheckProfile(cfg.Profile); len(errs) > 0 {
		return nil, &ConfigError{fmt.Errorf("profile %s: %w", cfg.Profile.Name, errs)}
	}
	plays, _ := plays(cfg.Profile)
	plan, err := cfg.plan()
	if err != nil {
		return nil, &ConfigError{err}
	}
	s := &swarm{
		cfg: cfg, plan: plan, plays: plays, roster: newRoster(plan.Agents), phase: plan.PhaseAt(cfg.passed()),
		slots: make(chan struct{}, shareOf(maxLogins, plan.Share)), hopeless: make(chan error, 1), budget: newBudget(plan),
		simReports: make(chan []results.SimReport, 1),
		spares:     spares{next: plan.FirstBeyond(), step: plan.Share.Count, accounts: cfg.Accounts},
	}
	if cfg.Accounts != nil {
		err = s.enoughAccounts(plan.Agents)
	}
	if err := errors.Join(err, checkShare(plan, plays)); err != nil {
		return nil, &ConfigError{err}
	}
	if err := checkSimStats(cfg.SimStats); err != nil {
		return nil, err
	}
	if s.guard, err = target.New(ctx, cfg.Target, append([]string{cfg.LoginURI}, cfg.SimStats...)...); err != nil {
		return nil, &ConfigError{err}
	}
	if s.load, err = checkLoad(s.guard, plan.Whole(), plays); err != nil {
		return nil, &ConfigError{err}
	}
	return s, nil
}

func newSwarm(cfg Config) (*swarm, error) {
	if cfg.Accounts == nil {
		return nil, &ConfigError{errors.New("there are no accounts: swarm.Config.Accounts is missing")}
	}
	s, err := prepare(context.Background(), cfg)
	if err != nil {
		return nil, err
	}
	plan := s.plan
	s.http, s.polls = newHTTP(len(cfg.Sources) > 0, s.guard, shareOf(maxDials, plan.Share))
	if cfg.dial != nil {
		dialBy(cfg.dial, s.http, s.polls)
	}
	if err := reach(context.Background(), s.http, cfg.LoginURI); err != nil {
		s.abandon()
		return nil, err
	}
	for i := range cfg.shards(plan.SharePeak) {
		sh, err := newShard(s, i)
		if err != nil {
			s.abandon()
			return nil, &ConfigError{err}
		}
		s.shards = append(s.shards, sh)
	}
	if err := s.ensure(plan.SharePeak); err != nil {
		s.abandon()
		return nil, err
	}
	for i := range plan.Sessions {
		sh := s.shardOf(plan.Sessions[i].Agent)
		sh.sessions = append(sh.sessions, newSession(sh, plan.Sessions[i]))
	}
	return s, nil
}

// abandon gives up what was made for a run that doesn't begin.
func (s *swarm) abandon() {
	for _, sh := range s.shards {
		_ = sh.conn.Close() // nothing was sent yet
	}
	s.letGo()
}

// letGo gives back what is not the loops'.
func (s *swarm) letGo() {
	s.claim.giveBack()
	s.http.CloseIdleConnections()
	s.polls.CloseIdleConnections()
}

// reach asks the login service for anything at all, so that a wrong address
// is told before a thousand agents find out.
func reach(ctx context.Context, client *http.Client, loginURI string) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, loginURI, nil)
	if err != nil || req.URL.Host == "" || req.URL.Scheme != "http" && req.URL.Scheme != "https" {
		return &ConfigError{fmt.Errorf("login URI %q is none: give one such as http://127.0.0.1:9000/", loginURI)}
	}
	resp, err := client.Do(req)
	if err != nil {
		return &UnreachableError{loginURI, reason.WithoutURL(err)}
	}
	_, _ = io.CopyN(io.Discard, resp.Body, 1<<16) // so that the connection is used again
	resp.Body.Close()
	return nil
}
