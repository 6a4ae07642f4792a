package main

import (
	"k8s.io/apimachinery/pkg/runtime/serializer/json"
	"k8s.io/kubernetes/pkg/api/legacyscheme"
	"k8s.io/pod-security-admission/admission"
	"k8s.io/pod-security-admission/api"
	"k8s.io/pod-security-admission/policy"
)

// levels are those that forbid something.
var levels = []api.Level{api.LevelBaseline, api.LevelRestricted}

// podSecurity says what a namespace that enforces a level in its newest version has against the pods of an object, by the evaluator
// of the API server's admission plugin. The object is defaulted first, as it is when admission sees it.
func podSecurity(evaluator policy.Evaluator, text []byte) []string {
	scheme := legacyscheme.Scheme
	decoder := json.NewSerializerWithOptions(json.DefaultMetaFactory, scheme, scheme, json.SerializerOptions{})
	object, _, err := decoder.Decode(text, nil, nil)
	if err != nil {
		// The strategies say it, too.
		return nil
	}
	scheme.Default(object)
	metadata, spec, err := (admission.DefaultPodSpecExtractor{}).ExtractPodSpec(object)
	if err != nil || spec == nil {
		return nil
	}
	var messages []string
	for _, level := range levels {
		results := evaluator.EvaluatePod(api.LevelVersion{Level: level, Version: api.LatestVersion()}, metadata, spec)
		if result := policy.AggregateCheckResults(results); !result.Allowed {
			messages = append(messages, "pod-security "+string(level)+": "+result.ForbiddenDetail())
		}
	}
	return messages
}

func newEvaluator() (policy.Evaluator, error) {
	return policy.NewEvaluator(policy.DefaultChecks(), nil)
}
