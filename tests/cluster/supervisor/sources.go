package main

import (
	"context"
	"encoding/json"
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

// requestedAnnotation asks Flux to look again now, as `flux reconcile` and Flux's receiver of webhooks do.
const requestedAnnotation = "reconcile.fluxcd.io/requestedAt"

// sources does what a git host's webhook has Flux's receiver do: it asks the source-controller to look at a GitRepository as
// soon as its branch has moved, rather than after its interval. And it stands in for source-watcher.
type sources struct {
	client     dynamic.Interface
	store      *store
	repository string // for GitRepositories that name none on this machine
	mutex      sync.Mutex
	asked      map[types.UID]question
	artifacts  map[types.UID]*artifact
}

// question is when the source-controller was asked about what.
type question struct {
	about, at string
}

// look asks about every source that has moved, and brings the ExternalArtifacts up to date.
func (s *sources) look() error {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	_, err := s.ask()
	return errors.Join(err, s.generateAll())
}

// poke does the same, and waits in between until the source-controller has answered.
func (s *sources) poke() error {
	s.mutex.Lock()
	open, err := s.ask()
	s.mutex.Unlock()
	waited := eventually("the source-controller has not looked at all sources", func(context.Context) error {
		return s.answered(open)
	})
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return errors.Join(err, waited, s.generateAll())
}

func listed(client dynamic.Interface, resource schema.GroupVersionResource) ([]unstructured.Unstructured, error) {
	all, err := client.Resource(resource).List(context.Background(), meta.ListOptions{})
	if err != nil {
		return nil, err
	}
	return all.Items, nil
}

// folderOf is the folder of this machine that a GitRepository names, if it does.
func folderOf(repository *unstructured.Unstructured) (string, bool) {
	text, _, _ := unstructured.NestedString(repository.Object, "spec", "url")
	parsed, err := url.Parse(text)
	if err != nil || parsed.Hostname() != localHost {
		return "", false
	}
	return parsed.Path, true
}

func branchOf(repository *unstructured.Unstructured) string {
	branch, _, _ := unstructured.NestedString(repository.Object, "spec", "ref", "branch")
	if branch == "" {
		return "master"
	}
	return branch
}

// tip is the commit that a GitRepository is to be at; empty where nobody can say.
func (s *sources) tip(repository *unstructured.Unstructured) string {
	folder, isLocal := folderOf(repository)
	name := "refs/heads/" + branchOf(repository)
	if !isLocal {
		folder, name = s.repository, "HEAD"
	}
	if folder == "" {
		return ""
	}
	// A repository that is not there is the source-controller's to complain about.
	hash, _ := git(folder, "rev-parse", "--verify", "--quiet", name+"^{commit}")
	return hash
}

// ask asks the source-controller about what has moved. The result is every question, also an older one, whose answer is what the
// source is at now.
func (s *sources) ask() (map[types.UID]question, error) {
	repositories, err := listed(s.client, repositoryResource)
	if err != nil {
		return nil, err
	}
	var all []error
	open, tips := map[types.UID]question{}, map[string]string{}
	for index := range repositories {
		repository := &repositories[index]
		if suspended, _, _ := unstructured.NestedBool(repository.Object, "spec", "suspend"); suspended {
			continue
		}
		folder, _ := folderOf(repository)
		at := folder + "\n" + branchOf(repository)
		hash, known := tips[at]
		if !known {
			hash = s.tip(repository)
			tips[at] = hash
		}
		if upToDate(repository, hash) {
			continue
		}
		about := fmt.Sprintf("%s of generation %d", hash, repository.GetGeneration())
		if s.asked[repository.GetUID()].about != about {
			// Of one width, so that the later is the greater.
			now := time.Now().UTC().Format("2006-01-02T15:04:05.000000000Z")
			if err := s.annotate(repository, now); err != nil {
				all = append(all, err)
				continue
			}
			s.asked[repository.GetUID()] = question{about, now}
		}
		open[repository.GetUID()] = s.asked[repository.GetUID()]
	}
	return open, errors.Join(all...)
}

func (s *sources) annotate(repository *unstructured.Unstructured, at string) error {
	change, err := json.Marshal(map[string]any{"metadata": map[string]any{"annotations": map[string]any{requestedAnnotation: at}}})
	if err != nil {
		return err
	}
	_, err = s.client.Resource(repositoryResource).Namespace(repository.GetNamespace()).
		Patch(context.Background(), repository.GetName(), types.MergePatchType, change, meta.PatchOptions{FieldManager: "flux"})
	if apierrors.IsNotFound(err) {
		return nil
	}
	return err
}

// answered says which question is still open, as an error. The source-controller notes a question as handled before it has an
// answer, which is the commit, or why there is none.
func (s *sources) answered(open map[types.UID]question) error {
	repositories, err := listed(s.client, repositoryResource)
	if err != nil {
		return err
	}
	for index := range repositories {
		repository := &repositories[index]
		asked, is := open[repository.GetUID()]
		suspended, _, _ := unstructured.NestedBool(repository.Object, "spec", "suspend")
		if !is || suspended || repository.GetDeletionTimestamp() != nil {
			continue
		}
		handled, _, _ := unstructured.NestedString(repository.Object, "status", "lastHandledReconcileAt")
		// Somebody else may ask in other words.
		seen := handled >= asked.at || handled == repository.GetAnnotations()[requestedAnnotation]
		ready := conditionOf(repository, "Ready")
		if !seen || ready["status"] != "False" && !upToDate(repository, s.tip(repository)) {
			return fmt.Errorf("%s/%s: %v", repository.GetNamespace(), repository.GetName(), ready["message"])
		}
	}
	return nil
}

// upToDate: the source is at a commit and says nothing else.
func upToDate(source *unstructured.Unstructured, hash string) bool {
	had, _, _ := unstructured.NestedString(source.Object, "status", "artifact", "revision")
	seen, _, _ := unstructured.NestedInt64(source.Object, "status", "observedGeneration")
	return had == branchOf(source)+"@sha1:"+hash && seen == source.GetGeneration() && isReady(source)
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
