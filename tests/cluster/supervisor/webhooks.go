package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// webhook is the server by which a project of Tekton's admits its kinds, and converts them between versions. It runs as a process
// with the account, the settings and the objects of the project's own config/. Its controllers do not run here, because in the
// pods of their runs nothing would run (nodes.go ends runs instead).
type webhook struct {
	program    string
	deployment *unstructured.Unstructured
	objects    []*unstructured.Unstructured
	port       int
}

// What of a config/ runs in pods, or says how many; and the kinds, which are loaded with all others.
var notHere = []string{"Deployment", "HorizontalPodAutoscaler", "PodDisruptionBudget", "CustomResourceDefinition"}

func newWebhook(config, program string) (*webhook, error) {
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	w := &webhook{program: program, port: port}
	err = filepath.WalkDir(config, func(path string, entry fs.DirEntry, err error) error {
		// Servers with a config/ of their own, which have no webhook.
		if err == nil && entry.IsDir() && slices.Contains([]string{"resolvers", "interceptors"}, entry.Name()) {
			return filepath.SkipDir
		}
		if err != nil || entry.IsDir() || filepath.Ext(path) != ".yaml" {
			return err
		}
		read, err := documents(path)
		for _, object := range read {
			if object.GetKind() == "Deployment" && strings.HasSuffix(object.GetName(), "-webhook") {
				w.deployment = object
			}
			if !slices.Contains(notHere, object.GetKind()) {
				w.objects = append(w.objects, object)
			}
		}
		return err
	})
	if err == nil && w.deployment == nil {
		err = fmt.Errorf("%s has no Deployment of a webhook", config)
	}
	// What others need, or are admitted by, in its order.
	rank := func(object *unstructured.Unstructured) int {
		return slices.Index([]string{"Namespace", "ConfigMap", "Secret"}, object.GetKind())
	}
	slices.SortStableFunc(w.objects, func(a, b *unstructured.Unstructured) int { return order(rank(a)) - order(rank(b)) })
	return w, err
}

func order(index int) int {
	if index < 0 {
		return 9
	}
	return index
}

// service is the name by which its objects call it.
func (w *webhook) service() string { return w.deployment.GetName() }

// here has a reference to its Service name the port that it listens at.
func (w *webhook) here(service map[string]any) { service["port"] = int64(w.port) }

// install creates its objects. The API server takes a Service that names a host as one to call at that host, on the port
// of whoever refers to it: so the webhook's own reconciler, which knows nothing but Services, finds what it expects.
func (w *webhook) install(p *plane) error {
	for _, object := range w.objects {
		switch object.GetKind() {
		case "Service":
			if object.GetName() == w.service() {
				object.Object["spec"] = map[string]any{"type": "ExternalName", "externalName": "localhost"}
			}
		case "ValidatingWebhookConfiguration", "MutatingWebhookConfiguration":
			list, _ := object.Object["webhooks"].([]any)
			for _, each := range list {
				entry, _ := each.(map[string]any)
				service, _, _ := unstructured.NestedMap(entry, "clientConfig", "service")
				w.here(service)
				if err := unstructured.SetNestedMap(entry, service, "clientConfig", "service"); err != nil {
					return err
				}
			}
		}
		resource, _ := meta.UnsafeGuessKindToResource(object.GroupVersionKind())
		_, err := p.client.Resource(resource).Namespace(object.GetNamespace()).Create(context.Background(), object, metav1.CreateOptions{})
		if err != nil && !apierrors.IsAlreadyExists(err) {
			return fmt.Errorf("%s %s: %w", object.GetKind(), object.GetName(), err)
		}
	}
	return nil
}

// start runs the webhook with what its Deployment says of the environment.
func (w *webhook) start(p *plane) error {
	pod, _, _ := unstructured.NestedMap(w.deployment.Object, "spec", "template", "spec")
	containers, _ := pod["containers"].([]any)
	if len(containers) != 1 {
		return fmt.Errorf("%s has %d containers", w.service(), len(containers))
	}
	container, _ := containers[0].(map[string]any)
	role := text(pod, "serviceAccountName")
	if p.kubeconfigs[role] == "" {
		return fmt.Errorf("nobody knows the account %s of %s", role, w.service())
	}
	env := []string{"SYSTEM_NAMESPACE=" + w.deployment.GetNamespace()}
	settings, _ := container["env"].([]any)
	for _, each := range settings {
		if setting, is := each.(map[string]any); is && setting["value"] != nil {
			env = append(env, text(setting, "name")+"="+text(setting, "value"))
		}
	}
	// Besides, it tries to answer probes on port 8080, which is fixed; where that is taken, it does without.
	for _, name := range []string{"PROBES_PORT", "PROFILING_PORT", "METRICS_PROMETHEUS_PORT"} {
		port, err := freePort()
		if err != nil {
			return err
		}
		env = append(env, fmt.Sprintf("%s=%d", name, port))
	}
	env = append(env, "WEBHOOK_PORT="+strconv.Itoa(w.port), "METRICS_PROMETHEUS_HOST=127.0.0.1", "KUBECONFIG="+p.kubeconfigs[role], "HOME="+p.folder)
	return p.servers.start(w.service(), w.program, env)
}

// ready waits until it has told the API server what to ask it, and answers.
func (w *webhook) ready(p *plane) error {
	return eventually("the webhook "+w.service()+" is not ready", func(ctx context.Context) error {
		var all []error
		for _, object := range w.objects {
			if !strings.HasSuffix(object.GetKind(), "WebhookConfiguration") {
				continue
			}
			resource, _ := meta.UnsafeGuessKindToResource(object.GroupVersionKind())
			found, err := p.client.Resource(resource).Get(ctx, object.GetName(), metav1.GetOptions{})
			if err != nil {
				return err
			}
			for _, each := range maps(found, "webhooks") {
				rules, _ := each["rules"].([]any)
				authority, _, _ := unstructured.NestedString(each, "clientConfig", "caBundle")
				if len(rules) == 0 || authority == "" {
					all = append(all, fmt.Errorf("%s says nothing yet", object.GetName()))
				}
			}
		}
		connection, err := net.Dial("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(w.port)))
		if err == nil {
			connection.Close()
		}
		return errors.Join(append(all, err)...)
	})
}

// convertedBy has the API server ask a webhook of these for the versions of a kind, where one is named. Flux's definitions name
// one that does not run; all of gen's objects are of the version that is stored.
func convertedBy(definition *unstructured.Unstructured, webhooks []*webhook) {
	service, _, _ := unstructured.NestedMap(definition.Object, "spec", "conversion", "webhook", "clientConfig", "service")
	for _, each := range webhooks {
		if text(service, "name") == each.service() {
			each.here(service)
			_ = unstructured.SetNestedMap(definition.Object, service, "spec", "conversion", "webhook", "clientConfig", "service")
			return
		}
	}
	unstructured.RemoveNestedField(definition.Object, "spec", "conversion")
}

// startWebhooks starts all of them and waits until each is asked.
func (p *plane) startWebhooks() error {
	for _, each := range p.webhooks {
		if err := each.install(p); err != nil {
			return fmt.Errorf("%s: %w", each.service(), err)
		}
		if err := each.start(p); err != nil {
			return err
		}
	}
	for _, each := range p.webhooks {
		if err := each.ready(p); err != nil {
			return err
		}
	}
	return nil
}
