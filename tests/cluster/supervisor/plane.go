package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"time"

	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/rest"
)

// The services of Kubernetes' own that gen's objects meet. Those that need nodes, clouds or volumes are left out.
const controllers = "serviceaccount-controller,serviceaccount-token-controller,root-ca-certificate-publisher-controller," +
	"namespace-controller,garbage-collector-controller,clusterrole-aggregation-controller,resourcequota-controller," +
	"deployment-controller,replicaset-controller,statefulset-controller,daemonset-controller,job-controller,cronjob-controller," +
	"disruption-controller,persistentvolumeclaim-protection-controller,ttl-after-finished-controller"

// plane is the whole: servers, definitions, stand-ins.
type plane struct {
	options     options
	folder      string
	servers     *servers
	credentials *credentials
	config      *rest.Config // the stand-ins' own
	client      dynamic.Interface
	kubeconfigs map[string]string
	control     string // the stand-ins' address
	loaded      []string
	webhooks    []*webhook
	health      []health // where Flux's controllers say that they are ready
}

// told is what a program that starts a control plane needs to know of it.
func (p *plane) told() map[string]any {
	return map[string]any{
		"url":         p.credentials.url,
		"ca":          string(p.credentials.caData),
		"context":     p.options.context,
		"kubeconfig":  p.kubeconfigs["admin"],
		"kubeconfigs": map[string]string{"admin": p.kubeconfigs["admin"], "reader": p.kubeconfigs["reader"], "nobody": p.kubeconfigs["nobody"]},
		"tokens":      map[string]string{"admin": p.credentials.tokens["admin"], "reader": p.credentials.tokens["reader"], "nobody": p.credentials.tokens["nobody"]},
		"control":     p.control,
		"definitions": p.loaded,
		"logs":        p.folder,
		"push":        deployPassword,
	}
}

func (p *plane) bringUp() error {
	if err := p.startServer(); err != nil {
		return err
	}
	var node *node
	hasImages := make(chan error, 1)
	if p.options.node {
		var err error
		if node, err = newNode(p); err != nil {
			return err
		}
		// Both take a while, and neither needs the other.
		go func() { hasImages <- node.prepare() }()
	}
	if err := p.ready(p.config); err != nil {
		return err
	}
	// On a real node they are pods, which the tests there install.
	for _, each := range p.options.webhooks {
		config, program, _ := strings.Cut(each, "=")
		webhook, err := newWebhook(config, program)
		if err != nil {
			return err
		}
		if !p.options.node {
			p.webhooks = append(p.webhooks, webhook)
		}
	}
	loaded, err := load(p.client, p.options.definitions, p.webhooks)
	if err != nil {
		return err
	}
	p.loaded = loaded
	if err := p.grant(); err != nil {
		return err
	}
	if err := p.startWebhooks(); err != nil {
		return err
	}
	if p.control, err = standIns(p.client, p.options.repository, !p.options.node); err != nil {
		return err
	}
	if err := p.startControllers(); err != nil {
		return err
	}
	if node != nil {
		if err := errors.Join(node.start(), <-hasImages); err != nil {
			return err
		}
	}
	return p.followed()
}

// startServer starts etcd and the API server.
func (p *plane) startServer() error {
	ports := make([]int, 3)
	for index := range ports {
		port, err := freePort()
		if err != nil {
			return err
		}
		ports[index] = port
	}
	etcd, peers := fmt.Sprintf("http://127.0.0.1:%d", ports[0]), fmt.Sprintf("http://127.0.0.1:%d", ports[1])
	err := p.servers.start("etcd", p.options.kubernetes, nil, "etcd",
		"--data-dir="+filepath.Join(p.folder, "etcd"), "--unsafe-no-fsync", "--log-level=warn",
		"--listen-client-urls="+etcd, "--advertise-client-urls="+etcd,
		"--listen-peer-urls="+peers, "--initial-advertise-peer-urls="+peers, "--initial-cluster=default="+peers)
	if err != nil {
		return err
	}
	p.credentials, err = newCredentials(p.folder, ports[2])
	if err != nil {
		return err
	}
	p.kubeconfigs = map[string]string{}
	for role := range users {
		if p.kubeconfigs[role], err = p.credentials.kubeconfig(p.folder, role, p.options.context); err != nil {
			return err
		}
	}
	made := p.credentials
	reached := []string{"--bind-address=127.0.0.1", "--endpoint-reconciler-type=none"}
	if p.options.node {
		// Pods reach it by the node's address, and it reaches the kubelet by that.
		reached = []string{"--bind-address=0.0.0.0", "--advertise-address=" + nodeAddress, "--kubelet-preferred-address-types=InternalIP"}
	}
	err = p.servers.start("kube-apiserver", p.options.kubernetes, nil, append([]string{
		"kube-apiserver", "--etcd-servers=" + etcd, fmt.Sprintf("--secure-port=%d", ports[2]),
		"--tls-cert-file=" + made.ca, "--tls-private-key-file=" + made.key, "--cert-dir=" + p.folder,
		"--service-account-issuer=https://kubernetes.default.svc",
		"--service-account-key-file=" + made.accountKey, "--service-account-signing-key-file=" + made.accountKey,
		"--token-auth-file=" + made.tokenFile, "--authorization-mode=RBAC", "--allow-privileged=true",
		"--service-cluster-ip-range=10.96.0.0/16", "--profiling=false",
	}, reached...)...)
	if err != nil {
		return err
	}
	p.config = &rest.Config{
		Host: made.url, BearerToken: made.tokens["standin"], QPS: -1,
		TLSClientConfig: rest.TLSClientConfig{CAData: made.caData},
	}
	p.client, err = dynamic.NewForConfig(p.config)
	return err
}

// ready waits until the API server is.
func (p *plane) ready(config *rest.Config) error {
	client, err := rest.HTTPClientFor(config)
	if err != nil {
		return err
	}
	return eventually("the API server is not ready", func(ctx context.Context) error {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, p.credentials.url+"/readyz", nil)
		if err != nil {
			return err
		}
		answer, err := client.Do(request)
		if err != nil {
			return err
		}
		answer.Body.Close()
		if answer.StatusCode != http.StatusOK {
			return fmt.Errorf("it answers %s", answer.Status)
		}
		return nil
	})
}

// startControllers starts Kubernetes' and Flux's controllers. What they watch has to be defined before.
func (p *plane) startControllers() error {
	controllers := controllers
	if p.options.node {
		controllers += nodeControllers
	}
	err := p.servers.start("kube-controller-manager", p.options.kubernetes, nil, "kube-controller-manager",
		"--kubeconfig="+p.kubeconfigs["manager"], "--controllers="+controllers, "--leader-elect=false",
		"--secure-port=0", "--use-service-account-credentials=true",
		"--service-account-private-key-file="+p.credentials.accountKey, "--root-ca-file="+p.credentials.ca,
		"--kube-api-qps=500", "--kube-api-burst=1000", "--profiling=false")
	if err != nil {
		return err
	}
	return p.startFlux()
}

// eventually tries until it works, for at most two minutes.
func eventually(otherwise string, try func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	for {
		err := try(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%s: %w", otherwise, err)
		case <-time.After(100 * time.Millisecond):
		}
	}
}
