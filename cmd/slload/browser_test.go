//go:build browser && unix

// The pages as a browser shows them: make test-browser. The tag keeps the
// browser's protocol, which is large, out of all other tests.

package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	cdplog "github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// browserPatience bounds what a page is waited for; the longest is a whole run.
const browserPatience = 60 * time.Second

func TestBrowser(t *testing.T) {
	path := chromium()
	if path == "" {
		t.Skip("there is no Chromium here; Debian's package is called chromium")
	}
	opts := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.DisableGPU, chromedp.NoSandbox, // root has none
		chromedp.Flag("no-pings", true), chromedp.Flag("disable-component-update", true))
	alloc, stop := chromedp.NewExecAllocator(context.Background(), opts...)
	defer stop()
	browser, end := chromedp.NewContext(alloc)
	defer end()
	if err := chromedp.Do(browser); err != nil {
		t.Fatalf("start %s: %v", path, err)
	}
	dir := filepath.Join(t.TempDir(), "run")
	t.Run("live", func(t *testing.T) { testLivePage(t, openTab(t, browser), dir) })
	t.Run("report", func(t *testing.T) { testReportPage(t, openTab(t, browser), dir) })
	t.Run("workers", func(t *testing.T) { testWorkersPage(t, browser) })
	t.Run("lost", func(t *testing.T) { testLostConnection(t, openTab(t, browser)) })
}

func chromium() string {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return ""
}

// testLivePage watches a run from its first seconds to its verdict.
func testLivePage(t *testing.T, tab *tab, dir string) {
	run := startRun(t, "--agents", "20", "--duration", "8s", "--out", dir)
	tab.open(run.url)
	tab.until(`document.querySelector("h1").textContent.includes("RUNNING") && ` + chats + ` > 0`)
	tab.eval(`document.querySelector("details").open = true`)
	before := get[float64](tab, chats)
	tab.until(fmt.Sprintf(`%s > %v`, chats, before))
	if !get[bool](tab, `document.querySelector("details").open`) {
		t.Error("what a reader has opened is closed when the page renews itself")
	}
	if get[string](tab, `document.querySelector("#connection").textContent`) != "" {
		t.Error("the page says that the connection is lost")
	}
	tab.looks("live")
	tab.until(`document.querySelector("#page").dataset.state === "over"`)
	if h1 := get[string](tab, `document.querySelector("h1").textContent`); !strings.Contains(h1, "MEASURED") && !strings.Contains(h1, "INVALID") {
		t.Errorf("at the end the page says %q", h1)
	}
	tab.clean("http://" + run.host)
	tab.until(`document.querySelector("#connection").textContent.startsWith("The run is over")`)
	tab.shoot("over")
}

// chats is how many times somebody heard what he said, by the page's table.
const chats = `Number([...document.querySelectorAll("#operations tr")].filter(r => r.cells[0].textContent === "msg.chat").map(r => r.cells[1].textContent)[0] || 0)`

// testReportPage looks at what the run left.
func testReportPage(t *testing.T, tab *tab, dir string) {
	file := "file://" + filepath.ToSlash(filepath.Join(dir, "report.html"))
	tab.open(file)
	tab.looks("report")
	tab.clean(file)
	if n := len(tab.requests()); n != 1 {
		t.Errorf("the report asked for %d files: %v", n, tab.requests())
	}
}

// testWorkersPage watches a run on several machines lose a worker.
func testWorkersPage(t *testing.T, browser context.Context) {
	c := newCrew(t, "16s")
	at := c.watched("--out", "run", "--loss-timeout", "3s", "--on-worker-loss", "rebalance")
	c.awaitInWorld(9)
	tab := openTab(t, browser) // whose time begins
	tab.open(at)
	tab.until(byWorker + ` === 4 * 3`)
	if err := c.workers[1].Process.Kill(); err != nil {
		t.Fatal(err)
	}
	tab.until(lostWorkers + ` === 4`)
	tab.looks("workers-live")
	tab.until(`document.querySelector("#page").dataset.state === "over"`)
	tab.clean(at)
	c.end()
	file := "file://" + filepath.ToSlash(filepath.Join(c.dir, "run", "report.html"))
	tab = openTab(t, browser)
	tab.open(file)
	if lines, lost := get[int](tab, byWorker), get[int](tab, lostWorkers); lines != 4*3 || lost != 4 {
		t.Errorf("the report has %d lines by worker, %d of a lost one; want 12 and 4", lines, lost)
	}
	tab.looks("workers")
}

// byWorker is how many lines the charts by worker have, lostWorkers how many of
// them are of one that was lost.
const (
	byWorker    = `[...document.querySelectorAll("#generator figcaption")].filter(e => e.textContent.includes("by worker")).flatMap(e => [...e.querySelectorAll(".key")]).length`
	lostWorkers = `[...document.querySelectorAll("#generator .key")].filter(e => e.textContent.endsWith("✕")).length`
)

// testLostConnection kills the run that a page watches.
func testLostConnection(t *testing.T, tab *tab) {
	run := startRun(t, "--agents", "5", "--duration", "30s", "--out", filepath.Join(t.TempDir(), "run"))
	tab.open(run.url)
	tab.until(`document.querySelector("h1").textContent.includes("RUNNING")`)
	if err := run.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	tab.until(`document.querySelector("#connection").textContent.startsWith("Connection lost at") && document.querySelector("#connection").getBoundingClientRect().height > 20`)
	tab.shoot("lost")
}

// watchedRun is slload with a page.
type watchedRun struct {
	cmd       *exec.Cmd
	url, host string
}

func startRun(t *testing.T, args ...string) *watchedRun {
	t.Helper()
	path, err := exec.LookPath("slload") // testscript has put it on the PATH
	if err != nil {
		t.Fatal(err)
	}
	r := &watchedRun{cmd: exec.Command(path, append([]string{"run", "crowd", "--warmup", "1s", "--web", "127.0.0.1:0"}, args...)...)}
	stderr, err := r.cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := r.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = r.cmd.Process.Kill() // it has ended, mostly
		_ = r.cmd.Wait()
	})
	lines := bufio.NewReader(stderr)
	line, err := lines.ReadString('\n')
	at, ok := strings.CutPrefix(strings.TrimSpace(line), "watch it at ")
	u, uerr := url.Parse(at)
	if err != nil || !ok || uerr != nil {
		t.Fatalf("slload says %q (%v): no address in it", line, err)
	}
	go func() { _, _ = io.Copy(io.Discard, lines) }()
	r.url, r.host = at, u.Host
	return r
}

// tab is a page in the browser, and what it did.
type tab struct {
	t   *testing.T
	ctx context.Context

	mu    sync.Mutex
	asked []string // URLs
	wrong []string // errors of scripts, violated policies, failed requests
}

func openTab(t *testing.T, browser context.Context) *tab {
	t.Helper()
	ctx, cancel := chromedp.NewContext(browser)
	t.Cleanup(cancel)
	if err := chromedp.Do(ctx); err != nil { // which opens it; a deadline would end it
		t.Fatal(err)
	}
	timed, stop := context.WithTimeout(ctx, browserPatience)
	t.Cleanup(stop)
	tab := &tab{t: t, ctx: timed}
	if err := chromedp.Listen(ctx, tab.note); err != nil {
		t.Fatal(err)
	}
	return tab
}

// note takes an event of the browser.
func (b *tab) note(ev any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch ev := ev.(type) {
	case *network.EventRequestWillBeSent:
		b.asked = append(b.asked, ev.Request.URL)
	case *runtime.EventExceptionThrown:
		b.wrong = append(b.wrong, ev.ExceptionDetails.Text)
	case *runtime.EventConsoleAPICalled:
		b.wrong = append(b.wrong, "console: "+string(ev.Type))
	case *cdplog.EventEntryAdded:
		b.wrong = append(b.wrong, ev.Entry.Text)
	}
}

func (b *tab) requests() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.asked)
}

// clean fails where something went wrong up to now, or a request left for
// anywhere but home.
func (b *tab) clean(home string) {
	b.t.Helper()
	for _, u := range b.requests() {
		if !strings.HasPrefix(u, home) {
			b.t.Errorf("the page asked for %s", u)
		}
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, text := range b.wrong {
		b.t.Errorf("the browser complains: %s", text)
	}
}

func (b *tab) open(url string) {
	b.t.Helper()
	if err := chromedp.Do(b.ctx, chromedp.Navigate(url)); err != nil {
		b.t.Fatalf("open %s: %v", url, err)
	}
}

func (b *tab) eval(js string) { get[any](b, js) }

// get is what a script gives.
func get[T any](b *tab, js string) T {
	b.t.Helper()
	v, err := chromedp.Run(b.ctx, chromedp.Evaluate[T](js))
	if err != nil {
		b.t.Fatalf("%s: %v", js, err)
	}
	return v
}

// until waits for a script to give true.
func (b *tab) until(js string) {
	b.t.Helper()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for !get[bool](b, js) {
		select {
		case <-tick.C:
		case <-b.ctx.Done():
			b.t.Fatalf("it never came to this: %s; the page says %q", js, get[string](b, `document.body.innerText.slice(0, 500)`))
		}
	}
}

// looks checks that the page has its charts and can be read: on a desk and on a
// phone, by day and in the dark.
func (b *tab) looks(name string) {
	b.t.Helper()
	for _, size := range []struct {
		name          string
		width, height int64
		opts          []chromedp.EmulateViewportOption
	}{
		{"desk", 1200, 900, nil},
		{"phone", 390, 844, []chromedp.EmulateViewportOption{chromedp.EmulateMobile, chromedp.EmulateTouch, chromedp.EmulatePortrait}},
	} {
		for _, scheme := range []string{"light", "dark"} {
			at := name + "-" + size.name + "-" + scheme
			err := chromedp.Do(b.ctx, chromedp.EmulateViewport(size.width, size.height, size.opts...), emulateScheme(scheme))
			if err != nil {
				b.t.Fatal(err)
			}
			if n := get[int](b, `[...document.querySelectorAll("figure > svg")].filter(s => s.getBoundingClientRect().height > 50 && s.querySelector("path")).length`); n < 10 {
				b.t.Errorf("%s: %d charts", at, n)
			}
			if out := get[[]string](b, fmt.Sprintf(outside, size.width)); len(out) > 0 {
				b.t.Errorf("%s: wider than the screen: %v", at, out)
			}
			if broken := get[[]string](b, brokenHeads); len(broken) > 0 {
				b.t.Errorf("%s: heads of tables that break within a word: %v", at, broken)
			}
			for _, faint := range get[[]string](b, contrasts) {
				b.t.Errorf("%s: hard to see: %s", at, faint)
			}
			dark := get[float64](b, luminance+`luminance(getComputedStyle(document.body).backgroundColor)`)
			if (dark < 0.1) != (scheme == "dark") {
				b.t.Errorf("%s: the paper's luminance is %.2f", at, dark)
			}
			b.shoot(at)
		}
	}
}

func emulateScheme(scheme string) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
		})
		return err
	})
}

// outside lists what goes beyond the right side, but for what scrolls by itself.
const outside = `[...document.body.querySelectorAll("*")].filter(e => !e.closest(".scroll, pre, svg"))
	.concat(document.documentElement)
	.filter(e => Math.max(e.getBoundingClientRect().right, e === document.documentElement ? e.scrollWidth : 0) > %d + 1)
	.map(e => e.tagName + " " + e.textContent.slice(0, 40))`

// brokenHeads lists the heads of tables that take more lines than they have words.
const brokenHeads = `[...document.querySelectorAll("th")].filter(e => {
	const range = document.createRange();
	range.selectNodeContents(e);
	const lines = new Set([...range.getClientRects()].map(r => Math.round(r.top)));
	return lines.size > e.textContent.trim().split(/\s+/).length;
}).map(e => e.textContent)`

// luminance is WCAG 2's relative luminance of an opaque colour.
const luminance = `var luminance = (css) => css.match(/[\d.]+/g).slice(0, 3).map(Number).map(v => v / 255)
	.map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
	.reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
`

// contrasts lists what has less contrast to the paper than WCAG 2 wants at level
// AA: text 4.5, lines of charts 3.
const contrasts = luminance + `(() => {
	const paper = luminance(getComputedStyle(document.body).backgroundColor);
	const faint = (e, property, least) => {
		const l = luminance(getComputedStyle(e)[property]);
		const contrast = (Math.max(l, paper) + 0.05) / (Math.min(l, paper) + 0.05);
		return contrast < least ? [e.tagName + " " + (e.textContent || e.getAttribute("style")).slice(0, 40) + ": " + contrast.toFixed(1)] : [];
	};
	return [...document.querySelectorAll("h1, h1 span, p, p span, td, td span, th, dt, dd, figcaption, summary")].flatMap(e => faint(e, "color", 4.5))
		.concat([...document.querySelectorAll("svg text")].flatMap(e => faint(e, "fill", 4.5)))
		.concat([...document.querySelectorAll('svg path[style*="var(--c"]')].flatMap(e => faint(e, "stroke", 3)))
		.filter((text, i, all) => all.indexOf(text) === i);
})()`

// shoot keeps a picture of the page in $SLLOAD_SCREENSHOTS, for people.
func (b *tab) shoot(name string) {
	b.t.Helper()
	dir := os.Getenv("SLLOAD_SCREENSHOTS")
	if dir == "" {
		return
	}
	png, err := chromedp.Run(b.ctx, chromedp.FullScreenshot(100))
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, name+".png"), png, 0o644)
	}
	if err != nil {
		b.t.Error(err)
	}
}
