package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"

	"k8s.io/client-go/tools/clientcmd"
	api "k8s.io/client-go/tools/clientcmd/api"
	"k8s.io/client-go/util/cert"
	"k8s.io/client-go/util/keyutil"
)

// user is somebody whom the API server knows by a token.
type user struct {
	name, groups string
}

// The tests' own: one who may do everything, one who may only read, one who may do nothing. And the servers'.
var users = map[string]user{
	"admin":   {"gen-test:admin", "system:masters"},
	"reader":  {"gen-test:reader", "gen-test:readers"},
	"nobody":  {"gen-test:nobody", "gen-test:nobodies"},
	"manager": {"system:kube-controller-manager", ""},
	// As Flux installs it: its own account, which a ClusterRoleBinding makes an administrator.
	"flux":                     {"system:serviceaccount:flux-system:kustomize-controller", "system:serviceaccounts"},
	"source":                   {"system:serviceaccount:flux-system:source-controller", "system:serviceaccounts"},
	"tekton-pipelines-webhook": {"system:serviceaccount:tekton-pipelines:tekton-pipelines-webhook", "system:serviceaccounts"},
	"tekton-triggers-webhook":  {"system:serviceaccount:tekton-pipelines:tekton-triggers-webhook", "system:serviceaccounts"},
	// Those of a real node.
	"scheduler": {"system:kube-scheduler", ""},
	"kubelet":   {"system:node:" + nodeName, "system:masters,system:nodes"},
	"proxy":     {"system:kube-proxy", ""},
	// The stand-ins.
	"standin": {"gen-test:standin", "system:masters"},
}

// credentials are made anew for every control plane and live in its folder.
type credentials struct {
	url, ca, key, accountKey, tokenFile string
	tokens                              map[string]string
	caData                              []byte
}

func newCredentials(folder string, port int) (*credentials, error) {
	made := &credentials{
		url:        fmt.Sprintf("https://127.0.0.1:%d", port),
		ca:         filepath.Join(folder, "apiserver.crt"),
		key:        filepath.Join(folder, "apiserver.key"),
		accountKey: filepath.Join(folder, "accounts.key"),
		tokenFile:  filepath.Join(folder, "tokens.csv"),
		tokens:     map[string]string{},
	}
	// Loopback; and where pods of a real node reach it.
	addresses := []net.IP{net.ParseIP("127.0.0.1"), net.ParseIP(nodeAddress), net.ParseIP("10.96.0.1")}
	certificate, key, err := cert.GenerateSelfSignedCertKey("localhost", addresses, []string{"kubernetes.default.svc"})
	if err != nil {
		return nil, err
	}
	// The first block is the server's certificate, the last the authority that signed it.
	blocks := strings.SplitAfter(string(certificate), "-----END CERTIFICATE-----\n")
	made.caData = []byte(blocks[1])
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	accountKey, err := keyutil.MarshalPrivateKeyToPEM(private)
	if err != nil {
		return nil, err
	}
	lines := strings.Builder{}
	for role, user := range users {
		bytes := make([]byte, 16)
		if _, err := rand.Read(bytes); err != nil {
			return nil, err
		}
		made.tokens[role] = hex.EncodeToString(bytes)
		fmt.Fprintf(&lines, "%s,%s,%s,%q\n", made.tokens[role], user.name, role, user.groups)
	}
	for path, content := range map[string][]byte{
		made.ca: certificate, made.key: key, made.accountKey: accountKey, made.tokenFile: []byte(lines.String()),
	} {
		if err := os.WriteFile(path, content, 0o600); err != nil {
			return nil, err
		}
	}
	return made, nil
}

// kubeconfig writes one for a user and names its path.
func (c *credentials) kubeconfig(folder, role, context string) (string, error) {
	config := api.NewConfig()
	config.Clusters[context] = &api.Cluster{Server: c.url, CertificateAuthorityData: c.caData}
	config.AuthInfos[role] = &api.AuthInfo{Token: c.tokens[role]}
	config.Contexts[context] = &api.Context{Cluster: context, AuthInfo: role}
	config.CurrentContext = context
	path := filepath.Join(folder, role+".kubeconfig")
	return path, clientcmd.WriteToFile(*config, path)
}
