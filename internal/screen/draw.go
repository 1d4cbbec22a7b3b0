package screen

import (
	"fmt"
	"strings"
	"time"
	"unicode"

	tea "charm.land/bubbletea/v2"
	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/x/ansi"
	"github.com/slload/slload/results"
)

// The terminal's own colours, which its user has chosen to be readable. Nothing
// is told by colour alone.
var (
	strong = lipgloss.NewStyle().Bold(true)
	soft   = lipgloss.NewStyle().Faint(true)
	line   = lipgloss.NewStyle().Foreground(lipgloss.Cyan)
	good   = lipgloss.NewStyle().Foreground(lipgloss.Green)
	warn   = lipgloss.NewStyle().Foreground(lipgloss.Yellow)
	bad    = lipgloss.NewStyle().Foreground(lipgloss.Red)
)

// View draws the whole screen, cut to the terminal's size.
func (m model) View() tea.View {
	v := tea.NewView(m.render())
	v.AltScreen = true
	return v
}

func (m model) render() string {
	foot := m.foot()
	head := append(m.head(), "")
	room := m.height - len(head) - len(foot) - 1
	lines := append(head, m.table(room)...)
	for len(lines)+len(foot) < m.height {
		lines = append(lines, "")
	}
	lines = append(lines[:max(0, min(len(lines), m.height-len(foot)))], foot...)
	lines = lines[max(0, len(lines)-m.height):]
	for i := range lines {
		lines[i] = ansi.Truncate(lines[i], m.width, "…")
	}
	return strings.Join(lines, "\n")
}

// head is the run's state.
func (m model) head() []string {
	s := &m.state
	if !m.begun {
		return []string{strong.Render(plain(m.title)), "", "the first agents log in"}
	}
	phase := s.Phase
	if s.Holding {
		phase = warn.Render("PAUSED") + " for " + clock(s.Paused)
	}
	progress := fmt.Sprintf(" %s of %s  %s", clock(s.At), clock(s.Length), phase)
	return []string{
		strong.Render(plain(m.title)),
		bar(s.At, s.Length, min(40, m.width-ansi.StringWidth(progress))) + progress,
		"",
		m.row("agents", fmt.Sprintf("%d of %d", s.Agents.InWorld, s.Agents.Target), m.series.agents, m.agents()),
		m.row("actions", perSecond(m.series.actions), m.series.actions, counts(s.Actions.Late, "late", s.Actions.Dropped, "dropped", s.Actions.Failed, "failed")),
		m.row("packets", perSecond(m.series.packets), m.series.packets, ""),
		m.row("errors", fmt.Sprint(s.Errors), m.series.errors, ""),
	}
}

// agents are those that are not in world, by state.
func (m model) agents() string {
	a := &m.state.Agents
	return counts(int64(max(a.Target-a.InWorld, 0)), "to come", int64(max(a.InWorld-a.Target, 0)), "to leave", a.LoginFailures, "logins failed", a.Lost, "lost")
}

// row is a name, a value, its course, and what else there is to say.
func (m model) row(name, value string, course series, more string) string {
	const fixed = 10 + 14
	width := min(60, max(m.width-fixed-2-36, 16))
	return fmt.Sprintf("%-10s%-14s%s  %s", name, value, line.Render(course.spark(width)), more)
}

// table are the worst operations that there is room for.
func (m model) table(room int) []string {
	if len(m.state.Ops) == 0 || room < 2 {
		return nil
	}
	const name = 24
	lines := []string{soft.Render(fmt.Sprintf("%-*s%9s%8s%10s%10s%10s", name, "worst operations", "count", "errors", "p50", "p95", "p99"))}
	if m.width < 71 {
		lines[0] = soft.Render(fmt.Sprintf("%-*s%8s%10s%10s", name, "worst operations", "errors", "p50", "p95"))
	}
	for _, o := range m.state.Ops[:min(len(m.state.Ops), room-1)] {
		q := &o.ResponseNS
		errors := fmt.Sprintf("%8d", o.Errors)
		if o.Errors > 0 {
			errors = bad.Render(errors)
		}
		label := fmt.Sprintf("%-*s", name, ansi.Truncate(o.Name, name-1, "…"))
		if m.width < 71 {
			lines = append(lines, label+errors+fmt.Sprintf("%10s%10s", human(q.P50), human(q.P95)))
			continue
		}
		lines = append(lines, label+fmt.Sprintf("%9d", o.Count)+errors+fmt.Sprintf("%10s%10s%10s", human(q.P50), human(q.P95), human(q.P99)))
	}
	return lines
}

// foot is the generator's state, the log, what became of the last key, and the
// keys.
func (m model) foot() (lines []string) {
	if m.begun {
		style := map[results.Validity]lipgloss.Style{results.Valid: good, results.Suspect: warn, results.Invalid: bad}[m.state.Generator]
		reason := ""
		if len(m.state.Reasons) > 0 {
			reason = "  " + m.state.Reasons[0]
		}
		lines = append(lines, "generator "+style.Render(string(m.state.Generator))+reason)
	}
	for _, l := range m.log[max(0, len(m.log)-max(0, m.height-16)):] {
		lines = append(lines, soft.Render(plain(l)))
	}
	if m.notice != "" {
		lines = append(lines, "> "+plain(m.notice))
	}
	return append(lines, soft.Render(m.help()))
}

func (m model) help() string {
	var keys []string
	k := &m.keys
	for _, key := range []struct {
		there bool
		text  string
	}{
		{k.Pause != nil && !m.state.Holding, "p pause"}, {k.Resume != nil && m.state.Holding, "r resume"},
		{k.Scale != nil, "+ - agents"}, {k.Stop != nil, "q stop"},
	} {
		if key.there {
			keys = append(keys, key.text)
		}
	}
	return strings.Join(keys, "   ")
}

// counts are the numbers that aren't 0, with what they count.
func counts(pairs ...any) string {
	var list []string
	for i := 0; i < len(pairs); i += 2 {
		if n := pairs[i].(int64); n > 0 {
			list = append(list, fmt.Sprintf("%d %s", n, pairs[i+1]))
		}
	}
	return strings.Join(list, ", ")
}

// perSecond is the newest of a series.
func perSecond(s series) string {
	if len(s) == 0 {
		return "-"
	}
	return fmt.Sprintf("%.1f/s", s[len(s)-1])
}

func human(ns int64) string { return results.Human(time.Duration(ns)) }

// bar is how far the plan is, in width columns.
func bar(at, of time.Duration, width int) string {
	width -= 2
	if width < 4 {
		return ""
	}
	done := width
	if of > 0 && at < of {
		done = int(time.Duration(width) * max(at, 0) / of)
	}
	return "[" + strings.Repeat("=", done) + strings.Repeat(" ", width-done) + "]"
}

func clock(d time.Duration) string {
	d = d.Round(time.Second)
	if d >= time.Hour {
		return fmt.Sprintf("%d:%02d:%02d", int(d.Hours()), int(d.Minutes())%60, int(d.Seconds())%60)
	}
	return fmt.Sprintf("%d:%02d", int(d.Minutes()), int(d.Seconds())%60)
}

// plain takes out of a line what would move the cursor.
func plain(s string) string {
	return strings.Map(func(c rune) rune {
		if !unicode.IsPrint(c) {
			return ' '
		}
		return c
	}, s)
}
