package fake

import (
	"cmp"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"sync"
	"time"
)

// Authority certifies hosts, as a company's own authority does, or the one of a
// proxy that re-signs traffic. Nobody trusts it unless told to.
type Authority struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey

	mu     sync.Mutex
	serial int64
	issued map[string]*tls.Certificate
}

// NewAuthority makes one of this name.
func NewAuthority(name string) (*Authority, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name, Organization: []string{"Example"}},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return nil, err
	}
	own, err := x509.ParseCertificate(der)
	return &Authority{certificate: own, key: key, serial: 1, issued: map[string]*tls.Certificate{}}, err
}

// PEM is its certificate, as the file that is given to those who trust it.
func (a *Authority) PEM() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: a.certificate.Raw})
}

// Certify makes a certificate for a host, which is a name or an address, that
// is good from one time to another.
func (a *Authority) Certify(host string, from, to time.Time) (*tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	a.mu.Lock()
	a.serial++
	template := &x509.Certificate{
		SerialNumber: big.NewInt(a.serial), Subject: pkix.Name{CommonName: host}, NotBefore: from, NotAfter: to,
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	a.mu.Unlock()
	if ip := net.ParseIP(host); ip != nil {
		template.IPAddresses = []net.IP{ip}
	} else {
		template.DNSNames = []string{host}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, a.certificate, &key.PublicKey, a.key)
	return &tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, err
}

// Server is the configuration of a server that is certified for any name, and
// for host where the client sends none, in these protocols.
func (a *Authority) Server(host string, protocols ...string) *tls.Config {
	inner := &tls.Config{
		MinVersion: tls.VersionTLS12, NextProtos: protocols,
		GetCertificate: func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
			return a.forHost(cmp.Or(hello.ServerName, host))
		},
	}
	// A server of package httptest adds a certificate of its own to the outer
	// one.
	return &tls.Config{
		MinVersion: tls.VersionTLS12, NextProtos: protocols,
		GetConfigForClient: func(*tls.ClientHelloInfo) (*tls.Config, error) { return inner, nil },
	}
}

func (a *Authority) forHost(name string) (*tls.Certificate, error) {
	a.mu.Lock()
	c := a.issued[name]
	a.mu.Unlock()
	if c != nil {
		return c, nil
	}
	c, err := a.Certify(name, time.Now().Add(-time.Hour), time.Now().Add(time.Hour))
	if err != nil {
		return nil, err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.issued[name] = c
	return c, nil
}
