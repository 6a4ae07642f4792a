package main

import (
	"context"
	"fmt"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

func rbac(resource string) schema.GroupVersionResource {
	return schema.GroupVersionResource{Group: "rbac.authorization.k8s.io", Version: "v1", Resource: resource}
}

// grant makes the namespace that Flux runs in, and gives the users what their names say. The administrators among them
// have it from the group system:masters.
func (p *plane) grant() error {
	namespaces := schema.GroupVersionResource{Version: "v1", Resource: "namespaces"}
	return p.create([]creation{
		{namespaces, "Namespace", "v1", "flux-system", nil},
		{rbac("clusterrolebindings"), "ClusterRoleBinding", "rbac.authorization.k8s.io/v1", "cluster-reconciler",
			binding("cluster-admin", "User", users["flux"].name)},
		{rbac("clusterroles"), "ClusterRole", "rbac.authorization.k8s.io/v1", "crd-controller", map[string]any{"rules": sourceRules}},
		{rbac("clusterrolebindings"), "ClusterRoleBinding", "rbac.authorization.k8s.io/v1", "crd-controller",
			binding("crd-controller", "User", users["source"].name)},
		{rbac("clusterroles"), "ClusterRole", "rbac.authorization.k8s.io/v1", "gen-test-readers", map[string]any{
			"rules": []any{map[string]any{"apiGroups": []any{"*"}, "resources": []any{"*"}, "verbs": []any{"get", "list", "watch"}}},
		}},
		{rbac("clusterrolebindings"), "ClusterRoleBinding", "rbac.authorization.k8s.io/v1", "gen-test-readers",
			binding("gen-test-readers", "Group", users["reader"].groups)},
	})
}

// What Flux's installation lets its source-controller do.
var sourceRules = []any{
	map[string]any{"apiGroups": []any{"source.toolkit.fluxcd.io"}, "resources": []any{"*"}, "verbs": []any{"*"}},
	map[string]any{"apiGroups": []any{""}, "resources": []any{"namespaces", "secrets", "configmaps", "serviceaccounts"}, "verbs": []any{"get", "list", "watch"}},
	map[string]any{"apiGroups": []any{""}, "resources": []any{"events"}, "verbs": []any{"create", "patch"}},
	map[string]any{"apiGroups": []any{""}, "resources": []any{"serviceaccounts/token"}, "verbs": []any{"create"}},
}

func binding(role, kind, subject string) map[string]any {
	return map[string]any{
		"roleRef":  map[string]any{"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": role},
		"subjects": []any{map[string]any{"apiGroup": "rbac.authorization.k8s.io", "kind": kind, "name": subject}},
	}
}

type creation struct {
	resource               schema.GroupVersionResource
	kind, apiVersion, name string
	rest                   map[string]any
}

func (p *plane) create(objects []creation) error {
	for _, each := range objects {
		object := map[string]any{"apiVersion": each.apiVersion, "kind": each.kind, "metadata": map[string]any{"name": each.name}}
		for key, value := range each.rest {
			object[key] = value
		}
		_, err := p.client.Resource(each.resource).Create(context.Background(), &unstructured.Unstructured{Object: object}, meta.CreateOptions{})
		if err != nil && !apierrors.IsAlreadyExists(err) {
			return fmt.Errorf("%s %s: %w", each.kind, each.name, err)
		}
	}
	return nil
}
