package target

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A grid's certificate is verified, by the system's authorities and those of
// the policy; only --insecure takes any.
func TestCertificates(t *testing.T) {
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "hello")
	}))
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // handshakes that are refused
	server.StartTLS()
	defer server.Close()
	ca := filepath.Join(t.TempDir(), "ca.pem")
	block := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	if err := os.WriteFile(ca, block, 0o600); err != nil {
		t.Fatal(err)
	}
	byName := strings.Replace(server.URL, "127.0.0.1", "localhost", 1) // which the certificate isn't for
	var unknown x509.UnknownAuthorityError
	var otherName x509.HostnameError
	for _, tt := range []struct {
		name, url string
		policy    Policy
		want      any // the error, for errors.As; nil: it connects
	}{
		{"an unknown authority", server.URL, Policy{}, &unknown},
		{"the authority of --ca", server.URL, Policy{CAFile: ca}, nil},
		{"another name than the certificate's", byName, Policy{CAFile: ca}, &otherName},
		{"insecure", byName, Policy{Insecure: true}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			g, err := New(t.Context(), tt.policy, tt.url)
			if err != nil {
				t.Fatal(err)
			}
			transport := &http.Transport{TLSClientConfig: g.TLS}
			defer transport.CloseIdleConnections()
			resp, err := (&http.Client{Transport: transport}).Get(tt.url)
			if err == nil {
				defer resp.Body.Close()
			}
			switch {
			case tt.want == nil && err != nil:
				t.Error(err)
			case tt.want != nil && (err == nil || !errors.As(err, tt.want)):
				t.Errorf("%v, want %T", err, tt.want)
			}
		})
	}
}

func TestOldTLSIsRefused(t *testing.T) {
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.TLS = &tls.Config{MaxVersion: tls.VersionTLS11, MinVersion: tls.VersionTLS10} //nolint:gosec // what is to be refused
	server.StartTLS()
	defer server.Close()
	for _, policy := range []Policy{{}, {Insecure: true}} {
		g, err := New(t.Context(), policy, server.URL)
		if err != nil {
			t.Fatal(err)
		}
		transport := &http.Transport{TLSClientConfig: g.TLS}
		resp, err := (&http.Client{Transport: transport}).Get(server.URL)
		if err == nil {
			resp.Body.Close()
			t.Errorf("%+v takes TLS 1.1", policy)
		} else if !strings.Contains(err.Error(), "protocol version") {
			t.Errorf("%+v: %v", policy, err)
		}
	}
}
