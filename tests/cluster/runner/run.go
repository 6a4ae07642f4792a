package runner

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	core "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// run is one PipelineRun on its way.
type run struct {
	runner   *Runner
	object   *unstructured.Unstructured
	spec     runSpec
	pipeline pipelineSpec
	bindings map[string]binding
	values   variables
	states   map[string]state
	// Read whenever a task begins, whichever it is.
	mutex    sync.Mutex
	children []any
	skipped  []any
}

// state is how far a task of the pipeline has come.
type state struct {
	outcome string         // running, Succeeded, Failed, skipped; a failure that does not count is `ignored`
	results map[string]any // texts and lists of texts
}

// end is a task that has ended, and how.
type end struct {
	task  string
	state state
}

// failure is an end of a run that has a name.
type failure struct{ reason, message string }

func (f failure) Error() string { return f.message }

func (r *run) namespace() string { return r.object.GetNamespace() }
func (r *run) name() string      { return r.object.GetName() }

// execute runs it to its end and says how that was.
func (r *run) execute(ctx context.Context) {
	r.status(map[string]any{"startTime": now()}, "Unknown", "Running", "Tasks Completed: 0 (Failed: 0, Cancelled 0), Incomplete: 1, Skipped: 0")
	err := r.prepare(ctx)
	if err == nil {
		limit := time.Hour
		if r.spec.Timeouts.Pipeline != nil {
			limit = r.spec.Timeouts.Pipeline.Duration
		}
		within, cancel := context.WithTimeout(ctx, limit)
		defer cancel()
		err = r.all(within)
		if within.Err() != nil && ctx.Err() == nil {
			err = failure{"PipelineRunTimeout", fmt.Sprintf("PipelineRun %q failed to finish within %q", r.name(), limit)}
		}
	}
	fields := map[string]any{"completionTime": now()}
	if named := (failure{}); errors.As(err, &named) {
		r.status(fields, "False", named.reason, named.message)
		return
	} else if err != nil {
		r.status(fields, "False", "Failed", err.Error())
		return
	}
	r.close(fields)
}

// prepare reads the pipeline and binds what it works with.
func (r *run) prepare(ctx context.Context) error {
	written := any(r.spec.PipelineSpec)
	if r.spec.PipelineSpec == nil {
		found, err := r.runner.tekton("pipelines").Namespace(r.namespace()).Get(ctx, r.spec.PipelineRef.Name, meta.GetOptions{})
		if err != nil {
			return failure{"CouldntGetPipeline", "Error retrieving pipeline for pipelinerun " + r.namespace() + "/" + r.name() + ": " + err.Error()}
		}
		written = found.Object["spec"]
	}
	var err error
	if r.pipeline, err = is[pipelineSpec](written); err != nil {
		return err
	}
	for _, each := range append(slices.Clone(r.pipeline.Tasks), r.pipeline.Finally...) {
		if each.TaskRef == nil || each.TaskRef.Resolver != "" {
			continue
		}
		if _, err := r.runner.tekton("tasks").Namespace(r.namespace()).Get(ctx, each.TaskRef.Name, meta.GetOptions{}); err != nil {
			return failure{"CouldntGetTask", fmt.Sprintf("Pipeline %s/%s can't be Run; it contains Tasks that don't exist: Couldn't retrieve Task %q: %v", r.namespace(), r.name(), each.TaskRef.Name, err)}
		}
	}
	given := map[string]any{}
	for _, each := range r.spec.Params {
		given[each.Name] = each.Value
	}
	for _, each := range r.pipeline.Params {
		value, has := given[each.Name]
		if !has {
			value = each.Default
		}
		if value == nil {
			return failure{"ParameterMissing", fmt.Sprintf("PipelineRun %s/%s parameters is missing some parameters required by Pipeline: [%s]", r.namespace(), r.name(), each.Name)}
		}
		r.values.param(each.Name, value)
	}
	for key, value := range map[string]string{
		"pipelineRun.name": r.name(), "pipelineRun.namespace": r.namespace(), "pipelineRun.uid": string(r.object.GetUID()), "pipeline.name": r.spec.PipelineRef.Name,
	} {
		r.values.texts["context."+key] = value
	}
	return r.bind(ctx)
}

// bind makes the claims of a run's own.
func (r *run) bind(ctx context.Context) error {
	for _, bound := range r.spec.Workspaces {
		if template := bound.VolumeClaimTemplate; template != nil {
			claim := template.DeepCopy()
			claim.Name, claim.Namespace = "pvc-"+string(r.object.GetUID())[:10]+"-"+bound.Name, r.namespace()
			claim.OwnerReferences = []meta.OwnerReference{owner(r.object)}
			_, err := r.runner.core.CoreV1().PersistentVolumeClaims(r.namespace()).Create(ctx, claim, meta.CreateOptions{})
			if err != nil && !apierrors.IsAlreadyExists(err) {
				return failure{"CouldntCreateWorkspacePVC", err.Error()}
			}
			bound.PersistentVolumeClaim = &core.PersistentVolumeClaimVolumeSource{ClaimName: claim.Name}
		}
		r.bindings[bound.Name] = bound
	}
	for _, declared := range r.pipeline.Workspaces {
		_, has := r.bindings[declared.Name]
		if !has && !declared.Optional {
			return failure{"InvalidWorkspaceBindings", "pipeline requires workspace with name \"" + declared.Name + "\" be provided by pipelinerun"}
		}
		r.values.texts["workspaces."+declared.Name+".bound"] = fmt.Sprint(has)
	}
	return nil
}

// status writes how far the run is.
func (r *run) status(fields map[string]any, word, reason, message string) {
	r.mutex.Lock()
	fields["childReferences"] = slices.Clone(r.children)
	fields["skippedTasks"] = slices.Clone(r.skipped)
	r.mutex.Unlock()
	fields["conditions"] = []any{condition(word, reason, message)}
	r.runner.setStatus("pipelineruns", r.object, fields)
}

func condition(word, reason, message string) map[string]any {
	return map[string]any{"type": "Succeeded", "status": word, "reason": reason, "message": message, "lastTransitionTime": now()}
}

func now() string { return time.Now().UTC().Format(time.RFC3339) }

func owner(of *unstructured.Unstructured) meta.OwnerReference {
	yes := true
	return meta.OwnerReference{
		APIVersion: of.GetAPIVersion(), Kind: of.GetKind(), Name: of.GetName(), UID: of.GetUID(), Controller: &yes, BlockOwnerDeletion: &yes,
	}
}

// childName is the name of a TaskRun of this run.
func (r *run) childName(of string) string { return shortened(r.name() + "-" + of) }

// tried runs a task as its TaskRun, again where it may be.
func (r *run) tried(ctx context.Context, each pipelineTask, name string) state {
	results, err := r.taskRun(ctx, each, name)
	switch {
	case err == nil:
		return state{"Succeeded", results}
	case each.OnError == "continue":
		return state{"ignored", results}
	}
	return state{"Failed", results}
}

// taskRun makes the TaskRun, and its pod until one succeeds or no retry is left.
func (r *run) taskRun(ctx context.Context, each pipelineTask, name string) (map[string]any, error) {
	object, made := r.described(each, name)
	object, err := r.runner.tekton("taskruns").Namespace(r.namespace()).Create(ctx, object, meta.CreateOptions{})
	if err != nil {
		r.runner.say("TaskRun %s: %v", name, err)
		return nil, err
	}
	r.mutex.Lock()
	r.children = append(r.children, map[string]any{"apiVersion": "tekton.dev/v1", "kind": "TaskRun", "name": name, "pipelineTaskName": each.Name})
	r.mutex.Unlock()
	r.status(map[string]any{}, "Unknown", "Running", "Tasks are running")
	made.owner = owner(object)
	var tries []any
	for {
		made.try = len(tries)
		fields, results, err := r.once(ctx, made, each)
		if err != nil && len(tries) < each.Retries && ctx.Err() == nil {
			tries = append(tries, fields)
			continue
		}
		if len(tries) > 0 {
			fields["retriesStatus"] = tries
		}
		r.runner.setStatus("taskruns", object, fields)
		return results, err
	}
}

// described is a TaskRun and what its pod is made of.
func (r *run) described(each pipelineTask, name string) (*unstructured.Unstructured, *task) {
	labels := map[string]string{
		"app.kubernetes.io/managed-by": "tekton-pipelines", "tekton.dev/memberOf": "tasks", "tekton.dev/pipeline": r.spec.PipelineRef.Name,
		"tekton.dev/pipelineRun": r.name(), "tekton.dev/pipelineRunUID": string(r.object.GetUID()), "tekton.dev/pipelineTask": each.Name,
	}
	if r.atEnd(each) {
		labels["tekton.dev/memberOf"] = "finally"
	}
	account, template := r.spec.TaskRunTemplate.ServiceAccountName, r.spec.TaskRunTemplate.PodTemplate
	for _, own := range r.spec.TaskRunSpecs {
		if own.PipelineTaskName != each.Name {
			continue
		}
		if own.ServiceAccountName != "" {
			account = own.ServiceAccountName
		}
		if own.PodTemplate != nil {
			template = own.PodTemplate
		}
	}
	if account == "" {
		account = "default"
	}
	spec := map[string]any{"serviceAccountName": account}
	if each.TaskRef != nil {
		labels["tekton.dev/task"] = each.TaskRef.Name
		spec["taskRef"] = map[string]any{"name": each.TaskRef.Name, "kind": "Task"}
	} else {
		spec["taskSpec"] = each.TaskSpec
	}
	object := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "tekton.dev/v1", "kind": "TaskRun",
		"metadata": map[string]any{"name": name, "namespace": r.namespace()}, "spec": spec,
	}}
	object.SetLabels(labels)
	object.SetOwnerReferences([]meta.OwnerReference{owner(r.object)})
	made := &task{
		name: name, namespace: r.namespace(), params: each.Params, account: account, template: template, labels: labels,
		workspaces: map[string]binding{},
	}
	for _, bound := range each.Workspaces {
		if binding, has := r.bindings[bound.Workspace]; has {
			binding.SubPath = strings.Trim(binding.SubPath+"/"+bound.SubPath, "/")
			made.workspaces[bound.Name] = binding
		}
	}
	return object, made
}

// once runs a task's pod: what the status says of it, its results, and why it failed.
func (r *run) once(ctx context.Context, made *task, each pipelineTask) (map[string]any, map[string]any, error) {
	limit := time.Hour
	if each.Timeout != nil && each.Timeout.Duration > 0 {
		limit = each.Timeout.Duration
	}
	within, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	fields, results, err := r.runner.execute(within, made, each)
	if err != nil && within.Err() != nil && ctx.Err() == nil {
		err = failure{"TaskRunTimeout", fmt.Sprintf("TaskRun %q failed to finish within %q", made.name, limit)}
	}
	fields["completionTime"] = now()
	word, reason, message := "True", "Succeeded", "All Steps have completed executing"
	if err != nil {
		word, reason, message = "False", "Failed", err.Error()
		if named := (failure{}); errors.As(err, &named) {
			reason = named.reason
		}
		if each.OnError == "continue" {
			reason = "FailureIgnored"
		}
	}
	fields["conditions"] = []any{condition(word, reason, message)}
	return fields, results, err
}

// shortened keeps a name below what a label may hold.
func shortened(name string) string {
	if len(name) > 58 {
		name = strings.TrimLeft(name[len(name)-58:], "-.0123456789")
	}
	return name
}
