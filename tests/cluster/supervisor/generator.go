package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
)

const generatorLabel = "source.extensions.fluxcd.io/generator"

// generate stands in for source-watcher: every artifact of an ArtifactGenerator becomes an ExternalArtifact, whose
// revision says its content and nothing else.
func (s *sources) generate(generator *unstructured.Unstructured, commits map[types.NamespacedName]*commit) error {
	sources := map[string]*commit{}
	for _, each := range maps(generator, "spec", "sources") {
		name := types.NamespacedName{Namespace: text(each, "namespace"), Name: text(each, "name")}
		if name.Namespace == "" {
			name.Namespace = generator.GetNamespace()
		}
		found := commits[name]
		if found == nil {
			return s.failed(generatorResource, generator, fmt.Sprintf("no artifact of %s %s yet", text(each, "kind"), name))
		}
		sources[text(each, "alias")] = found
	}
	var wanted []string
	for _, each := range maps(generator, "spec", "artifacts") {
		files, err := copied(each, sources)
		if err != nil {
			return s.failed(generatorResource, generator, err.Error())
		}
		wanted = append(wanted, text(each, "name"))
		origin := sources[strings.TrimPrefix(text(each, "originRevision"), "@")]
		if err := s.offer(generator, text(each, "name"), files, origin); err != nil {
			return err
		}
	}
	if err := s.withdraw(generator, wanted); err != nil {
		return err
	}
	ready := conditionOf(generator, "Ready")
	if ready["status"] == "True" && ready["observedGeneration"] == generator.GetGeneration() {
		return nil
	}
	message := fmt.Sprintf("reconciliation succeeded, generated %d artifact(s)", len(wanted))
	return setStatus(s.client, generatorResource, generator, map[string]any{
		"conditions": []any{condition("Ready", "True", "Succeeded", message, generator.GetGeneration())},
	})
}

// copied are the files of one artifact. Only the form that gen writes is known: a whole folder to the root.
func copied(artifact map[string]any, sources map[string]*commit) ([]file, error) {
	var files []file
	entries, _ := artifact["copy"].([]any)
	for _, each := range entries {
		entry, _ := each.(map[string]any)
		from, to := text(entry, "from"), text(entry, "to")
		alias, path, _ := strings.Cut(strings.TrimPrefix(from, "@"), "/")
		folder, whole := strings.CutSuffix(path, "**")
		source := sources[alias]
		if source == nil || !whole || strings.ContainsAny(folder, "*?[{") || to != "@artifact/" {
			return nil, fmt.Errorf("the stand-in for source-watcher cannot copy from %s to %s", from, to)
		}
		below := source.below(folder)
		if len(below) == 0 {
			return nil, fmt.Errorf("nothing matches %s", from)
		}
		files = append(files, below...)
	}
	return files, nil
}

// offer makes or renews one ExternalArtifact.
func (s *sources) offer(generator *unstructured.Unstructured, name string, files []file, origin *commit) error {
	packed, err := s.store.add(files)
	if err != nil {
		return err
	}
	resource := s.client.Resource(externalResource).Namespace(generator.GetNamespace())
	external, err := resource.Get(context.Background(), name, meta.GetOptions{})
	if apierrors.IsNotFound(err) {
		external = externalArtifact(generator, name)
		external, err = resource.Create(context.Background(), external, meta.CreateOptions{FieldManager: "source-watcher"})
	}
	if err != nil {
		return err
	}
	revision := "latest@" + packed.digest
	had, _, _ := unstructured.NestedString(external.Object, "status", "artifact", "revision")
	if had == revision && isReady(external) {
		return nil
	}
	var metadata map[string]any
	if origin != nil {
		metadata = map[string]any{"org.opencontainers.image.revision": "sha1:" + origin.hash}
	}
	return s.succeeded(externalResource, external, packed, revision, metadata)
}

func externalArtifact(generator *unstructured.Unstructured, name string) *unstructured.Unstructured {
	return &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": externalResource.GroupVersion().String(),
		"kind":       "ExternalArtifact",
		"metadata": map[string]any{
			"name": name, "namespace": generator.GetNamespace(),
			"labels": map[string]any{generatorLabel: string(generator.GetUID())},
			"ownerReferences": []any{map[string]any{
				"apiVersion": generator.GetAPIVersion(), "kind": generator.GetKind(),
				"name": generator.GetName(), "uid": string(generator.GetUID()),
			}},
		},
		"spec": map[string]any{"sourceRef": map[string]any{
			"apiVersion": generator.GetAPIVersion(), "kind": generator.GetKind(), "name": generator.GetName(),
		}},
	}}
}

// withdraw deletes what the generator no longer names.
func (s *sources) withdraw(generator *unstructured.Unstructured, wanted []string) error {
	resource := s.client.Resource(externalResource).Namespace(generator.GetNamespace())
	selector := generatorLabel + "=" + string(generator.GetUID())
	have, err := resource.List(context.Background(), meta.ListOptions{LabelSelector: selector})
	if err != nil {
		return err
	}
	for _, each := range have.Items {
		if slices.Contains(wanted, each.GetName()) {
			continue
		}
		if err := resource.Delete(context.Background(), each.GetName(), meta.DeleteOptions{}); err != nil && !apierrors.IsNotFound(err) {
			return err
		}
	}
	return nil
}

func maps(object *unstructured.Unstructured, path ...string) []map[string]any {
	list, _, _ := unstructured.NestedSlice(object.Object, path...)
	var found []map[string]any
	for _, each := range list {
		if entry, is := each.(map[string]any); is {
			found = append(found, entry)
		}
	}
	return found
}

func text(entry map[string]any, key string) string {
	value, _ := entry[key].(string)
	return value
}
