package main

import (
	"context"
	"encoding/json"
	"fmt"

	pipelinev1 "github.com/tektoncd/pipeline/pkg/apis/pipeline/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/kubernetes/pkg/registry/core/pod"
)

// pods are what Tekton makes of an object when it runs: the pod of a Task, and one for each pod template, wherever it is. No webhook
// looks at them, so a fault in them is told only when the run creates the pod.
func pods(object *unstructured.Unstructured, text []byte) ([]*corev1.Pod, error) {
	var all []*corev1.Pod
	if object.GroupVersionKind() == pipelinev1.SchemeGroupVersion.WithKind("Task") {
		of, err := podOfTask(text)
		if err != nil {
			return nil, err
		}
		all = append(all, of)
	}
	err := eachTemplate(object.Object, func(template map[string]any) error {
		text, err := json.Marshal(template)
		if err != nil {
			return err
		}
		made := newPod(corev1.PodSpec{})
		// Its fields are those of a pod's spec, but for variables.
		if err := json.Unmarshal(text, &made.Spec); err != nil {
			return err
		}
		made.Spec.Containers = []corev1.Container{{Name: "step", Image: "step"}}
		made.Spec.RestartPolicy = corev1.RestartPolicyNever
		all = append(all, made)
		return nil
	})
	return all, err
}

func podOfTask(text []byte) (*corev1.Pod, error) {
	var task pipelinev1.Task
	if err := json.Unmarshal(text, &task); err != nil {
		return nil, err
	}
	steps, err := pipelinev1.MergeStepsWithStepTemplate(task.Spec.StepTemplate, task.Spec.Steps)
	if err != nil {
		return nil, err
	}
	made := newPod(corev1.PodSpec{RestartPolicy: corev1.RestartPolicyNever, Volumes: task.Spec.Volumes})
	for number, step := range steps {
		container := step.ToK8sContainer()
		// The names that Tekton's pod builder gives (pkg/pod).
		container.Name = fmt.Sprintf("step-%d-%s", number, step.Name)
		if step.Ref != nil {
			// The StepAction has it.
			container.Image = "step"
		}
		made.Spec.Containers = append(made.Spec.Containers, *container)
	}
	for _, sidecar := range task.Spec.Sidecars {
		container := sidecar.ToK8sContainer()
		container.Name = "sidecar-" + sidecar.Name
		made.Spec.Containers = append(made.Spec.Containers, *container)
	}
	return made, nil
}

func newPod(spec corev1.PodSpec) *corev1.Pod {
	return &corev1.Pod{
		TypeMeta:   metav1.TypeMeta{APIVersion: "v1", Kind: "Pod"},
		ObjectMeta: metav1.ObjectMeta{Name: "run", Namespace: "runs"},
		Spec:       spec,
	}
}

// eachTemplate visits every `podTemplate`, also those of runs inside a TriggerTemplate.
func eachTemplate(value any, visit func(map[string]any) error) error {
	switch value := value.(type) {
	case []any:
		for _, item := range value {
			if err := eachTemplate(item, visit); err != nil {
				return err
			}
		}
	case map[string]any:
		for key, item := range value {
			if template, ok := item.(map[string]any); ok && key == "podTemplate" {
				if err := visit(template); err != nil {
					return err
				}
			} else if err := eachTemplate(item, visit); err != nil {
				return err
			}
		}
	}
	return nil
}

// judgePods says what the API server has against the pods of an object.
func judgePods(ctx context.Context, object *unstructured.Unstructured, text []byte) []string {
	all, err := pods(object, text)
	if err != nil {
		return []string{"pod: " + err.Error()}
	}
	var messages []string
	for _, made := range all {
		text, err := json.Marshal(made)
		if err != nil {
			return []string{"pod: " + err.Error()}
		}
		var asObject unstructured.Unstructured
		if err := asObject.UnmarshalJSON(text); err != nil {
			return []string{"pod: " + err.Error()}
		}
		for _, message := range builtIn(ctx, pod.Strategy, &asObject, text) {
			messages = append(messages, "pod: "+message)
		}
	}
	return messages
}
