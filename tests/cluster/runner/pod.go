package runner

import (
	"encoding/json"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	core "k8s.io/api/core/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/strategicpatch"
)

// Image holds the program of tests/cluster/entrypoint, at that path.
const Image, program = "gen.test/entrypoint:1", "/entrypoint"

// task is one TaskRun: a Task with everything that its pipeline gives it.
type task struct {
	name, namespace string
	owner           meta.OwnerReference
	labels          map[string]string
	annotations     map[string]string
	spec            taskSpec
	params          []param
	workspaces      map[string]binding
	account         string
	template        *podTemplate
	try             int
}

// pod is the task as a pod: its steps are containers, each of which waits for the one before.
func (t *task) pod() (*core.Pod, error) {
	values, mounts, volumes, err := t.given()
	if err != nil {
		return nil, err
	}
	own, err := is[[]core.Volume](values.put(t.spec.Volumes))
	if err != nil {
		return nil, fmt.Errorf("volumes: %w", err)
	}
	spec := core.PodSpec{
		RestartPolicy: core.RestartPolicyNever, ServiceAccountName: t.account, Volumes: append(own, volumes...),
	}
	if template := t.template; template != nil {
		spec.SecurityContext, spec.NodeSelector, spec.Tolerations = template.SecurityContext, template.NodeSelector, template.Tolerations
		spec.Affinity, spec.AutomountServiceAccountToken = template.Affinity, template.AutomountServiceAccountToken
		spec.ImagePullSecrets, spec.HostUsers = template.ImagePullSecrets, template.HostUsers
		spec.Volumes = append(spec.Volumes, template.Volumes...)
	}
	scripts := map[string]string{}
	results := []string{}
	for _, result := range t.spec.Results {
		results = append(results, result.Name)
	}
	before := ""
	for index, each := range t.spec.Steps {
		container, own, err := t.container(values, t.spec.StepTemplate, each)
		if err != nil {
			return nil, err
		}
		if own.Name == "" {
			own.Name = fmt.Sprintf("unnamed-%d", index)
		}
		command := append(slices.Clone(container.Command), container.Args...)
		if own.Script != "" {
			if !strings.HasPrefix(own.Script, "#!") {
				own.Script = "#!/bin/sh\nset -e\n" + own.Script
			}
			name := fmt.Sprintf("script-%d", index)
			scripts[name] = own.Script
			command = append([]string{"/tekton/scripts/" + name}, container.Args...)
		}
		if len(command) == 0 {
			return nil, fmt.Errorf("step %s has neither a script nor a command; what its image would run is not looked up here", own.Name)
		}
		args := []string{"step", "-name=" + own.Name, "-after=" + before, "-results=" + strings.Join(results, ",")}
		if own.Timeout != nil {
			args = append(args, "-timeout="+own.Timeout.Duration.String())
		}
		if own.OnError == "continue" {
			args = append(args, "-continue")
		}
		container.Name = "step-" + own.Name
		container.Command, container.Args = []string{"/tekton/bin/entrypoint"}, append(append(args, "--"), command...)
		container.TerminationMessagePath = "/tekton/termination"
		container.VolumeMounts = append(container.VolumeMounts, mounts...)
		if t.template != nil {
			container.Env = append(slices.Clone(t.template.Env), container.Env...)
		}
		spec.Containers = append(spec.Containers, container)
		before = own.Name
	}
	placed, err := json.Marshal(scripts)
	if err != nil {
		return nil, err
	}
	// Tekton's own containers have no security context either, unless its flag `set-security-context` is on.
	spec.InitContainers = []core.Container{{
		Name: "prepare", Image: Image, Command: []string{program, "place"},
		Env: []core.EnvVar{{Name: "PLACE", Value: string(placed)}}, VolumeMounts: mounts[:2],
	}}
	always := core.ContainerRestartPolicyAlways
	for _, each := range t.spec.Sidecars {
		container, own, err := t.container(values, nil, each)
		if err != nil {
			return nil, err
		}
		container.Name, container.RestartPolicy = "sidecar-"+own.Name, &always
		container.VolumeMounts = append(container.VolumeMounts, mounts[4:]...)
		// The steps begin when it is ready.
		container.StartupProbe, container.ReadinessProbe = container.ReadinessProbe, nil
		spec.InitContainers = append(spec.InitContainers, container)
	}
	return &core.Pod{
		ObjectMeta: meta.ObjectMeta{
			Name: t.podName(), Namespace: t.namespace, Labels: t.labels, Annotations: t.annotations,
			OwnerReferences: []meta.OwnerReference{t.owner},
		},
		Spec: spec,
	}, nil
}

func (t *task) podName() string {
	if t.try == 0 {
		return t.name + "-pod"
	}
	return fmt.Sprintf("%s-pod-retry%d", t.name, t.try)
}

// container is a step or sidecar, over the step template, with its variables put in.
func (t *task) container(values variables, template, written any) (core.Container, step, error) {
	own, err := is[step](values.put(written))
	if err != nil {
		return core.Container{}, own, fmt.Errorf("a step: %w", err)
	}
	if own.Ref != nil {
		return core.Container{}, own, fmt.Errorf("step %s refers to a StepAction, which is not run here", own.Name)
	}
	base, err := json.Marshal(renamed(values.put(template)))
	if err != nil {
		return core.Container{}, own, err
	}
	over, err := json.Marshal(renamed(values.put(written)))
	if err != nil {
		return core.Container{}, own, err
	}
	merged, err := strategicpatch.StrategicMergePatch(base, over, core.Container{})
	if err != nil {
		return core.Container{}, own, fmt.Errorf("step %s: %w", own.Name, err)
	}
	var container core.Container
	return container, own, json.Unmarshal(merged, &container)
}

// renamed is a step with the fields of a container: Tekton's own are gone, and resources have their name there.
func renamed(value any) map[string]any {
	container := map[string]any{}
	fields, _ := value.(map[string]any)
	for key, each := range fields {
		switch key {
		case "script", "onError", "timeout", "ref", "workspaces", "results", "params", "when", "displayName":
		case "computeResources":
			container["resources"] = each
		default:
			container[key] = each
		}
	}
	return container
}

// given is what a task's variables stand for, and what is mounted into its steps.
func (t *task) given() (variables, []core.VolumeMount, []core.Volume, error) {
	values := newVariables()
	given := map[string]any{}
	for _, each := range t.params {
		given[each.Name] = each.Value
	}
	for _, each := range t.spec.Params {
		value, has := given[each.Name]
		if !has {
			value = each.Default
		}
		if value == nil {
			return values, nil, nil, fmt.Errorf("the parameter %s is missing", each.Name)
		}
		values.param(each.Name, value)
	}
	for _, result := range t.spec.Results {
		values.texts["results."+result.Name+".path"] = "/tekton/results/" + result.Name
	}
	values.texts["context.taskRun.name"], values.texts["context.taskRun.namespace"] = t.name, t.namespace
	values.texts["context.task.retry-count"] = strconv.Itoa(t.try)
	mounts := []core.VolumeMount{
		{Name: "tekton-internal-bin", MountPath: "/tekton/bin"}, {Name: "tekton-internal-scripts", MountPath: "/tekton/scripts"},
		{Name: "tekton-internal-run", MountPath: "/tekton/run"}, {Name: "tekton-internal-results", MountPath: "/tekton/results"},
	}
	var volumes []core.Volume
	for _, mount := range mounts {
		volumes = append(volumes, core.Volume{Name: mount.Name, VolumeSource: core.VolumeSource{EmptyDir: &core.EmptyDirVolumeSource{}}})
	}
	for index, declared := range t.spec.Workspaces {
		bound, has := t.workspaces[declared.Name]
		if !has {
			if declared.Optional {
				values.texts["workspaces."+declared.Name+".bound"], values.texts["workspaces."+declared.Name+".path"] = "false", ""
				continue
			}
			return values, nil, nil, fmt.Errorf("the workspace %s is not bound", declared.Name)
		}
		at := declared.MountPath
		if at == "" {
			at = path.Join("/workspace", declared.Name)
		}
		values.texts["workspaces."+declared.Name+".bound"], values.texts["workspaces."+declared.Name+".path"] = "true", at
		volume := fmt.Sprintf("ws-%d", index)
		volumes = append(volumes, core.Volume{Name: volume, VolumeSource: core.VolumeSource{
			PersistentVolumeClaim: bound.PersistentVolumeClaim, EmptyDir: bound.EmptyDir, ConfigMap: bound.ConfigMap,
			Secret: bound.Secret, Projected: bound.Projected,
		}})
		mounts = append(mounts, core.VolumeMount{Name: volume, MountPath: at, SubPath: bound.SubPath, ReadOnly: declared.ReadOnly})
	}
	return values, mounts, volumes, nil
}
