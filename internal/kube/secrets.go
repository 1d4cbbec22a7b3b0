package kube

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"time"
)

// NewToken draws what workers must know to join: 128 bits and more, in letters
// and digits.
func NewToken() string { return rand.Text() }

// certificate is what NATS shows to workers, PEM each.
type certificate struct{ CA, Cert, Key string }

// lifetime is how long a drawn certificate holds: longer than any run.
const lifetime = 366 * 24 * time.Hour

// certificate is what the Secret of TLS holds: of an installed NATS only who
// signed for it, and for the controller's own an authority of a moment, whose
// key is forgotten, and what it signed.
func (c Config) certificate() (certificate, error) {
	if c.NATS != "" {
		return certificate{CA: string(c.CA)}, nil
	}
	host := c.Name + "-controller"
	names := []string{host}
	if c.Namespace != "" {
		names = append(names, host+"."+c.Namespace, host+"."+c.Namespace+".svc")
	}
	drawn, err := newCertificate(names, time.Now())
	if err != nil {
		return certificate{}, fmt.Errorf("make a certificate for %s: %w", host, err)
	}
	return drawn, nil
}

func newCertificate(names []string, now time.Time) (c certificate, err error) {
	authority := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "slload " + names[0]},
		NotBefore: now.Add(-time.Hour), NotAfter: now.Add(lifetime), // clocks differ
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	server := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: names[0]}, DNSNames: names,
		NotBefore: authority.NotBefore, NotAfter: authority.NotAfter,
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	authorityKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return c, err
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return c, err
	}
	caDER, err := x509.CreateCertificate(rand.Reader, authority, authority, &authorityKey.PublicKey, authorityKey)
	if err != nil {
		return c, err
	}
	certDER, err := x509.CreateCertificate(rand.Reader, server, authority, &key.PublicKey, authorityKey)
	if err != nil {
		return c, err
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return c, err
	}
	return certificate{CA: inPEM("CERTIFICATE", caDER), Cert: inPEM("CERTIFICATE", certDER), Key: inPEM("PRIVATE KEY", keyDER)}, nil
}

func inPEM(kind string, der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
}
