package cluster

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// certificate makes a certificate for 127.0.0.1 and its key, in files.
func certificate(t *testing.T) TLS {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	cert, err := x509.CreateCertificate(rand.Reader, c, c, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	write := func(name, kind string, der []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	return TLS{Cert: write("tls.crt", "CERTIFICATE", cert), Key: write("tls.key", "PRIVATE KEY", private)}
}

// Over TLS workers come who trust the controller's certificate; who doesn't is
// told what to do, at once.
func TestWorkersTrustTheCertificate(t *testing.T) {
	t.Parallel()
	th := newTheater()
	files := certificate(t)
	l := startLead(t, nil, func(c *ControllerConfig) {
		c.TLS, c.Run.Profile = files, parseProfile(t, shortProfile)
	})
	url := l.at()
	e := wantErr[*JoinError](t, startWorker(t, th, url, nil).wait())
	if !strings.Contains(e.Error(), "unknown authority") || !strings.Contains(e.Error(), "--ca") {
		t.Errorf("who doesn't trust it ended with %q", e)
	}
	for range 3 {
		startWorker(t, th, url, func(c *WorkerConfig) { c.CA = files.Cert })
	}
	if l.wait(); l.err != nil {
		t.Error(l.err)
	}
}

// shortProfile is for a run in real time.
const shortProfile = `
name: short
agents: {executor: constant-agents, count: 3, duration: 2s}
behaviors: [{do: chat, rate: 1/s}]
`

// Beyond this machine there is no NATS without TLS.
func TestNothingGoesInTheClear(t *testing.T) {
	t.Parallel()
	for _, listen := range []string{"0.0.0.0:0", "[::]:0", ":0", "10.0.0.1:4222", "load1:4222"} {
		l := startLead(t, nil, func(c *ControllerConfig) { c.Listen = listen })
		l.wait()
		if e := wantErr[*JoinError](t, l.err); !strings.Contains(e.Error(), "--tls-cert") {
			t.Errorf("%s: %v", listen, e)
		}
	}
}
