package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

// command is a program pinned to a CPU, which is this program first.
func (b *bench) command(ctx context.Context, cpu int, program string, args ...string) *exec.Cmd {
	return exec.CommandContext(ctx, b.self, append([]string{"pin", strconv.Itoa(cpu), program}, args...)...)
}

// figures runs a generator on its CPU and reads the line that it prints.
func (b *bench) figures(ctx context.Context, program string, args ...string) (figures, error) {
	var out, errs bytes.Buffer
	c := b.command(ctx, b.generator, program, args...)
	c.Stdout, c.Stderr = &out, &errs
	if err := c.Run(); err != nil {
		return figures{}, said(err, &errs)
	}
	var f figures
	if err := json.Unmarshal(out.Bytes(), &f); err != nil {
		return figures{}, fmt.Errorf("read %q, which should be a line of JSON: %w", cut(out.String()), err)
	}
	if !(f.Cost > 0) {
		return figures{}, fmt.Errorf("%q has no cpu_s_per_mpkt above 0", cut(out.String()))
	}
	return f, nil
}

// said adds a program's own words to what became of it.
func said(err error, errs *bytes.Buffer) error {
	if words := strings.TrimSpace(errs.String()); words != "" {
		return fmt.Errorf("%w: %s", err, cut(words))
	}
	return err
}

// cut keeps a program's words to a length that can be read.
func cut(s string) string {
	const most = 300
	s = strings.TrimSpace(s)
	return s[:min(len(s), most)]
}

// peer is a process that a generator talks to.
type peer struct {
	cmd  *exec.Cmd
	port int    // of an echo
	url  string // of a simulator
}

// stop ends it. A peer is killed: it has nothing to lose.
func (p *peer) stop() {
	_ = p.cmd.Process.Kill() // it may have ended by itself
	_ = p.cmd.Wait()         // "killed" is no news
}

func (p *peer) address() string {
	return netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), uint16(p.port)).String()
}

// startEcho starts the echo and waits until it answers. It ends by itself when
// nobody stops it.
func (b *bench) startEcho(ctx context.Context) (*peer, error) {
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	life := int((patience + b.warmUp + b.window) / time.Second)
	var errs bytes.Buffer
	c := b.command(ctx, b.peer, b.echo, strconv.Itoa(port), strconv.Itoa(life), "1", strconv.Itoa(floorSize))
	c.Stderr = &errs
	if err := c.Start(); err != nil {
		return nil, fmt.Errorf("start the echo: %w", err)
	}
	p := &peer{cmd: c, port: port}
	if err := awaitEcho(ctx, p.address()); err != nil {
		p.stop()
		return nil, said(err, &errs)
	}
	return p, nil
}

// freePort finds a UDP port that nobody has.
func freePort() (int, error) {
	c, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		return 0, fmt.Errorf("find a free port for the echo: %w", err)
	}
	port := c.LocalAddr().(*net.UDPAddr).Port
	return port, c.Close()
}

// echoPatience is how long the echo may take to answer its first datagram.
const echoPatience = 10 * time.Second

// awaitEcho sends datagrams until one comes back.
func awaitEcho(ctx context.Context, address string) error {
	conn, err := net.Dial("udp4", address)
	if err != nil {
		return fmt.Errorf("reach the echo: %w", err)
	}
	defer func() { _ = conn.Close() }()
	buf := make([]byte, 2048)
	for end := time.Now().Add(echoPatience); time.Now().Before(end) && ctx.Err() == nil; {
		_, sent := conn.Write(buf[:floorSize])
		_ = conn.SetReadDeadline(time.Now().Add(20 * time.Millisecond))
		if _, err := conn.Read(buf); err == nil {
			return nil
		}
		if sent != nil { // nobody listens yet, which comes back at once
			if err := sleep(ctx, time.Millisecond); err != nil {
				return err
			}
		}
	}
	return fmt.Errorf("the echo at %s doesn't answer", address)
}

// startSimulator starts the agents' peer and learns where it is. It ends with
// this process: its input does.
func (b *bench) startSimulator(ctx context.Context) (*peer, error) {
	var errs bytes.Buffer
	c := b.command(ctx, b.peer, b.self, "simulator", "--agents", strconv.Itoa(b.endpoints), "--rate", strconv.Itoa(b.rate))
	c.Stderr = &errs
	_, err := c.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("start the simulator: %w", err)
	}
	out, err := c.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("start the simulator: %w", err)
	}
	if err := c.Start(); err != nil {
		return nil, fmt.Errorf("start the simulator: %w", err)
	}
	p := &peer{cmd: c}
	var at endpoint
	if err := json.NewDecoder(out).Decode(&at); err != nil {
		p.stop()
		if errors.Is(err, io.EOF) {
			err = errors.New("it ended at once")
		}
		return nil, said(fmt.Errorf("start the simulator: %w", err), &errs)
	}
	p.url = at.URL
	return p, nil
}
