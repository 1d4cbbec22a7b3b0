package history

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/slload/slload/results"
)

// Filter says which runs are meant; what is empty leaves all.
type Filter struct {
	Tags    map[string]string
	Profile string
	// Verdict is one of the generator's (VALID, ...) or of the thresholds'
	// (pass, fail, none).
	Verdict string
}

// Runs are the runs that f means, newest first.
func (x *Index) Runs(ctx context.Context, f Filter) ([]Run, error) {
	query := "SELECT dir, id, profile, started_ns, seconds, agents, generator, thresholds, cut_off, by_hand, lost_load FROM runs WHERE problem = ''"
	var args []any
	if f.Profile != "" {
		query += " AND profile = ?"
		args = append(args, f.Profile)
	}
	if f.Verdict != "" {
		query += " AND (lower(generator) = lower(?) OR lower(thresholds) = lower(?))"
		args = append(args, f.Verdict, f.Verdict)
	}
	for _, name := range slices.Sorted(maps.Keys(f.Tags)) {
		query += " AND EXISTS (SELECT 1 FROM tags WHERE tags.dir = runs.dir AND name = ? AND value = ?)"
		args = append(args, name, f.Tags[name])
	}
	rows, err := x.db.QueryContext(ctx, query+" ORDER BY started_ns DESC, dir", args...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }() // rows.Err has told
	runs := []Run{}
	for rows.Next() {
		r, started := Run{Tags: map[string]string{}}, int64(0)
		if err := rows.Scan(&r.Dir, &r.ID, &r.Profile, &started, &r.Seconds, &r.Agents, &r.Generator, &r.Thresholds, &r.CutOff, &r.ByHand, &r.LostLoad); err != nil {
			return nil, err
		}
		r.Started = time.Unix(0, started).UTC()
		runs = append(runs, r)
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	return runs, x.readTags(ctx, runs)
}

// readTags fills in the tags of runs.
func (x *Index) readTags(ctx context.Context, runs []Run) error {
	byDir := map[string]map[string]string{}
	for _, r := range runs {
		byDir[r.Dir] = r.Tags
	}
	rows, err := x.db.QueryContext(ctx, "SELECT dir, name, value FROM tags")
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }() // rows.Err has told
	for rows.Next() {
		var dir, name, value string
		if err := rows.Scan(&dir, &name, &value); err != nil {
			return err
		}
		if tags := byDir[dir]; tags != nil {
			tags[name] = value
		}
	}
	return rows.Err()
}

// Problems are the directories that can't be read, by name.
func (x *Index) Problems(ctx context.Context) ([]Problem, error) {
	rows, err := x.db.QueryContext(ctx, "SELECT dir, problem FROM runs WHERE problem != ''")
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }() // rows.Err has told
	list := slices.Clone(x.unreadable)
	for rows.Next() {
		var p Problem
		if err := rows.Scan(&p.Dir, &p.Why); err != nil {
			return nil, err
		}
		list = append(list, p)
	}
	slices.SortFunc(list, func(a, b Problem) int { return cmp.Compare(a.Dir, b.Dir) })
	return list, rows.Err()
}

// WriteList writes runs for a terminal, a line each.
func WriteList(w io.Writer, runs []Run) error {
	table := [][]string{{"started (UTC)", "profile", "agents", "length", "generator", "thresholds", "directory", "tags"}}
	for _, r := range runs {
		length := results.Human(time.Duration(r.Seconds * float64(time.Second)))
		if r.CutOff {
			length += ", cut off"
		}
		if r.ByHand {
			length += ", by hand"
		}
		if r.LostLoad {
			length += ", load lost"
		}
		table = append(table, []string{
			r.Started.Format("2006-01-02 15:04:05"), r.Profile, fmt.Sprint(r.Agents), length, r.Generator, r.Thresholds, r.Dir, tagText(r.Tags),
		})
	}
	return writeColumns(w, table)
}

func tagText(tags map[string]string) string {
	var list []string
	for _, name := range slices.Sorted(maps.Keys(tags)) {
		list = append(list, name+"="+tags[name])
	}
	return strings.Join(list, " ")
}
