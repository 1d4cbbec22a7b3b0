package pipes

import (
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

// A server and its client live in the bubble's time: an answer that takes an hour
// takes none of ours.
func TestAServerOnPipes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := New(netip.MustParseAddrPort("127.0.0.1:9000"))
		srv := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			time.Sleep(time.Hour)
			_, _ = io.WriteString(w, "hello")
		})}
		served := make(chan error, 1)
		go func() { served <- srv.Serve(p) }()
		client := &http.Client{Transport: &http.Transport{DialContext: p.Dial, DisableKeepAlives: true}}
		began := time.Now()
		resp, err := client.Get("http://127.0.0.1:9000/")
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if string(text) != "hello" || err != nil || time.Since(began) != time.Hour {
			t.Errorf("the answer is %q, %v, after %v", text, err, time.Since(began))
		}
		if err := get(client, "http://127.0.0.1:1/"); !errors.Is(err, syscall.ECONNREFUSED) {
			t.Errorf("another address: %v", err)
		}
		if err := srv.Close(); err != nil {
			t.Error(err)
		}
		if err := <-served; !errors.Is(err, http.ErrServerClosed) {
			t.Errorf("the server ended with %v", err)
		}
		if err := get(client, "http://127.0.0.1:9000/"); !errors.Is(err, net.ErrClosed) {
			t.Errorf("after its end: %v", err)
		}
		if err := p.Close(); err != nil || p.Addr().String() != "127.0.0.1:9000" {
			t.Errorf("closed again: %v, at %v", err, p.Addr())
		}
	})
}

// get is for the error of a request, whose answer is nobody's.
func get(client *http.Client, url string) error {
	resp, err := client.Get(url)
	if err == nil {
		err = resp.Body.Close()
	}
	return err
}
