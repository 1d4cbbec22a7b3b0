package history

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/slload/slload/results"
)

// maxDepth is how far below the folder run directories may lie: those of slload
// ab and capacity are two levels down.
const maxDepth = 4

// marks are the files by which a run directory is seen to have changed.
var marks = []string{"manifest.json", "summary.json", "checkpoint.json"}

// scan finds the run directories below root, each with a stamp that changes when
// it does. Folders that can't be read are left out, and named. Symbolic links are
// not followed, but for root itself.
func scan(root string) (stamps map[string]string, unreadable []Problem, err error) {
	stamps = map[string]string{}
	if root, err = filepath.EvalSymlinks(root); err != nil {
		return nil, nil, fmt.Errorf("look for runs: %w", err)
	}
	err = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		rel, _ := filepath.Rel(root, path) // path is below root
		switch {
		case err != nil && path == root:
			return fmt.Errorf("look for runs: %w", err)
		case err != nil:
			unreadable = append(unreadable, Problem{rel, err.Error()})
			return fs.SkipDir
		case !d.IsDir():
			return nil
		case path != root && strings.HasPrefix(d.Name(), "."):
			return fs.SkipDir
		}
		if stamp := stampOf(path); stamp != "" {
			stamps[rel] = stamp
			return fs.SkipDir
		}
		if strings.Count(rel, string(filepath.Separator)) >= maxDepth-1 {
			return fs.SkipDir
		}
		return nil
	})
	return stamps, unreadable, err
}

// stampOf is empty for what is no run directory.
func stampOf(dir string) string {
	var b strings.Builder
	for i, name := range marks {
		info, err := os.Stat(filepath.Join(dir, name))
		if i == 0 && errors.Is(err, fs.ErrNotExist) {
			return ""
		}
		if err != nil {
			b.WriteString("- ")
			continue
		}
		fmt.Fprintf(&b, "%d:%d ", info.ModTime().UnixNano(), info.Size())
	}
	return b.String()
}

// read reads a run directory, which stays as it is.
func read(root, dir string) (*Run, error) {
	s, err := results.ReadSteadyState(filepath.Join(root, dir))
	if err != nil {
		return nil, err
	}
	sum := s.Summary
	r := &Run{
		Dir: dir, ID: sum.Run.ID, Profile: sum.Run.Profile, Started: sum.Run.Started, Seconds: sum.Run.Seconds, Agents: sum.Agents.Target,
		Tags: sum.Run.Tags, Generator: string(sum.Verdict.Generator), Thresholds: sum.Verdict.Thresholds,
		CutOff: sum.Run.CutOff || s.EndedEarly(), ByHand: sum.Run.HandScaled || s.Manifest.HandScaled || sum.Run.PausedSeconds > 0,
		LostLoad: len(sum.Run.LostLoad) > 0, ops: s.Ops,
	}
	if r.ID == "" || r.Profile == "" {
		return nil, errors.New("its manifest.json names no run")
	}
	return r, nil
}
