package target

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"os"
)

// tls gives the configuration that the policy asks for: nil where that is Go's
// own, which verifies names and chains.
func (p Policy) tls() (*tls.Config, error) {
	if p.CAFile == "" && !p.Insecure {
		return nil, nil //nolint:nilnil // the default
	}
	cfg := &tls.Config{MinVersion: tls.VersionTLS12, InsecureSkipVerify: p.Insecure}
	if p.CAFile == "" {
		return cfg, nil
	}
	pem, err := os.ReadFile(p.CAFile)
	if err != nil {
		return nil, fmt.Errorf("--ca: %w", err)
	}
	if cfg.RootCAs, err = x509.SystemCertPool(); err != nil {
		cfg.RootCAs = x509.NewCertPool() // this system has none
	}
	if !cfg.RootCAs.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("--ca: %s holds no certificate: want a PEM file", p.CAFile)
	}
	return cfg, nil
}
