package runner

import (
	"encoding/json"

	core "k8s.io/api/core/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// As much of Tekton's v1 types as is executed here. Values that hold `$(…)` stay as they are read until they are put in.
type (
	pipelineSpec struct {
		Params     []paramSpec    `json:"params"`
		Workspaces []workspace    `json:"workspaces"`
		Tasks      []pipelineTask `json:"tasks"`
		Finally    []pipelineTask `json:"finally"`
		Results    []struct {
			Name  string `json:"name"`
			Value any    `json:"value"`
		} `json:"results"`
	}
	paramSpec struct {
		Name    string `json:"name"`
		Default any    `json:"default"`
	}
	param struct {
		Name  string `json:"name"`
		Value any    `json:"value"`
	}
	workspace struct {
		Name      string `json:"name"`
		Optional  bool   `json:"optional"`
		MountPath string `json:"mountPath"`
		ReadOnly  bool   `json:"readOnly"`
	}
	pipelineTask struct {
		Name       string         `json:"name"`
		TaskRef    *named         `json:"taskRef"`
		TaskSpec   any            `json:"taskSpec"`
		RunAfter   []string       `json:"runAfter"`
		Params     []param        `json:"params"`
		When       []when         `json:"when"`
		Retries    int            `json:"retries"`
		Timeout    *meta.Duration `json:"timeout"`
		OnError    string         `json:"onError"`
		Matrix     *matrix        `json:"matrix"`
		Workspaces []struct {
			Name      string `json:"name"`
			Workspace string `json:"workspace"`
			SubPath   string `json:"subPath"`
		} `json:"workspaces"`
	}
	matrix struct {
		Params  []param `json:"params"`
		Include []struct {
			Params []param `json:"params"`
		} `json:"include"`
	}
	named struct {
		Name     string `json:"name"`
		Kind     string `json:"kind"`
		Resolver string `json:"resolver"`
	}
	when struct {
		Input    any    `json:"input"`
		Operator string `json:"operator"`
		Values   []any  `json:"values"`
	}
	runSpec struct {
		PipelineRef  named           `json:"pipelineRef"`
		PipelineSpec json.RawMessage `json:"pipelineSpec"`
		Params       []param         `json:"params"`
		Status       string          `json:"status"`
		Timeouts     struct {
			Pipeline *meta.Duration `json:"pipeline"`
		} `json:"timeouts"`
		TaskRunTemplate struct {
			ServiceAccountName string       `json:"serviceAccountName"`
			PodTemplate        *podTemplate `json:"podTemplate"`
		} `json:"taskRunTemplate"`
		TaskRunSpecs []struct {
			PipelineTaskName   string       `json:"pipelineTaskName"`
			ServiceAccountName string       `json:"serviceAccountName"`
			PodTemplate        *podTemplate `json:"podTemplate"`
		} `json:"taskRunSpecs"`
		Workspaces []binding `json:"workspaces"`
	}
	podTemplate struct {
		SecurityContext              *core.PodSecurityContext    `json:"securityContext"`
		NodeSelector                 map[string]string           `json:"nodeSelector"`
		Tolerations                  []core.Toleration           `json:"tolerations"`
		Affinity                     *core.Affinity              `json:"affinity"`
		AutomountServiceAccountToken *bool                       `json:"automountServiceAccountToken"`
		ImagePullSecrets             []core.LocalObjectReference `json:"imagePullSecrets"`
		HostUsers                    *bool                       `json:"hostUsers"`
		Env                          []core.EnvVar               `json:"env"`
		Volumes                      []core.Volume               `json:"volumes"`
	}
	binding struct {
		Name                  string                                  `json:"name"`
		SubPath               string                                  `json:"subPath"`
		VolumeClaimTemplate   *core.PersistentVolumeClaim             `json:"volumeClaimTemplate"`
		PersistentVolumeClaim *core.PersistentVolumeClaimVolumeSource `json:"persistentVolumeClaim"`
		EmptyDir              *core.EmptyDirVolumeSource              `json:"emptyDir"`
		ConfigMap             *core.ConfigMapVolumeSource             `json:"configMap"`
		Secret                *core.SecretVolumeSource                `json:"secret"`
		Projected             *core.ProjectedVolumeSource             `json:"projected"`
	}
	taskSpec struct {
		Params       []paramSpec `json:"params"`
		Workspaces   []workspace `json:"workspaces"`
		StepTemplate any         `json:"stepTemplate"`
		Steps        []any       `json:"steps"`
		Sidecars     []any       `json:"sidecars"`
		Volumes      []any       `json:"volumes"`
		Results      []struct {
			Name string `json:"name"`
			Type string `json:"type"`
		} `json:"results"`
	}
	// What of a step only Tekton reads; the rest is a container's.
	step struct {
		Name             string                    `json:"name"`
		Script           string                    `json:"script"`
		OnError          string                    `json:"onError"`
		Timeout          *meta.Duration            `json:"timeout"`
		ComputeResources core.ResourceRequirements `json:"computeResources"`
		Ref              any                       `json:"ref"`
	}
)

// is reads a value into a type, by way of JSON.
func is[T any](value any) (T, error) {
	var read T
	text, err := json.Marshal(value)
	if err != nil {
		return read, err
	}
	return read, json.Unmarshal(text, &read)
}
