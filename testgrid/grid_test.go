package testgrid

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/slload/slload/llsd"
	"github.com/slload/slload/message"
	"github.com/slload/slload/xmlrpc"
)

// running starts a grid on real sockets, which ends with the test.
func running(t *testing.T, cfg Config) *Grid {
	t.Helper()
	cfg.Password = password
	g, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	ran := make(chan error, 1)
	go func() { ran <- g.Run(context.Background()) }()
	t.Cleanup(func() {
		if err := g.Close(context.Background()); err != nil {
			t.Error(err)
		}
		if err := <-ran; err != nil {
			t.Errorf("Run returned %v", err)
		}
	})
	return g
}

// answer is what an HTTP request got.
type answer struct {
	status int
	closes bool // the connection
	body   []byte
}

func post(t *testing.T, client *http.Client, url, contentType string, body []byte) answer {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", contentType)
	got, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer got.Body.Close()
	text, err := io.ReadAll(got.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{got.StatusCode, got.Close, text}
}

// ownClient is an HTTP client without connections of other tests.
func ownClient(t *testing.T) *http.Client {
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}

// socket is an UDP client on a real socket: it sends, and reads until a message
// of one type comes.
type socket struct {
	t        *testing.T
	conn     net.Conn
	sequence uint32
}

func dial(t *testing.T, in loggedIn) *socket {
	t.Helper()
	conn, err := net.Dial("udp4", netip.AddrPortFrom(netip.MustParseAddr(in.IP), in.Port).String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return &socket{t: t, conn: conn}
}

func (s *socket) send(m message.Message) {
	s.t.Helper()
	var scratch []byte
	s.sequence++
	data, err := message.AppendPacket(nil, message.FlagReliable, s.sequence, m, &scratch)
	if err != nil {
		s.t.Fatal(err)
	}
	if _, err := s.conn.Write(data); err != nil {
		s.t.Fatal(err)
	}
}

func (s *socket) expect(want message.ID) message.Message {
	s.t.Helper()
	if err := s.conn.SetReadDeadline(time.Now().Add(10 * time.Second)); err != nil {
		s.t.Fatal(err)
	}
	data := make([]byte, 2000)
	for {
		n, err := s.conn.Read(data)
		if err != nil {
			s.t.Fatalf("wait for %v: %v", want, err)
		}
		p, err := message.ParsePacket(data[:n])
		if err != nil {
			s.t.Fatal(err)
		}
		m, err := p.Message()
		if err != nil {
			s.t.Fatal(err)
		}
		if m.ID() == want {
			return m
		}
	}
}

// The whole way once over real sockets: login, circuit, chat, event queue,
// logout.
func TestOverRealSockets(t *testing.T) {
	g := running(t, Config{Regions: 2, PollHold: 50 * time.Millisecond})
	client := ownClient(t)
	body, err := xmlrpc.MarshalRequest("login_to_simulator", credentials("Ann", inRegion(2, 60, 60, 0)))
	if err != nil {
		t.Fatal(err)
	}
	fields, err := xmlrpc.UnmarshalResponse(post(t, client, g.LoginURI(), "text/xml", body).body)
	if err != nil {
		t.Fatal(err)
	}
	var in loggedIn
	if err := llsd.Convert(fields, &in); err != nil || in.Login != "true" {
		t.Fatalf("login got %v, %v", fields, err)
	}
	v := &viewer{loggedIn: in}
	s := dial(t, in)
	s.send(v.useCircuitCode())
	s.send(v.completeMovement())
	s.expect(message.IDRegionHandshake)
	s.expect(message.IDAgentMovementComplete)
	s.send(v.handshakeReply())

	seed := post(t, client, in.Seed, llsd.ContentTypeXML, []byte("<llsd><array><string>EventQueueGet</string></array></llsd>"))
	urls := map[string]string{}
	if err := llsd.UnmarshalXML(seed.body, &urls); err != nil {
		t.Fatal(err)
	}
	first := post(t, client, urls["EventQueueGet"], "application/xml", []byte(poll))
	check(t, first.status == http.StatusOK && strings.Contains(string(first.body), "ParcelProperties"), "the first poll got %d %s", first.status, first.body)
	told := string(first.body)
	second, polls := answer{}, 1
	for ; polls < 100 && (second.status != http.StatusBadGateway || !strings.Contains(told, "EnableSimulator")); polls++ {
		second = post(t, client, urls["EventQueueGet"], "application/xml", []byte(poll))
		told += string(second.body)
	}
	check(t, strings.Contains(told, "EnableSimulator"), "the client isn't told of the other region")
	check(t, second.status == http.StatusBadGateway && second.closes, "the second poll got %d, closing: %v", second.status, second.closes)

	s.expect(message.IDObjectUpdate)
	s.send(v.says(chatSay, "hello"))
	heard := s.expect(message.IDChatFromSimulator).(*message.ChatFromSimulator)
	check(t, message.String(heard.ChatData.Message) == "hello", "heard %q", heard.ChatData.Message)

	stats := g.Stats(t.Context())
	check(t, stats.Agents == 1 && stats.Logins == 1 && stats.Seeds == 1 && stats.Polls == uint64(polls), "counted %+v", stats)
	check(t, stats.Regions[1].Avatars == 1 && stats.Regions[1].Chats == 1, "the region counted %+v", stats.Regions[1])

	s.send(v.logsOut())
	s.expect(message.IDLogoutReply)
	check(t, g.Stats(t.Context()).Agents == 0, "somebody is still logged in")
}

func TestConnectionClosesWithItsLastRequest(t *testing.T) {
	for _, tt := range []struct{ limit, requests, closes int }{{0, 20, 20}, {3, 4, 3}, {-1, 40, 0}} {
		g := running(t, Config{RequestsPerConn: tt.limit})
		client := ownClient(t)
		for i := 1; i <= tt.requests; i++ {
			got := post(t, client, g.LoginURI()+"nothing", "text/plain", nil)
			want := tt.closes > 0 && i%tt.closes == 0
			check(t, got.closes == want, "limit %d, request %d: closes %v", tt.limit, i, got.closes)
		}
	}
}

// Ports are free when a grid has ended, and when it never ran.
func TestPortsAreGivenBack(t *testing.T) {
	first, err := New(Config{Regions: 3})
	if err != nil {
		t.Fatal(err)
	}
	ports := netip.MustParseAddrPort(first.listener.Addr().String())
	if err := first.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := first.Close(t.Context()); err != nil {
		t.Errorf("a second Close: %v", err)
	}
	if err := first.Run(t.Context()); err == nil {
		t.Error("a closed grid ran")
	}
	for range 2 {
		g, err := New(Config{Listen: ports})
		if err != nil {
			t.Fatal(err)
		}
		check(t, g.regions[0].addr == ports, "the region is at %v, HTTP at %v", g.regions[0].addr, ports)
		ctx, cancel := context.WithCancel(t.Context())
		ran := make(chan error, 1)
		go func() { ran <- g.Run(ctx) }()
		g.Stats(ctx) // it runs
		cancel()
		if err := <-ran; err != nil {
			t.Errorf("Run returned %v", err)
		}
		if err := g.Close(t.Context()); err != nil {
			t.Error(err)
		}
	}
}

func TestPortsInUse(t *testing.T) {
	g := running(t, Config{})
	taken := netip.MustParseAddrPort(g.listener.Addr().String())
	_, err := New(Config{Listen: taken})
	check(t, err != nil && strings.Contains(err.Error(), taken.String()), "HTTP's port taken: %v", err)

	// A region's port that is taken must free those that were bound before it.
	http, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	free := netip.MustParseAddrPort(http.Addr().String())
	http.Close()
	udp, err := net.ListenPacket("udp4", netip.AddrPortFrom(free.Addr(), free.Port()+1).String())
	if err != nil {
		t.Skip("the next port is taken by somebody else")
	}
	defer udp.Close()
	_, err = New(Config{Listen: free, Regions: 2})
	check(t, err != nil && strings.Contains(err.Error(), "Region 2"), "the second region's port taken: %v", err)
	again, err := New(Config{Listen: free, Regions: 1})
	if err != nil {
		t.Fatalf("the ports were not given back: %v", err)
	}
	if err := again.Close(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestConfigsThatCannotBe(t *testing.T) {
	for name, cfg := range map[string]Config{
		"IPv6":           {Listen: netip.MustParseAddrPort("[::1]:0")},
		"any address":    {Listen: netip.MustParseAddrPort("0.0.0.0:0")},
		"too many":       {Regions: maxRegions + 1},
		"negative":       {Regions: -1},
		"past the ports": {Regions: 2, Listen: netip.MustParseAddrPort("127.0.0.1:65535")},
		"capacity":       {Capacity: -1},
		"interest":       {Interest: -1},
		"update rate":    {UpdateHz: -1},
		"hold":           {PollHold: -1},
		"silence":        {SilentAfter: -1},
	} {
		g, err := New(cfg)
		if err == nil {
			g.Close(t.Context())
			t.Errorf("%s: taken", name)
		}
	}
}
