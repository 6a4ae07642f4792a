package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"sync"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/dynamic"
)

var (
	repositoryResource = schema.GroupVersionResource{Group: "source.toolkit.fluxcd.io", Version: "v1", Resource: "gitrepositories"}
	externalResource   = schema.GroupVersionResource{Group: "source.toolkit.fluxcd.io", Version: "v1", Resource: "externalartifacts"}
	generatorResource  = schema.GroupVersionResource{Group: "source.extensions.fluxcd.io", Version: "v1beta1", Resource: "artifactgenerators"}
)

// localHost in a GitRepository's URL says that its path is a folder of this machine.
const localHost = "local.test"

// sources stands in for Flux's source-controller and source-watcher: it follows HEAD of git repositories of this
// machine, whatever branch a GitRepository names.
type sources struct {
	client     dynamic.Interface
	store      *store
	repository string // for GitRepositories that name none on this machine
	mutex      sync.Mutex
	commits    map[string]*commit // by folder
}

// look brings every source up to date.
func (s *sources) look() error {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	repositories, err := s.client.Resource(repositoryResource).List(context.Background(), meta.ListOptions{})
	if err != nil {
		return err
	}
	fetched := map[string]*commit{} // this round's, by folder
	of := map[types.NamespacedName]*commit{}
	var all []error
	for index := range repositories.Items {
		repository := &repositories.Items[index]
		commit, err := s.follow(repository, fetched)
		if err != nil {
			all = append(all, fmt.Errorf("%s/%s: %w", repository.GetNamespace(), repository.GetName(), err))
			continue
		}
		of[types.NamespacedName{Namespace: repository.GetNamespace(), Name: repository.GetName()}] = commit
	}
	generators, err := s.client.Resource(generatorResource).List(context.Background(), meta.ListOptions{})
	if err != nil {
		return errors.Join(append(all, err)...)
	}
	for index := range generators.Items {
		if err := s.generate(&generators.Items[index], of); err != nil {
			all = append(all, fmt.Errorf("%s: %w", generators.Items[index].GetName(), err))
		}
	}
	return errors.Join(all...)
}

// folderOf is where a GitRepository's commits come from.
func (s *sources) folderOf(repository *unstructured.Unstructured) (string, error) {
	text, _, _ := unstructured.NestedString(repository.Object, "spec", "url")
	parsed, err := url.Parse(text)
	if err == nil && parsed.Hostname() == localHost {
		return parsed.Path, nil
	}
	if s.repository == "" {
		return "", fmt.Errorf("only https://%s/FOLDER can be followed here, not %s", localHost, text)
	}
	return s.repository, nil
}

// follow sets a GitRepository's status to its HEAD.
func (s *sources) follow(repository *unstructured.Unstructured, fetched map[string]*commit) (*commit, error) {
	if suspended, _, _ := unstructured.NestedBool(repository.Object, "spec", "suspend"); suspended {
		return nil, nil
	}
	if ignore, _, _ := unstructured.NestedString(repository.Object, "spec", "ignore"); ignore != "" {
		return nil, s.failed(repositoryResource, repository, "the stand-in for source-controller knows no spec.ignore")
	}
	folder, err := s.folderOf(repository)
	if err != nil {
		return nil, s.failed(repositoryResource, repository, err.Error())
	}
	found, again := fetched[folder]
	if !again {
		if found, err = head(folder, s.commits[folder]); err != nil {
			return nil, s.failed(repositoryResource, repository, err.Error())
		}
		s.commits[folder], fetched[folder] = found, found
	}
	branch, _, _ := unstructured.NestedString(repository.Object, "spec", "ref", "branch")
	if branch == "" {
		branch = "master"
	}
	revision := branch + "@sha1:" + found.hash
	if upToDate(repository, revision) {
		return found, nil
	}
	files := found.files
	sparse, _, _ := unstructured.NestedStringSlice(repository.Object, "spec", "sparseCheckout")
	if len(sparse) > 0 {
		files = nil
	}
	for _, folder := range sparse {
		below := found.below(folder)
		if len(below) == 0 {
			return nil, s.failed(repositoryResource, repository, fmt.Sprintf("sparse checkout: no folder %s in %s", folder, revision))
		}
		for _, each := range below {
			each.path = folder + "/" + each.path
			files = append(files, each)
		}
	}
	packed, err := s.store.add(files)
	if err != nil {
		return nil, err
	}
	return found, s.succeeded(repositoryResource, repository, packed, revision, nil)
}

// upToDate: nothing was asked of a source since its status was set.
func upToDate(source *unstructured.Unstructured, revision string) bool {
	had, _, _ := unstructured.NestedString(source.Object, "status", "artifact", "revision")
	seen, _, _ := unstructured.NestedInt64(source.Object, "status", "observedGeneration")
	handled, _, _ := unstructured.NestedString(source.Object, "status", "lastHandledReconcileAt")
	return had == revision && seen == source.GetGeneration() && handled == requested(source) && isReady(source)
}

func requested(source *unstructured.Unstructured) string {
	return source.GetAnnotations()["reconcile.fluxcd.io/requestedAt"]
}

func isReady(source *unstructured.Unstructured) bool {
	return conditionOf(source, "Ready")["status"] == "True"
}

func conditionOf(object *unstructured.Unstructured, kind string) map[string]any {
	conditions, _, _ := unstructured.NestedSlice(object.Object, "status", "conditions")
	for _, each := range conditions {
		if condition, is := each.(map[string]any); is && condition["type"] == kind {
			return condition
		}
	}
	return nil
}

func (s *sources) succeeded(resource schema.GroupVersionResource, source *unstructured.Unstructured, made packed, revision string, metadata map[string]any) error {
	artifact := map[string]any{
		"url": made.url, "path": made.path, "digest": made.digest, "size": made.size, "revision": revision,
		"lastUpdateTime": time.Now().UTC().Format(time.RFC3339),
	}
	if metadata != nil {
		artifact["metadata"] = metadata
	}
	status := map[string]any{
		"artifact":   artifact,
		"conditions": []any{condition("Ready", "True", "Succeeded", "stored artifact for revision '"+revision+"'", source.GetGeneration())},
	}
	if resource == repositoryResource {
		status["observedGeneration"] = source.GetGeneration()
		if at := requested(source); at != "" {
			status["lastHandledReconcileAt"] = at
		}
	}
	return setStatus(s.client, resource, source, status)
}

// failed says on the source why it gives nothing. An error is that it cannot be said.
func (s *sources) failed(resource schema.GroupVersionResource, source *unstructured.Unstructured, why string) error {
	said := conditionOf(source, "Ready")
	if said["status"] == "False" && said["message"] == why {
		return nil
	}
	status := map[string]any{"conditions": []any{condition("Ready", "False", "Failed", why, source.GetGeneration())}}
	return setStatus(s.client, resource, source, status)
}

func condition(kind, status, reason, message string, generation int64) map[string]any {
	return map[string]any{
		"type": kind, "status": status, "reason": reason, "message": message, "observedGeneration": generation,
		"lastTransitionTime": time.Now().UTC().Format(time.RFC3339),
	}
}

// setStatus writes a status as a controller does. An object that is gone by then needs none.
func setStatus(client dynamic.Interface, resource schema.GroupVersionResource, object *unstructured.Unstructured, status map[string]any) error {
	set := &unstructured.Unstructured{Object: map[string]any{"status": status}}
	set.SetAPIVersion(object.GetAPIVersion())
	set.SetKind(object.GetKind())
	set.SetName(object.GetName())
	set.SetNamespace(object.GetNamespace())
	set.SetUID(object.GetUID())
	_, err := client.Resource(resource).Namespace(object.GetNamespace()).
		ApplyStatus(context.Background(), object.GetName(), set, meta.ApplyOptions{FieldManager: "gen-test-standin", Force: true})
	if apierrors.IsNotFound(err) || apierrors.IsConflict(err) {
		return nil
	}
	return err
}
