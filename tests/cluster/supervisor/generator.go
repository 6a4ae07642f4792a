package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
)

const generatorLabel = "source.extensions.fluxcd.io/generator"

// generateAll stands in for source-watcher: it makes the ExternalArtifacts of all ArtifactGenerators, out of what the
// source-controller offers.
func (s *sources) generateAll() error {
	generators, err := listed(s.client, generatorResource)
	if err != nil || len(generators) == 0 {
		return err
	}
	repositories, err := listed(s.client, repositoryResource)
	if err != nil {
		return err
	}
	var all []error
	offered := map[types.NamespacedName]*artifact{}
	for index := range repositories {
		repository := &repositories[index]
		found, err := artifactOf(repository, s.artifacts[repository.GetUID()])
		if err != nil {
			all = append(all, err)
			continue
		}
		s.artifacts[repository.GetUID()] = found
		offered[types.NamespacedName{Namespace: repository.GetNamespace(), Name: repository.GetName()}] = found
	}
	for index := range generators {
		if err := s.generate(&generators[index], offered); err != nil {
			all = append(all, fmt.Errorf("%s: %w", generators[index].GetName(), err))
		}
	}
	return errors.Join(all...)
}

// generate makes each artifact of one ArtifactGenerator an ExternalArtifact, whose revision says its content and nothing
// else.
func (s *sources) generate(generator *unstructured.Unstructured, offered map[types.NamespacedName]*artifact) error {
	sources := map[string]*artifact{}
	for _, each := range maps(generator, "spec", "sources") {
		name := types.NamespacedName{Namespace: text(each, "namespace"), Name: text(each, "name")}
		if name.Namespace == "" {
			name.Namespace = generator.GetNamespace()
		}
		found := offered[name]
		if found == nil {
			return s.failed(generator, fmt.Sprintf("no artifact of %s %s yet", text(each, "kind"), name))
		}
		sources[text(each, "alias")] = found
	}
	var wanted []string
	for _, each := range maps(generator, "spec", "artifacts") {
		files, err := copied(each, sources)
		if err != nil {
			return s.failed(generator, err.Error())
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
func copied(artifact map[string]any, sources map[string]*artifact) ([]file, error) {
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
func (s *sources) offer(generator *unstructured.Unstructured, name string, files []file, origin *artifact) error {
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
		metadata = map[string]any{"org.opencontainers.image.revision": origin.commit}
	}
	return s.succeeded(external, packed, revision, metadata)
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

func (s *sources) succeeded(external *unstructured.Unstructured, made packed, revision string, metadata map[string]any) error {
	artifact := map[string]any{
		"url": made.url, "path": made.path, "digest": made.digest, "size": made.size, "revision": revision,
		"lastUpdateTime": time.Now().UTC().Format(time.RFC3339),
	}
	if metadata != nil {
		artifact["metadata"] = metadata
	}
	return setStatus(s.client, externalResource, external, map[string]any{
		"artifact":   artifact,
		"conditions": []any{condition("Ready", "True", "Succeeded", "stored artifact for revision '"+revision+"'", external.GetGeneration())},
	})
}

// failed says on the generator why it gives nothing. An error is that it cannot be said.
func (s *sources) failed(generator *unstructured.Unstructured, why string) error {
	said := conditionOf(generator, "Ready")
	if said["status"] == "False" && said["message"] == why {
		return nil
	}
	status := map[string]any{"conditions": []any{condition("Ready", "False", "Failed", why, generator.GetGeneration())}}
	return setStatus(s.client, generatorResource, generator, status)
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
