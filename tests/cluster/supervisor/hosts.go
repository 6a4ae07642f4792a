package main

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"encoding/pem"
	"math/big"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// gitHosts is every git host of the world, as far as the source-controller can tell: a proxy that it has to go through, which
// answers for each host by itself, with a certificate for it. So a GitRepository keeps the URL that it would have
// elsewhere, and nothing leaves this machine.
type gitHosts struct {
	Authority string // file of the certificate that its own are signed with
	Proxy     string // its address, with the password without which nobody gets at this machine's repositories
	password  string
	local     *gitServer // those whose path is a folder of this machine
	served    *served    // the one behind all other names; nil where there is none
	mutex     sync.Mutex
	signed    map[string]*tls.Certificate
	key       *ecdsa.PrivateKey
	authority *x509.Certificate
	tunnels   tunnels
}

func newGitHosts(folder string, served *served) (*gitHosts, error) {
	local, err := newGitServer("/")
	if err != nil {
		return nil, err
	}
	secret := make([]byte, 16)
	if _, err := rand.Read(secret); err != nil {
		return nil, err
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	h := &gitHosts{
		Authority: filepath.Join(folder, "hosts.crt"), password: hex.EncodeToString(secret), local: local, served: served,
		signed: map[string]*tls.Certificate{}, key: key, tunnels: make(tunnels),
	}
	h.authority = certificate("gen-test git hosts")
	h.authority.IsCA, h.authority.KeyUsage = true, x509.KeyUsageCertSign
	signed, err := x509.CreateCertificate(rand.Reader, h.authority, h.authority, &key.PublicKey, key)
	if err != nil {
		return nil, err
	}
	var file bytes.Buffer
	if err := pem.Encode(&file, &pem.Block{Type: "CERTIFICATE", Bytes: signed}); err != nil {
		return nil, err
	}
	if err := os.WriteFile(h.Authority, file.Bytes(), 0o600); err != nil {
		return nil, err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	address := url.URL{Scheme: "http", User: url.UserPassword("flux", h.password), Host: listener.Addr().String()}
	h.Proxy = address.String()
	go func() { _ = http.Serve(listener, http.HandlerFunc(h.connect)) }()
	// One protocol less that can go wrong: requests come one by one.
	inside := &http.Server{Handler: h, TLSConfig: &tls.Config{GetCertificate: h.certificateFor, NextProtos: []string{"http/1.1"}}}
	go func() { _ = inside.ServeTLS(h.tunnels, "", "") }()
	return h, nil
}

func certificate(name string) *x509.Certificate {
	serial, _ := rand.Int(rand.Reader, big.NewInt(1<<62))
	return &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: name}, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(30 * 24 * time.Hour),
	}
}

func (h *gitHosts) certificateFor(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	name := hello.ServerName
	if h.signed[name] == nil {
		wanted := certificate(name)
		wanted.DNSNames, wanted.ExtKeyUsage = []string{name}, []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
		signed, err := x509.CreateCertificate(rand.Reader, wanted, h.authority, &h.key.PublicKey, h.key)
		if err != nil {
			return nil, err
		}
		h.signed[name] = &tls.Certificate{Certificate: [][]byte{signed}, PrivateKey: h.key}
	}
	return h.signed[name], nil
}

// connect is the proxy: whoever knows the password may talk to any host, which is always this program.
func (h *gitHosts) connect(answer http.ResponseWriter, request *http.Request) {
	given := &http.Request{Header: http.Header{"Authorization": request.Header["Proxy-Authorization"]}}
	if _, password, _ := given.BasicAuth(); password != h.password {
		http.Error(answer, "this proxy is Flux's", http.StatusProxyAuthRequired)
		return
	}
	if request.Method != http.MethodConnect {
		http.Error(answer, "the hosts here are reached by HTTPS", http.StatusBadGateway)
		return
	}
	connection, _, err := answer.(http.Hijacker).Hijack()
	if err != nil {
		http.Error(answer, err.Error(), http.StatusInternalServerError)
		return
	}
	if _, err := connection.Write([]byte("HTTP/1.1 200 Connected\r\n\r\n")); err != nil {
		connection.Close()
		return
	}
	h.tunnels <- connection
}

// ServeHTTP is a host, named by the request: nobody may push here.
func (h *gitHosts) ServeHTTP(answer http.ResponseWriter, request *http.Request) {
	host, _, _ := strings.Cut(request.Host, ":")
	switch {
	case pushes(request):
		http.Error(answer, "Flux only reads", http.StatusForbidden)
	case host == localHost:
		h.local.serve(answer, request)
	case h.served != nil:
		h.served.ServeHTTP(answer, request)
	default:
		http.Error(answer, "only https://"+localHost+"/FOLDER can be followed here, not "+host, http.StatusNotFound)
	}
}

// tunnels are the connections that came through the proxy, to whoever accepts them.
type tunnels chan net.Conn

func (t tunnels) Accept() (net.Conn, error) { return <-t, nil }
func (t tunnels) Close() error              { return nil }
func (t tunnels) Addr() net.Addr            { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)} }
