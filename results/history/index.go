package history

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/slload/slload/results"
	"modernc.org/sqlite" // and the driver
)

// File is the index in the folder of the runs.
const File = ".slload-history.sqlite"

// schemaVersion is PRAGMA user_version of an index that this program reads;
// others are made anew.
const schemaVersion = 2

const schema = `
CREATE TABLE runs (dir TEXT PRIMARY KEY, stamp TEXT NOT NULL, problem TEXT NOT NULL,
  id TEXT, profile TEXT, started_ns INTEGER, seconds REAL, agents INTEGER,
  generator TEXT, thresholds TEXT, cut_off INTEGER, by_hand INTEGER, lost_load INTEGER);
CREATE TABLE tags (dir TEXT NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (dir, name));
CREATE TABLE ops (dir TEXT NOT NULL, op TEXT NOT NULL, count INTEGER, errors INTEGER,
  p50 INTEGER, p90 INTEGER, p95 INTEGER, p99 INTEGER, mean INTEGER, max INTEGER, PRIMARY KEY (dir, op));
PRAGMA user_version = 1;`

// Run is a run as the index has it.
type Run struct {
	Dir        string            `json:"dir"` // below the folder
	ID         string            `json:"id"`
	Profile    string            `json:"profile"`
	Started    time.Time         `json:"started"`
	Seconds    float64           `json:"seconds"`
	Agents     int               `json:"agents"` // the most that were asked for
	Tags       map[string]string `json:"tags"`
	Generator  string            `json:"generator"`
	Thresholds string            `json:"thresholds"`
	CutOff     bool              `json:"cut_off"` // or ended early, or it still goes on
	ByHand     bool              `json:"by_hand"` // scaled or paused
	LostLoad   bool              `json:"lost_load"`

	ops map[string]results.Op // of its steady state; only while it is read
}

// Problem is a run directory that can't be read, and why.
type Problem struct {
	Dir string `json:"dir"`
	Why string `json:"why"`
}

// Index is the index of the runs below a folder.
type Index struct {
	root       string
	db         *sql.DB
	unreadable []Problem
}

// Open brings the index of the folder root up to date and opens it. An index
// that is missing, broken or another version's is made anew, and so is any with
// rebuild. Where none can be kept, as in a folder that is read-only, one is made
// in memory.
func Open(ctx context.Context, root string, rebuild bool) (*Index, error) {
	stamps, unreadable, err := scan(root)
	if err != nil {
		return nil, err
	}
	path := filepath.Join(root, File)
	x, err := open(ctx, root, path, stamps, rebuild)
	if err != nil && ctx.Err() == nil {
		if isBroken(err) {
			discard(path)
		}
		x, err = open(ctx, root, path, stamps, true)
	}
	if err != nil && ctx.Err() == nil {
		x, err = open(ctx, root, ":memory:", stamps, true)
	}
	if err != nil {
		return nil, fmt.Errorf("index the runs in %s: %w", root, err)
	}
	x.unreadable = unreadable
	return x, nil
}

// The codes of SQLite for a file that is damaged, or none of its own.
const (
	sqliteCorrupt = 11
	sqliteNotADB  = 26
)

func isBroken(err error) bool {
	var e *sqlite.Error
	return errors.As(err, &e) && (e.Code()&0xff == sqliteCorrupt || e.Code()&0xff == sqliteNotADB)
}

// discard removes a broken index with what belongs to it.
func discard(path string) {
	for _, name := range []string{path + "-journal", path} {
		_ = os.Remove(name) // opening it tells what is wrong
	}
}

func open(ctx context.Context, root, path string, stamps map[string]string, rebuild bool) (*Index, error) {
	dsn := (&url.URL{Scheme: "file", Opaque: url.PathEscape(path), RawQuery: "_pragma=busy_timeout(20000)&_txlock=immediate"}).String()
	db, err := sql.Open("sqlite", dsn)
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1) // a second one would have a memory of its own
	x := &Index{root: root, db: db}
	if err := x.sync(ctx, stamps, rebuild); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return x, nil
}

// Close closes the index.
func (x *Index) Close() error { return x.db.Close() }

// sync makes the index agree with the directories. Other processes may do so at
// the same time: each does all it does in one transaction.
func (x *Index) sync(ctx context.Context, stamps map[string]string, rebuild bool) error {
	tx, err := x.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // nothing, after a commit
	if err := prepare(ctx, tx, rebuild); err != nil {
		return err
	}
	known, err := stampsIn(ctx, tx)
	if err != nil {
		return err
	}
	for dir := range known {
		if stamps[dir] != known[dir] {
			if err := forget(ctx, tx, dir); err != nil {
				return err
			}
		}
	}
	for _, dir := range slices.Sorted(maps.Keys(stamps)) {
		if known[dir] == stamps[dir] {
			continue
		}
		r, err := read(x.root, dir)
		if errors.Is(err, fs.ErrNotExist) {
			continue // gone since
		}
		if err := insert(ctx, tx, dir, stamps[dir], r, err); err != nil {
			return err
		}
	}
	return tx.Commit()
}

// prepare makes the tables unless they are there.
func prepare(ctx context.Context, tx *sql.Tx, rebuild bool) error {
	var version int
	if err := tx.QueryRowContext(ctx, "PRAGMA user_version").Scan(&version); err != nil {
		return err
	}
	if version == schemaVersion && !rebuild {
		return nil
	}
	_, err := tx.ExecContext(ctx, "DROP TABLE IF EXISTS runs; DROP TABLE IF EXISTS tags; DROP TABLE IF EXISTS ops;"+schema)
	return err
}

func stampsIn(ctx context.Context, tx *sql.Tx) (map[string]string, error) {
	rows, err := tx.QueryContext(ctx, "SELECT dir, stamp FROM runs")
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }() // rows.Err has told
	stamps := map[string]string{}
	for rows.Next() {
		var dir, stamp string
		if err := rows.Scan(&dir, &stamp); err != nil {
			return nil, err
		}
		stamps[dir] = stamp
	}
	return stamps, rows.Err()
}

func forget(ctx context.Context, tx *sql.Tx, dir string) error {
	for _, table := range []string{"runs", "tags", "ops"} {
		if _, err := tx.ExecContext(ctx, "DELETE FROM "+table+" WHERE dir = ?", dir); err != nil {
			return err
		}
	}
	return nil
}

// insert takes in a run, or why it can't be read.
func insert(ctx context.Context, tx *sql.Tx, dir, stamp string, r *Run, problem error) error {
	if problem != nil {
		_, err := tx.ExecContext(ctx, "INSERT INTO runs (dir, stamp, problem) VALUES (?, ?, ?)", dir, stamp, problem.Error())
		return err
	}
	_, err := tx.ExecContext(ctx, "INSERT INTO runs VALUES (?, ?, '', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", dir, stamp, r.ID, r.Profile,
		r.Started.UnixNano(), r.Seconds, r.Agents, r.Generator, r.Thresholds, r.CutOff, r.ByHand, r.LostLoad)
	if err != nil {
		return err
	}
	for name, value := range r.Tags {
		if _, err := tx.ExecContext(ctx, "INSERT INTO tags VALUES (?, ?, ?)", dir, name, value); err != nil {
			return err
		}
	}
	for name, op := range r.ops {
		q := &op.ResponseNS
		if _, err := tx.ExecContext(ctx, "INSERT INTO ops VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", dir, name, op.Count, op.Errors,
			q.P50, q.P90, q.P95, q.P99, q.Mean, q.Max); err != nil {
			return err
		}
	}
	return nil
}
