//go:build unix

package cluster

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/slload/slload/results"
)

// Environment of the longer chaos: how many runs, the seed of the first. natsEnv
// is that of make test-nats.
const (
	chaosRounds = "SLLOAD_CHAOS_ROUNDS"
	chaosSeed   = "SLLOAD_CHAOS_SEED"
	natsEnv     = "SLLOAD_TEST_NATS"
)

// What may happen to a run. Each takes some 20 s of the run's time.
const (
	strikeController = "kill the controller"
	strikeWorker     = "kill a worker"
	strikeBoth       = "kill the controller and a worker"
	strikeFreeze     = "stop a worker for longer than the loss timeout"
	strikeThaw       = "stop a worker, kill the controller, and let both go on"
	strikeAll        = "kill the controller and all workers"
	strikeGathering  = "kill the controller and all workers, and the next controller while workers join"
	strikeOutage     = "kill the controller until the workers have given up"
	strikeNATS       = "kill NATS"
)

// TestChaos kills and stops processes of a run while it goes on. Whatever dies
// when, the run's figures are exactly those of the frames that were made: of who
// was killed, those of the frames up to one that JetStream had acked at least.
func TestChaos(t *testing.T) {
	t.Parallel()
	if os.Getenv(chaosRounds) == "" {
		s := scenario{seed: 1, onLoss: Rebalance, strikes: []string{strikeFreeze, strikeController, strikeBoth}}
		s.play(t, "")
		return
	}
	playMany(t, "", strikeController, strikeWorker, strikeBoth, strikeFreeze, strikeThaw, strikeAll, strikeGathering, strikeOutage)
}

// TestChaosNATS is the same with a nats-server of its own, which is killed, too.
func TestChaosNATS(t *testing.T) {
	if os.Getenv(natsEnv) == "" {
		t.Skip("make test-nats runs this")
	}
	path, err := exec.LookPath("nats-server")
	if err != nil {
		t.Skip("there is no nats-server here; Debian's package is called nats-server")
	}
	if os.Getenv(chaosRounds) == "" {
		s := scenario{seed: 1, onLoss: Rebalance, strikes: []string{strikeNATS, strikeController, strikeNATS, strikeFreeze}}
		s.play(t, path)
		return
	}
	playMany(t, path, strikeController, strikeWorker, strikeBoth, strikeFreeze, strikeThaw, strikeAll, strikeGathering, strikeOutage, strikeNATS, strikeNATS)
}

// playMany plays scenarios that are drawn.
func playMany(t *testing.T, nats string, strikes ...string) {
	rounds, err := strconv.Atoi(os.Getenv(chaosRounds))
	first := uint64(1)
	if text := os.Getenv(chaosSeed); text != "" && err == nil {
		first, err = strconv.ParseUint(text, 10, 64)
	}
	if err != nil {
		t.Fatal(err)
	}
	for seed := range uint64(rounds) {
		s := scenario{seed: first + seed, onLoss: Rebalance}
		rng := rand.New(rand.NewPCG(s.seed, 1))
		if rng.IntN(3) == 0 {
			s.onLoss = Continue
		}
		for range 3 + rng.IntN(4) {
			s.strikes = append(s.strikes, strikes[rng.IntN(len(strikes))])
		}
		t.Run(fmt.Sprint("seed ", s.seed), func(t *testing.T) { s.play(t, nats) })
	}
}

// scenario is what happens to a run.
type scenario struct {
	seed    uint64
	onLoss  Policy
	strikes []string
}

const (
	chaosAgents = 4                // workers of a run
	chaosEach   = 20 * time.Second // of the run's time, for a strike
	chaosLimit  = 3 * time.Minute  // until it is given up
)

func (s scenario) play(t *testing.T, nats string) {
	d := &director{
		t: t, scenario: s, rng: rand.New(rand.NewPCG(s.seed, 2)), lines: make(chan told, 1024), limit: time.After(chaosLimit),
		role: role{
			Dir: filepath.Join(t.TempDir(), "run"), Spool: t.TempDir(), OnLoss: s.onLoss, Seed: s.seed, Agents: chaosAgents,
			Length: time.Duration(len(s.strikes)) * chaosEach, Orphan: 6 * time.Second,
			Clock: clock{Epoch: time.Now().Round(0).UTC(), Speed: 20},
		},
		books: t.TempDir(),
	}
	for _, strike := range s.strikes {
		if strike == strikeOutage { // the load goes on until the workers give up
			d.role.Orphan = 4 * time.Second
			d.role.Length += time.Duration(d.role.Clock.Speed) * d.role.Orphan
		}
	}
	t.Logf("seed %d, on loss %s: %s", s.seed, s.onLoss, strings.Join(s.strikes, ", "))
	d.serveNATS(nats)
	d.startLead(false)
	d.until("NATS is up", func() bool { return d.role.URL != "" })
	for range chaosAgents + 1 {
		d.startWorker()
	}
	d.until("the run begins", func() bool { return d.begun })
	for _, strike := range s.strikes {
		d.untilT(d.now + time.Duration(d.rng.Int64N(int64(chaosEach/2))))
		if !d.over {
			d.strike(strike)
		}
	}
	d.end()
	d.check()
}

// director starts processes, and ends them.
type director struct {
	scenario
	t       *testing.T
	rng     *rand.Rand
	role    role
	books   string
	lines   chan told
	limit   <-chan time.Time
	lead    *process
	nats    *process
	natsBin string
	workers []*process
	begun   bool
	over    bool            // the run is, and its controller has gone
	now     time.Duration   // of the run
	lost    map[string]bool // by process id, since the last strike
	joined  int             // workers, since then
}

// process is one that the director has started.
type process struct {
	name   string
	cmd    *exec.Cmd
	in     io.Closer
	ledger string
	killed bool
	gone   bool
	err    error
}

// told is a line of a process, or its end.
type told struct {
	from *process
	line string
	end  bool
}

func (d *director) start(name string, cmd *exec.Cmd) *process {
	d.t.Helper()
	p := &process{name: name, cmd: cmd}
	log, err := os.Create(filepath.Join(d.books, name+".log"))
	if err != nil {
		d.t.Fatal(err)
	}
	defer log.Close()
	cmd.Stderr = log
	out, err := cmd.StdoutPipe()
	if err == nil {
		p.in, err = cmd.StdinPipe()
	}
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		d.t.Fatal(err)
	}
	read := make(chan struct{})
	go func() {
		defer close(read)
		for scan := bufio.NewScanner(out); scan.Scan(); {
			d.lines <- told{from: p, line: scan.Text()}
		}
		p.err = cmd.Wait()
		d.lines <- told{from: p, end: true}
	}()
	d.t.Cleanup(func() {
		_ = cmd.Process.Kill() // it may have ended
		for {
			select {
			case <-d.lines:
			case <-read:
				return
			}
		}
	})
	return p
}

func (d *director) startRole(name string, r role) *process {
	config, err := json.Marshal(r)
	if err != nil {
		d.t.Fatal(err)
	}
	exe, err := os.Executable()
	if err != nil {
		d.t.Fatal(err)
	}
	cmd := exec.Command(exe, "-test.run=^$")
	cmd.Env = append(os.Environ(), roleEnv+"="+string(config))
	return d.start(name, cmd)
}

func (d *director) startLead(resume bool) {
	r := d.role
	r.Resume = resume
	if d.nats == nil {
		r.URL = ""
	}
	name := "controller-1"
	for n := 2; d.lead != nil && name <= d.lead.name; n++ {
		name = fmt.Sprintf("controller-%d", n)
	}
	d.lead = d.startRole(name, r)
}

func (d *director) startWorker() {
	r := d.role
	name := fmt.Sprintf("worker-%02d", len(d.workers)+1)
	r.Ledger = filepath.Join(d.books, name)
	p := d.startRole(name, r)
	p.ledger = r.Ledger
	d.workers = append(d.workers, p)
}

// serveNATS starts a NATS server of its own, if there is one.
func (d *director) serveNATS(bin string) {
	if d.natsBin = bin; bin == "" {
		return
	}
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		d.t.Fatal(err)
	}
	addr := l.Addr().String()
	l.Close()
	conf := fmt.Sprintf("listen: %q\nauthorization {token: %q}\njetstream {store_dir: %q}\n", addr, testToken, filepath.Join(d.books, "js"))
	if err := os.WriteFile(filepath.Join(d.books, "nats.conf"), []byte(conf), 0o600); err != nil {
		d.t.Fatal(err)
	}
	d.role.URL = "nats://" + addr
	d.startNATS()
}

func (d *director) startNATS() {
	d.nats = d.start("nats", exec.Command(d.natsBin, "-c", filepath.Join(d.books, "nats.conf")))
	addr := strings.TrimPrefix(d.role.URL, "nats://")
	for range 400 {
		if conn, err := net.Dial("tcp4", addr); err == nil {
			conn.Close()
			return
		}
		d.until("NATS takes connections", func() bool { return true })
		<-time.After(20 * time.Millisecond)
	}
	d.t.Fatal("nats-server doesn't come up")
}

// until waits for what is told until ok, or until the run is over.
func (d *director) until(what string, ok func() bool) {
	d.t.Helper()
	for !ok() && !d.over {
		select {
		case l := <-d.lines:
			d.note(l)
		case <-d.limit:
			d.dump()
			d.t.Fatalf("it never came that %s; the run is at %v", what, d.now)
		}
	}
}

func (d *director) untilT(at time.Duration) {
	d.t.Helper()
	d.until(fmt.Sprint("the run is at ", at), func() bool { return d.now >= at })
}

// note takes notice of what a process tells.
func (d *director) note(l told) {
	what, rest, _ := strings.Cut(l.line, " ")
	switch {
	case l.end:
		l.from.gone = true
		if l.from == d.lead && !d.lead.killed {
			d.over = true
		}
	case what == "listen":
		d.role.URL = rest
	case what == "begin":
		d.begun = true
	case what == "tick" && l.from == d.lead:
		n, err := strconv.ParseInt(rest, 10, 64)
		if err != nil {
			d.t.Error(err)
		}
		d.now = time.Duration(n)
	case what == "end", what == "tell" && l.from == d.lead:
		d.t.Logf("at %v %s: %s", d.now, l.from.name, l.line)
		if name, ok := strings.CutPrefix(rest, "worker "); ok && strings.Contains(name, " is lost with ") {
			name, _, _ = strings.Cut(name, " ")
			d.lost[name[strings.LastIndex(name, ":")+1:]] = true
		}
		if strings.Contains(rest, " workers have joined: ") {
			d.joined++
		}
		if strings.HasPrefix(rest, "no worker of the run ") {
			for range chaosAgents + 1 - len(d.alive()) {
				d.startWorker()
			}
		}
	}
}

// alive are the workers that haven't ended.
func (d *director) alive() (list []*process) {
	for _, w := range d.workers {
		if !w.gone && !w.killed {
			list = append(list, w)
		}
	}
	return list
}

// kill kills a process, and returns when it has ended.
func (d *director) kill(p *process) {
	d.t.Helper()
	p.killed = true
	_ = p.cmd.Process.Kill() // it may have ended
	d.until(p.name+" is dead", func() bool { return p.gone })
}

func (d *director) signal(p *process, s syscall.Signal) {
	if err := p.cmd.Process.Signal(s); err != nil && !errors.Is(err, os.ErrProcessDone) {
		d.t.Error(err)
	}
}

// strike does something to the run at a moment between two of its seconds.
func (d *director) strike(what string) {
	d.t.Helper()
	<-time.After(time.Duration(d.rng.Int64N(int64(60 * time.Millisecond)))) // any moment will do
	d.t.Logf("at %v: %s", d.now, what)
	d.lost, d.joined = map[string]bool{}, 0
	var one *process
	if list := d.alive(); len(list) > 1 {
		one = list[d.rng.IntN(len(list))]
	}
	switch {
	case what == strikeController:
		d.kill(d.lead)
		d.startLead(true)
	case what == strikeNATS:
		d.kill(d.nats)
		d.startNATS()
	case what == strikeOutage:
		d.kill(d.lead)
		d.until("the workers have given up", func() bool { return len(d.alive()) == 0 })
		d.startLead(true)
	case what == strikeAll || what == strikeGathering:
		d.kill(d.lead)
		for _, w := range d.alive() {
			d.kill(w)
		}
		d.startLead(true)
		if what == strikeGathering {
			d.until("workers join", func() bool { return d.joined > 1 })
			d.kill(d.lead)
			d.startLead(true)
		}
	case one == nil: // the last one
	case what == strikeWorker:
		d.kill(one)
		d.startWorker()
	case what == strikeBoth:
		d.kill(d.lead)
		d.kill(one)
		d.startLead(true)
		d.startWorker()
	case what == strikeFreeze:
		d.freeze(one, func() {})
	case what == strikeThaw:
		d.freeze(one, func() {
			d.kill(d.lead)
			d.startLead(true)
		})
	}
}

// freeze stops a worker until it is lost, or, where it has no segment, the run has
// gone on for as long; then does something, and lets it go on.
func (d *director) freeze(p *process, then func()) {
	d.signal(p, syscall.SIGSTOP)
	pid, from := strconv.Itoa(p.cmd.Process.Pid), d.now
	d.until("a worker is lost", func() bool { return d.lost[pid] || d.now > from+chaosEach })
	then()
	d.signal(p, syscall.SIGCONT)
}

// end awaits the run's end, and that of who is left.
func (d *director) end() {
	d.t.Helper()
	d.until("the run is over", func() bool { return false })
	for list := d.alive(); len(list) > 0; list = d.alive() {
		select {
		case l := <-d.lines:
			d.note(l)
		case <-time.After(2 * time.Second):
			d.t.Logf("%s is left", list[0].name)
			list[0].killed = true
			_ = list[0].cmd.Process.Kill()
		}
	}
	d.t.Logf("the run ended at %v: %v", d.now, d.lead.err)
}

// dump shows what the processes logged.
func (d *director) dump() {
	logs, _ := filepath.Glob(filepath.Join(d.books, "*.log"))
	for _, path := range logs {
		data, err := os.ReadFile(path)
		d.t.Logf("%s (%v):\n%s", filepath.Base(path), err, data)
	}
}

// check compares the run's figures with the books.
func (d *director) check() {
	d.t.Helper()
	defer func() {
		if d.t.Failed() {
			d.dump()
		}
	}()
	data, err := os.ReadFile(filepath.Join(d.role.Dir, "summary.json"))
	var s results.Summary
	if err == nil {
		err = json.Unmarshal(data, &s)
	}
	var times map[string]results.Times
	if err == nil {
		times, err = results.ReadTimes(d.role.Dir)
	}
	if err != nil {
		d.t.Error(err)
		return
	}
	b := readBooks(d.t, d.workers, d.role.Spool)
	b.check(&s, times)
}
