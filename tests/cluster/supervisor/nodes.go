package main

import (
	"errors"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/dynamic/dynamicinformer"
	"k8s.io/client-go/tools/cache"
)

// outcomeAnnotation on an object, or on its namespace, says how it is to end: succeed (so where nothing is said), fail,
// or wait, which leaves it as it is.
const outcomeAnnotation = "gen.test/outcome"

var (
	namespaceResource = schema.GroupVersionResource{Version: "v1", Resource: "namespaces"}
	podResource       = schema.GroupVersionResource{Version: "v1", Resource: "pods"}
	claimResource     = schema.GroupVersionResource{Version: "v1", Resource: "persistentvolumeclaims"}
	runResource       = schema.GroupVersionResource{Group: "tekton.dev", Version: "v1", Resource: "pipelineruns"}
)

// nodes stands in for scheduler, kubelets, volume provisioner and Tekton: pods come up, claims are bound, runs end.
// From the pods' status Kubernetes' own controllers make that of Deployments, StatefulSets and Jobs.
type nodes struct {
	client dynamic.Interface
	cached map[schema.GroupVersionResource]cache.GenericLister
	ready  []cache.InformerSynced
	done   map[types.UID]string // what an object was last set to
}

func newNodes(client dynamic.Interface) *nodes {
	n := &nodes{client: client, cached: map[schema.GroupVersionResource]cache.GenericLister{}, done: map[types.UID]string{}}
	factory := dynamicinformer.NewDynamicSharedInformerFactory(client, 0)
	for _, resource := range []schema.GroupVersionResource{namespaceResource, podResource, claimResource, runResource} {
		informer := factory.ForResource(resource)
		n.cached[resource] = informer.Lister()
		n.ready = append(n.ready, informer.Informer().HasSynced)
	}
	factory.Start(nil)
	return n
}

// look sets the status of whatever does not have the one it is to have.
func (n *nodes) look() error {
	for _, ready := range n.ready {
		if !ready() {
			return nil
		}
	}
	var all []error
	for resource, set := range map[schema.GroupVersionResource]func(*unstructured.Unstructured, string) map[string]any{
		podResource: podStatus, claimResource: claimStatus, runResource: runStatus,
	} {
		objects, err := n.cached[resource].List(labels.Everything())
		if err != nil {
			return err
		}
		for _, each := range objects {
			object, is := each.(*unstructured.Unstructured)
			if !is || object.GetDeletionTimestamp() != nil {
				continue
			}
			outcome := n.outcome(object)
			if outcome == "wait" || n.done[object.GetUID()] == outcome {
				continue
			}
			if err := n.set(resource, object, set(object, outcome)); err != nil {
				all = append(all, err)
				continue
			}
			n.done[object.GetUID()] = outcome
		}
	}
	return errors.Join(all...)
}

func (n *nodes) outcome(object *unstructured.Unstructured) string {
	if said := object.GetAnnotations()[outcomeAnnotation]; said != "" {
		return said
	}
	if found, err := n.cached[namespaceResource].Get(object.GetNamespace()); err == nil {
		if namespace, is := found.(*unstructured.Unstructured); is {
			if said := namespace.GetAnnotations()[outcomeAnnotation]; said != "" {
				return said
			}
		}
	}
	return "succeed"
}

func (n *nodes) set(resource schema.GroupVersionResource, object *unstructured.Unstructured, status map[string]any) error {
	if status == nil {
		return nil
	}
	return setStatus(n.client, resource, object, status)
}

func now() string { return time.Now().UTC().Format(time.RFC3339) }

// podStatus: a container that runs and is ready, or one whose image cannot be pulled; a Job's pod comes to an end.
func podStatus(pod *unstructured.Unstructured, outcome string) map[string]any {
	fails := outcome == "fail"
	ofJob := false
	for _, owner := range pod.GetOwnerReferences() {
		ofJob = ofJob || owner.Kind == "Job"
	}
	var states []any
	for _, container := range maps(pod, "spec", "containers") {
		state := map[string]any{"running": map[string]any{"startedAt": now()}}
		switch {
		case ofJob && fails:
			state = map[string]any{"terminated": map[string]any{"exitCode": int64(1), "reason": "Error", "startedAt": now(), "finishedAt": now()}}
		case ofJob:
			state = map[string]any{"terminated": map[string]any{"exitCode": int64(0), "reason": "Completed", "startedAt": now(), "finishedAt": now()}}
		case fails:
			state = map[string]any{"waiting": map[string]any{"reason": "ImagePullBackOff", "message": "the tests' stand-in for a node pulls nothing"}}
		}
		states = append(states, map[string]any{
			"name": text(container, "name"), "image": text(container, "image"), "imageID": "", "restartCount": int64(0),
			"ready": !fails && !ofJob, "started": !fails && !ofJob, "state": state,
		})
	}
	phase, ready := "Running", "True"
	switch {
	case ofJob && fails:
		phase, ready = "Failed", "False"
	case ofJob:
		phase, ready = "Succeeded", "False"
	case fails:
		phase, ready = "Pending", "False"
	}
	conditions := []any{}
	for _, kind := range []string{"PodScheduled", "Initialized"} {
		conditions = append(conditions, map[string]any{"type": kind, "status": "True", "lastTransitionTime": now()})
	}
	for _, kind := range []string{"ContainersReady", "Ready"} {
		conditions = append(conditions, map[string]any{"type": kind, "status": ready, "lastTransitionTime": now()})
	}
	return map[string]any{"phase": phase, "startTime": now(), "conditions": conditions, "containerStatuses": states}
}

func claimStatus(claim *unstructured.Unstructured, outcome string) map[string]any {
	if outcome == "fail" {
		return nil // it stays Pending, as a claim does that nothing provides for
	}
	modes, _, _ := unstructured.NestedSlice(claim.Object, "spec", "accessModes")
	capacity, _, _ := unstructured.NestedMap(claim.Object, "spec", "resources", "requests")
	return map[string]any{"phase": "Bound", "accessModes": modes, "capacity": capacity}
}

// runStatus ends a PipelineRun. A run that has ended stays as it is.
func runStatus(run *unstructured.Unstructured, outcome string) map[string]any {
	if said := conditionOf(run, "Succeeded")["status"]; said == "True" || said == "False" {
		return nil
	}
	status, reason, message := "True", "Succeeded", "Tasks Completed: 1 (Failed: 0, Cancelled 0), Skipped: 0"
	if outcome == "fail" {
		status, reason, message = "False", "Failed", "Tasks Completed: 1 (Failed: 1, Cancelled 0), Skipped: 0"
	}
	ended := map[string]any{"type": "Succeeded", "status": status, "reason": reason, "message": message, "lastTransitionTime": now()}
	return map[string]any{"startTime": now(), "completionTime": now(), "conditions": []any{ended}}
}
