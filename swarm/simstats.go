package swarm

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/slload/slload/internal/reason"
	"github.com/slload/slload/results"
)

// OpenSimulator tells of itself over HTTP: /ManagedStats/ what each region's
// packets came to, where ManagedStatsRemoteFetchURI is set, and
// /jsonSimStats/?region=NAME how one region's frames do. (ManagedStats has those,
// too, but as zeros.) Both are asked now and then beside the run.
const (
	// simStatsEvery is how often, simStatsTime how long all of it may take.
	simStatsEvery, simStatsTime = 5 * time.Second, 4 * time.Second
	// maxSimStats bounds an answer: OpenSimulator tells some 2 KB a region.
	maxSimStats = 1 << 20
	// maxSimRegions is of how many regions a simulator is asked.
	maxSimRegions = 16
)

// simStats asks simulators until its context ends. What it has goes to reports,
// which holds the newest.
type simStats struct {
	client  *http.Client
	bases   []string // addresses of simulators, each ending in a slash
	reports chan []results.SimReport
	warn    func(base string, err error) // when one can't be asked any more
	failing map[string]bool
}

// checkSimStats refuses addresses that are none, and passwords in them: the
// manifest keeps the command line, and the log tells who doesn't answer.
func checkSimStats(bases []string) error {
	for _, base := range bases {
		u, err := url.Parse(base)
		if err == nil && u.User != nil {
			return &ConfigError{fmt.Errorf("address of a simulator %q: leave the user out, its statistics are for anybody", u.Redacted())}
		}
		if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || u.RawQuery != "" {
			return &ConfigError{fmt.Errorf("address of a simulator %q is none: give one such as http://127.0.0.1:9000/", base)}
		}
	}
	return nil
}

// watchSimulators asks beside the run until stop is called.
func (s *swarm) watchSimulators() (stop func()) {
	if len(s.cfg.SimStats) == 0 {
		return func() {}
	}
	w := &simStats{
		client: s.http, reports: s.simReports, failing: map[string]bool{},
		warn: func(base string, err error) {
			s.log.Warn("simulator tells nothing of itself", "at", base, "error", err)
		},
	}
	for _, base := range s.cfg.SimStats {
		w.bases = append(w.bases, strings.TrimSuffix(base, "/")+"/")
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		w.run(ctx)
	}()
	return func() { cancel(); <-done }
}

func (w *simStats) run(ctx context.Context) {
	tick := time.NewTicker(simStatsEvery)
	defer tick.Stop()
	for {
		var all []results.SimReport
		for _, base := range w.bases {
			all = append(all, w.ask(ctx, base)...)
		}
		select {
		case <-w.reports: // nobody has come for the last
		default:
		}
		w.reports <- all
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

// ask asks one simulator. What it tells in time is had even where it doesn't
// tell all.
func (w *simStats) ask(ctx context.Context, base string) []results.SimReport {
	ctx, cancel := context.WithTimeout(ctx, simStatsTime)
	defer cancel()
	list, err := fetchReports(ctx, w.client, base)
	if failed := len(list) == 0 && err != nil && !errors.Is(err, context.Canceled); failed != w.failing[base] {
		if w.failing[base] = failed; failed {
			w.warn(base, reason.WithoutURL(err))
		}
	}
	return list
}

// fetchReports gives what the simulator at base tells of its regions, in order
// of name.
func fetchReports(ctx context.Context, client *http.Client, base string) ([]results.SimReport, error) {
	packets, err := fetchPackets(ctx, client, base+"ManagedStats/")
	regions := slices.Sorted(maps.Keys(packets))
	if len(regions) == 0 {
		regions = []string{""} // the simulator's first one
	}
	var list []results.SimReport
	for _, region := range regions[:min(len(regions), maxSimRegions)] {
		u := base + "jsonSimStats/"
		if region != "" {
			u += "?region=" + url.QueryEscape(region)
		}
		r, frameErr := fetchFrames(ctx, client, u)
		err = errors.Join(err, frameErr)
		if region != "" {
			r.Region, r.Packets = region, packets[region]
		}
		if r.Frames != nil || r.Packets != nil {
			list = append(list, r)
		}
	}
	return list, err
}

// fetchPackets gives each region's packets, by ManagedStats.
func fetchPackets(ctx context.Context, client *http.Client, u string) (map[string]*results.SimPackets, error) {
	var all struct {
		ClientStack map[string]map[string]struct{ Value float64 } `json:"clientstack"`
	}
	if err := fetchJSON(ctx, client, u, &all); err != nil {
		return nil, err
	}
	regions := make(map[string]*results.SimPackets, len(all.ClientStack))
	for name, stats := range all.ClientStack {
		count := func(stat string) int64 { return int64(min(max(stats[stat].Value, 0), 1e15)) }
		regions[name] = &results.SimPackets{
			Received: count("IncomingUDPReceivesCount"), Sent: count("OutgoingUDPSendsCount"),
			Resent: count("OutgoingPacketsResentCount"), Orphaned: count("IncomingPacketsOrphanedCount"),
			Malformed: count("IncomingPacketsMalformedCount"),
		}
	}
	return regions, nil
}

// fetchFrames gives one region's frames, by jsonSimStats, whose numbers are
// strings. In a simulator's first seconds it tells nothing.
func fetchFrames(ctx context.Context, client *http.Client, u string) (r results.SimReport, err error) {
	var stats map[string]any
	if err := fetchJSON(ctx, client, u, &stats); err != nil {
		return r, err
	}
	var bad error
	number := func(key string) float64 {
		v, err := strconv.ParseFloat(fmt.Sprint(stats[key]), 64)
		if err != nil || !(v >= 0 && v < 1e9) {
			bad = fmt.Errorf("%s tells %s=%.40q", u, key, fmt.Sprint(stats[key]))
		}
		return v
	}
	r.Region, _ = stats["RegionName"].(string)
	f := results.SimFrames{FPS: number("SimFPS"), TimeDilation: number("Dilatn"), FrameMS: number("TotlFt"), Agents: int(number("RootAg"))}
	if bad != nil {
		return r, bad
	}
	r.Frames = &f
	return r, nil
}

func fetchJSON(ctx context.Context, client *http.Client, u string, into any) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u, nil)
	if err != nil {
		return err
	}
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		_, _ = io.CopyN(io.Discard, resp.Body, 1<<16) // so that the connection is used again
		return fmt.Errorf("%s answers %s", u, resp.Status)
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxSimStats+1))
	switch {
	case err != nil:
		return err
	case len(body) > maxSimStats:
		return fmt.Errorf("%s answers more than %d KB", u, maxSimStats>>10)
	}
	if err := json.Unmarshal(body, into); err != nil {
		return fmt.Errorf("%s: %w", u, err)
	}
	return nil
}
