package slload

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// pageLink is a link of Markdown to something that is not of the web.
var pageLink = regexp.MustCompile(`\]\(([^)\s:]+)\)`)

// pageHeading is a heading, to which a link may lead by its words.
var pageHeading = regexp.MustCompile(`(?m)^#+ (.*)$`)

// Where a page of the project links to, there is something.
func TestLinksLeadSomewhere(t *testing.T) {
	links := 0
	for _, page := range pages(t) {
		for _, found := range pageLink.FindAllStringSubmatch(read(t, page), -1) {
			links++
			path, heading, _ := strings.Cut(found[1], "#")
			to := filepath.Join(filepath.Dir(page), filepath.FromSlash(path))
			if path == "" {
				to = page
			}
			if _, err := os.Stat(to); err != nil {
				t.Errorf("%s links to %s: %v", page, found[1], err)
				continue
			}
			if heading != "" && !hasHeading(read(t, to), heading) {
				t.Errorf("%s links to %s, but %s has no such heading", page, found[1], to)
			}
		}
	}
	if links < 20 {
		t.Errorf("only %d links were found", links)
	}
}

// pages are the project's: those at the top, and all of docs.
func pages(t *testing.T) []string {
	t.Helper()
	list, err := filepath.Glob("*.md")
	if err != nil {
		t.Fatal(err)
	}
	err = filepath.WalkDir("docs", func(path string, _ fs.DirEntry, err error) error {
		if filepath.Ext(path) == ".md" {
			list = append(list, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// hasHeading tells whether a page has the heading that GitHub calls so: in small
// letters, with hyphens for blanks, and nothing else but letters and digits.
func hasHeading(page, anchor string) bool {
	for _, found := range pageHeading.FindAllStringSubmatch(page, -1) {
		name := strings.Map(func(r rune) rune {
			switch {
			case r == ' ' || r == '-':
				return '-'
			case r == '_' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 0x80:
				return r
			}
			return -1
		}, strings.ToLower(found[1]))
		if name == anchor {
			return true
		}
	}
	return false
}
