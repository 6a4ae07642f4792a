package main

import (
	"context"
	"fmt"
	"os"
	"strings"

	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

var kustomizationResource = schema.GroupVersionResource{
	Group: "kustomize.toolkit.fluxcd.io", Version: "v1", Resource: "kustomizations",
}

// play sets Flux up as `flux bootstrap --path` does and tells a person how to go on. Flux waits until it is told to
// begin, so that there is something to see before.
func (p *plane) play() error {
	objects := map[schema.GroupVersionResource]map[string]any{
		repositoryResource: {
			"kind": "GitRepository",
			"spec": map[string]any{
				// Any host will do: behind all of them is the checkout, whatever branch it is on.
				"interval": "1m", "url": "https://checkout.test/gitops.git",
				"ref": map[string]any{"branch": "main"},
			},
		},
		kustomizationResource: {
			"kind": "Kustomization",
			"spec": map[string]any{
				"interval": "10m", "path": "./" + strings.TrimPrefix(p.options.path, "./"), "prune": true, "suspend": true,
				"sourceRef": map[string]any{"kind": "GitRepository", "name": "flux-system"},
			},
		},
	}
	for resource, object := range objects {
		object["apiVersion"] = resource.GroupVersion().String()
		object["metadata"] = map[string]any{"name": "flux-system", "namespace": "flux-system"}
		_, err := p.client.Resource(resource).Namespace("flux-system").
			Create(context.Background(), &unstructured.Unstructured{Object: object}, meta.CreateOptions{FieldManager: "flux"})
		if err != nil {
			return fmt.Errorf("%s: %w", object["kind"], err)
		}
	}
	fmt.Fprintf(os.Stderr, `
Up: Kubernetes and Flux on %s, in the context %s, with definitions:
  %s
Flux follows what is committed in %s, folder %s. In another shell:

`, p.credentials.url, p.options.context, strings.Join(p.loaded, "\n  "), p.options.repository, p.options.path)
	fmt.Printf("export KUBECONFIG=%s\n", p.kubeconfigs["admin"])
	fmt.Fprint(os.Stderr, `
gen diff --env dev                                                  # everything is created
kubectl -n flux-system patch kustomization flux-system --type merge --patch '{"spec":{"suspend":false}}'
kubectl -n flux-system get kustomizations --watch                   # Flux applies the tree
gen diff --env dev                                                  # no difference; then change something by hand

The same for users who may only read, or nothing: reader.kubeconfig and nobody.kubeconfig beside it; the servers' logs
are there too. Ctrl-C ends and removes everything.
`)
	return nil
}
