// Package runner executes PipelineRuns on a cluster with a real node as Tekton's controller does: tasks in order and in
// parallel, parameters, results, workspaces, `when`, `finally`, retries and timeouts; each Task becomes a Pod under its
// own account, whose steps run one after the other. It is what the tests have where Tekton itself is not to be had; it
// knows no resolvers, no StepActions and no custom tasks, and says so where a pipeline has one.
package runner

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"sync"
	"time"

	core "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
)

// Runner watches for runs.
type Runner struct {
	core    kubernetes.Interface
	dynamic dynamic.Interface
	mutex   sync.Mutex
	seen    map[types.UID]context.CancelFunc
}

// New is one for a cluster.
func New(config *rest.Config) (*Runner, error) {
	typed, err := kubernetes.NewForConfig(config)
	if err != nil {
		return nil, err
	}
	loose, err := dynamic.NewForConfig(config)
	if err != nil {
		return nil, err
	}
	return &Runner{core: typed, dynamic: loose, seen: map[types.UID]context.CancelFunc{}}, nil
}

func (r *Runner) tekton(resource string) dynamic.NamespaceableResourceInterface {
	return r.dynamic.Resource(schema.GroupVersionResource{Group: "tekton.dev", Version: "v1", Resource: resource})
}

func (r *Runner) say(format string, values ...any) {
	fmt.Fprintf(os.Stderr, "runner: "+format+"\n", values...)
}

// Look starts every run that is new, and ends those that are gone.
func (r *Runner) Look() error {
	found, err := r.tekton("pipelineruns").List(context.Background(), meta.ListOptions{})
	if err != nil {
		return err
	}
	there := map[types.UID]bool{}
	for index := range found.Items {
		object := &found.Items[index]
		there[object.GetUID()] = true
		if _, known := r.seen[object.GetUID()]; known || object.GetDeletionTimestamp() != nil {
			continue
		}
		spec, err := is[runSpec](object.Object["spec"])
		if err != nil {
			return fmt.Errorf("%s/%s: %w", object.GetNamespace(), object.GetName(), err)
		}
		ctx, cancel := context.WithCancel(context.Background())
		r.seen[object.GetUID()] = cancel
		run := &run{runner: r, object: object, spec: spec, bindings: map[string]binding{}, values: newVariables(), states: map[string]state{}}
		go run.execute(ctx)
	}
	for uid, cancel := range r.seen {
		if !there[uid] {
			cancel()
		}
	}
	return nil
}

func (r *Runner) setStatus(resource string, object *unstructured.Unstructured, fields map[string]any) {
	patch, err := json.Marshal(map[string]any{"status": fields})
	if err != nil {
		r.say("%s: %v", object.GetName(), err)
		return
	}
	_, err = r.tekton(resource).Namespace(object.GetNamespace()).
		Patch(context.Background(), object.GetName(), types.MergePatchType, patch, meta.PatchOptions{FieldManager: "runner"}, "status")
	if err != nil && !apierrors.IsNotFound(err) {
		r.say("status of %s: %v", object.GetName(), err)
	}
}

// execute runs a task's pod to its end: what its status says, its results, and why it failed.
func (r *Runner) execute(ctx context.Context, task *task, of pipelineTask) (map[string]any, map[string]any, error) {
	fields := map[string]any{"startTime": now()}
	written := any(of.TaskSpec)
	if of.TaskRef != nil {
		if of.TaskRef.Resolver != "" {
			return fields, nil, failure{"TaskRunResolutionFailed", "resolvers are not run here"}
		}
		found, err := r.tekton("tasks").Namespace(task.namespace).Get(ctx, of.TaskRef.Name, meta.GetOptions{})
		if err != nil {
			return fields, nil, failure{"CouldntGetTask", err.Error()}
		}
		written = found.Object["spec"]
		task.annotations = found.GetAnnotations()
	}
	var err error
	if task.spec, err = is[taskSpec](written); err != nil {
		return fields, nil, failure{"TaskRunValidationFailed", err.Error()}
	}
	pod, err := task.pod()
	if err != nil {
		return fields, nil, failure{"TaskRunValidationFailed", err.Error()}
	}
	pods := r.core.CoreV1().Pods(task.namespace)
	if pod, err = pods.Create(ctx, pod, meta.CreateOptions{}); err != nil {
		reason := "PodCreationFailed"
		if strings.Contains(err.Error(), "violates PodSecurity") {
			reason = "PodAdmissionFailed"
		}
		return fields, nil, failure{reason, err.Error()}
	}
	fields["podName"] = pod.Name
	for {
		select {
		case <-ctx.Done():
			_ = pods.Delete(context.Background(), pod.Name, meta.DeleteOptions{})
			return fields, nil, failure{"TaskRunCancelled", "it was stopped"}
		case <-time.After(200 * time.Millisecond):
		}
		now, err := pods.Get(ctx, pod.Name, meta.GetOptions{})
		if err != nil {
			if apierrors.IsNotFound(err) {
				return fields, nil, failure{"PodEvicted", "its pod is gone"}
			}
			continue
		}
		if stuck := stuck(now); stuck != nil {
			_ = pods.Delete(context.Background(), pod.Name, meta.DeleteOptions{})
			return fields, nil, stuck
		}
		if now.Status.Phase == core.PodSucceeded || now.Status.Phase == core.PodFailed {
			results, err := outcome(now, task.spec, fields)
			return fields, results, err
		}
	}
}

// stuck tells of a pod that will not start.
func stuck(pod *core.Pod) error {
	for _, status := range append(pod.Status.InitContainerStatuses, pod.Status.ContainerStatuses...) {
		if waiting := status.State.Waiting; waiting != nil {
			switch waiting.Reason {
			case "ErrImagePull", "ImagePullBackOff", "InvalidImageName":
				return failure{"TaskRunImagePullFailed", fmt.Sprintf("the image %q cannot be pulled: %s", status.Image, waiting.Message)}
			case "CreateContainerConfigError", "CreateContainerError":
				return failure{waiting.Reason, waiting.Message}
			}
		}
	}
	return nil
}

// outcome reads the ends of a pod's steps: their results, and the first that failed.
func outcome(pod *core.Pod, spec taskSpec, fields map[string]any) (map[string]any, error) {
	results := map[string]any{}
	lists := map[string]bool{}
	for _, result := range spec.Results {
		lists[result.Name] = result.Type == "array"
	}
	var steps, named []any
	var failed error
	ends := map[string]core.ContainerStatus{}
	for _, status := range pod.Status.ContainerStatuses {
		ends[status.Name] = status
	}
	for _, container := range pod.Spec.Containers {
		status, ended := ends[container.Name], ends[container.Name].State.Terminated
		if ended == nil {
			continue
		}
		var told []struct {
			Key, Value string
			Type       int
		}
		_ = json.Unmarshal([]byte(ended.Message), &told)
		reason := ended.Reason
		for _, each := range told {
			if each.Type == 1 {
				results[each.Key] = each.Value
				var list []string
				if lists[each.Key] && json.Unmarshal([]byte(each.Value), &list) == nil {
					results[each.Key] = list
				}
			} else if each.Key == "Reason" {
				reason = each.Value
			}
		}
		name := strings.TrimPrefix(container.Name, "step-")
		steps = append(steps, map[string]any{
			"name": name, "container": container.Name, "imageID": status.ImageID, "terminationReason": reason,
			"terminated": map[string]any{
				"exitCode": int64(ended.ExitCode), "reason": ended.Reason, "startedAt": ended.StartedAt.UTC().Format(time.RFC3339), "finishedAt": ended.FinishedAt.UTC().Format(time.RFC3339),
			},
		})
		goesOn := strings.Contains(strings.Join(container.Args, " "), " -continue ")
		if ended.ExitCode != 0 && reason != "Skipped" && !goesOn && failed == nil {
			why := "StepFailed"
			if ended.Reason == "OOMKilled" {
				why = "StepOOM"
			}
			failed = failure{why, fmt.Sprintf("%q exited with code %d: %s", container.Name, ended.ExitCode, reason)}
		}
	}
	for key, value := range results {
		kind := "string"
		if lists[key] {
			kind = "array"
		}
		named = append(named, map[string]any{"name": key, "type": kind, "value": value})
	}
	fields["steps"] = steps
	if len(named) > 0 {
		fields["results"] = named
	}
	if failed == nil && pod.Status.Phase == core.PodFailed {
		failed = failure{"Failed", fmt.Sprintf("the pod failed: %s %s", pod.Status.Reason, pod.Status.Message)}
	}
	return results, failed
}
