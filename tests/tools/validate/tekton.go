package main

import (
	"bytes"
	"context"
	"encoding/json"

	tektonconfig "github.com/tektoncd/pipeline/pkg/apis/config"
	pipelinev1 "github.com/tektoncd/pipeline/pkg/apis/pipeline/v1"
	pipelinev1beta1 "github.com/tektoncd/pipeline/pkg/apis/pipeline/v1beta1"
	"github.com/tektoncd/triggers/pkg/apis/triggers/contexts"
	triggersv1beta1 "github.com/tektoncd/triggers/pkg/apis/triggers/v1beta1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"knative.dev/pkg/apis"
)

// webhook is a kind that Tekton's or Triggers' admission webhook judges.
type webhook interface {
	apis.Defaultable
	apis.Validatable
}

// webhooks are the kinds in cmd/webhook/main.go of both projects that gen can render.
var webhooks = map[schema.GroupVersionKind]func(context.Context, []byte) []string{
	pipelinev1.SchemeGroupVersion.WithKind("Task"):                       admitted[*pipelinev1.Task](),
	pipelinev1.SchemeGroupVersion.WithKind("TaskRun"):                    admitted[*pipelinev1.TaskRun](),
	pipelinev1.SchemeGroupVersion.WithKind("Pipeline"):                   admitted[*pipelinev1.Pipeline](),
	pipelinev1.SchemeGroupVersion.WithKind("PipelineRun"):                admitted[*pipelinev1.PipelineRun](),
	pipelinev1beta1.SchemeGroupVersion.WithKind("StepAction"):            admitted[*pipelinev1beta1.StepAction](),
	triggersv1beta1.SchemeGroupVersion.WithKind("EventListener"):         admitted[*triggersv1beta1.EventListener](),
	triggersv1beta1.SchemeGroupVersion.WithKind("Trigger"):               admitted[*triggersv1beta1.Trigger](),
	triggersv1beta1.SchemeGroupVersion.WithKind("TriggerBinding"):        admitted[*triggersv1beta1.TriggerBinding](),
	triggersv1beta1.SchemeGroupVersion.WithKind("TriggerTemplate"):       admitted[*triggersv1beta1.TriggerTemplate](),
	triggersv1beta1.SchemeGroupVersion.WithKind("ClusterTriggerBinding"): admitted[*triggersv1beta1.ClusterTriggerBinding](),
}

// admitted decodes strictly, sets defaults, and validates again after a round trip, as the two webhooks do one after the other.
func admitted[T interface {
	webhook
	*O
}, O any]() func(context.Context, []byte) []string {
	return func(ctx context.Context, text []byte) []string {
		ctx = tektonconfig.ToContext(ctx, tektonconfig.FromContextOrDefaults(ctx))
		ctx = apis.WithinCreate(contexts.WithUpgradeViaDefaulting(ctx))
		object := T(new(O))
		if err := strictly(text, object); err != nil {
			return []string{"webhook: " + err.Error()}
		}
		object.SetDefaults(ctx)
		text, err := json.Marshal(object)
		if err != nil {
			return []string{"webhook: " + err.Error()}
		}
		object = T(new(O))
		if err := strictly(text, object); err != nil {
			return []string{"webhook: " + err.Error()}
		}
		fault := object.Validate(ctx)
		var messages []string
		if errors := fault.Filter(apis.ErrorLevel); errors != nil {
			messages = append(messages, "webhook: "+errors.Error())
		}
		if warnings := fault.Filter(apis.WarningLevel); warnings != nil {
			messages = append(messages, "warning: webhook: "+warnings.Error())
		}
		return messages
	}
}

func strictly(text []byte, object any) error {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	return decoder.Decode(object)
}
