package main

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"github.com/slload/slload/swarm"
	"github.com/spf13/cobra"
)

// sourceFlags say where agents' packets leave from.
type sourceFlags struct {
	ips  []string
	port string
}

func (f *sourceFlags) register(c *cobra.Command) {
	fl := c.Flags()
	fl.StringSliceVar(&f.ips, "source-ip", nil, "IPv4 addresses or prefixes that agents' UDP and HTTP leave from, each agent's from one")
	fl.StringVar(&f.port, "source-port", "", "UDP ports to leave from, as 20000-29999")
	must(c.RegisterFlagCompletionFunc("source-ip", fixed("127.0.1.0/24\tthe loopback addresses 127.0.1.0 to 127.0.1.255")))
	must(c.RegisterFlagCompletionFunc("source-port", fixed("20000-29999")))
}

// parse gives the flags as swarm takes them, and checks that the addresses are
// this machine's.
func (f *sourceFlags) parse() (sources []netip.Prefix, ports [2]uint16, err error) {
	for _, text := range f.ips {
		p, err := parseSource(text)
		if err != nil {
			return nil, ports, &usageError{fmt.Errorf("--source-ip %q: want an IPv4 address or prefix, such as 127.0.1.0/24", text)}
		}
		sources = append(sources, p)
	}
	if err := swarm.CheckSources(sources); err != nil {
		return nil, ports, &usageError{fmt.Errorf("--source-ip: %w", err)}
	}
	if f.port != "" {
		if ports, err = parsePorts(f.port); err != nil {
			return nil, ports, &usageError{fmt.Errorf("--source-port %q: want the first and the last port, such as 20000-29999", f.port)}
		}
	}
	return sources, ports, nil
}

func parseSource(text string) (netip.Prefix, error) {
	text = strings.TrimSpace(text)
	if !strings.Contains(text, "/") {
		text += "/32"
	}
	p, err := netip.ParsePrefix(text)
	if err == nil && !p.Addr().Is4() {
		err = fmt.Errorf("%s is not IPv4", text)
	}
	return p, err
}

func parsePorts(text string) (ports [2]uint16, err error) {
	first, last, isRange := strings.Cut(text, "-")
	if !isRange {
		last = first
	}
	for i, s := range []string{first, last} {
		n, err := strconv.ParseUint(s, 10, 16)
		if err != nil {
			return ports, err
		}
		ports[i] = uint16(n)
	}
	if ports[0] == 0 || ports[0] > ports[1] {
		return ports, fmt.Errorf("%s is no range", text)
	}
	return ports, nil
}
