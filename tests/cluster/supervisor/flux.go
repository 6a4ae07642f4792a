package main

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
)

// health is the port on which a server says that it is ready.
type health struct {
	name string
	port int
}

// startFlux starts its two controllers.
func (p *plane) startFlux() error {
	var shown *served
	if p.options.repository != "" {
		var err error
		if shown, err = newServed(p.client, p.options.repository, p.folder); err != nil {
			return err
		}
	}
	hosts, err := newGitHosts(p.folder, shown)
	if err != nil {
		return err
	}
	storage, err := freePort()
	if err != nil {
		return err
	}
	artifacts, sources := fmt.Sprintf("127.0.0.1:%d", storage), filepath.Join(p.folder, "sources")
	if err := os.Mkdir(sources, 0o700); err != nil {
		return err
	}
	err = p.startController("source-controller", p.options.sourceController, "source",
		// By HTTPS it gets to the git hosts here and to no others. Of loopback no proxy is asked.
		[]string{"HTTPS_PROXY=" + hosts.Proxy, "SSL_CERT_FILE=" + hosts.Authority, "NO_PROXY="},
		"--storage-path="+sources, "--storage-addr="+artifacts, "--storage-adv-addr="+artifacts,
		"--concurrent=4")
	if err != nil {
		return err
	}
	return p.startController("kustomize-controller", p.options.kustomizeController, "flux", nil,
		"--feature-gates=ExternalArtifact=true",
		// 30 s by default: a chain of three would take a minute.
		"--requeue-dependency=500ms")
}

// startController starts one of them with what both take.
func (p *plane) startController(name, program, role string, env []string, args ...string) error {
	metrics, err := freePort()
	if err != nil {
		return err
	}
	port, err := freePort()
	if err != nil {
		return err
	}
	p.health = append(p.health, health{name, port})
	env = append(env, "KUBECONFIG="+p.kubeconfigs[role], "RUNTIME_NAMESPACE=flux-system", "TMPDIR="+p.folder, "HOME="+p.folder)
	return p.servers.start(name, program, env, append(args,
		"--watch-all-namespaces=true", "--enable-leader-election=false",
		fmt.Sprintf("--metrics-addr=127.0.0.1:%d", metrics), fmt.Sprintf("--health-addr=127.0.0.1:%d", port),
		"--kube-api-qps=500", "--kube-api-burst=1000")...)
}

// followed waits until Flux does its work.
func (p *plane) followed() error {
	for _, each := range p.health {
		err := eventually("Flux's "+each.name+" is not ready", func(context.Context) error {
			answer, err := http.Get(fmt.Sprintf("http://127.0.0.1:%d/readyz", each.port))
			if err != nil {
				return err
			}
			answer.Body.Close()
			if answer.StatusCode != http.StatusOK {
				return fmt.Errorf("it answers %s", answer.Status)
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}
