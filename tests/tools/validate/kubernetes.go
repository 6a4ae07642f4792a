package main

import (
	"context"

	"k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/runtime/serializer/json"
	request "k8s.io/apiserver/pkg/endpoints/request"
	"k8s.io/apiserver/pkg/registry/rest"
	"k8s.io/kubernetes/pkg/api/legacyscheme"
	_ "k8s.io/kubernetes/pkg/apis/apps/install"
	_ "k8s.io/kubernetes/pkg/apis/autoscaling/install"
	_ "k8s.io/kubernetes/pkg/apis/batch/install"
	"k8s.io/kubernetes/pkg/apis/core"
	_ "k8s.io/kubernetes/pkg/apis/core/install"
	_ "k8s.io/kubernetes/pkg/apis/networking/install"
	_ "k8s.io/kubernetes/pkg/apis/policy/install"
	_ "k8s.io/kubernetes/pkg/apis/rbac/install"
	_ "k8s.io/kubernetes/pkg/apis/scheduling/install"
	_ "k8s.io/kubernetes/pkg/apis/storage/install"
	"k8s.io/kubernetes/pkg/registry/apps/daemonset"
	"k8s.io/kubernetes/pkg/registry/apps/deployment"
	"k8s.io/kubernetes/pkg/registry/apps/statefulset"
	"k8s.io/kubernetes/pkg/registry/autoscaling/horizontalpodautoscaler"
	"k8s.io/kubernetes/pkg/registry/batch/cronjob"
	"k8s.io/kubernetes/pkg/registry/batch/job"
	"k8s.io/kubernetes/pkg/registry/core/configmap"
	"k8s.io/kubernetes/pkg/registry/core/limitrange"
	"k8s.io/kubernetes/pkg/registry/core/namespace"
	"k8s.io/kubernetes/pkg/registry/core/persistentvolume"
	"k8s.io/kubernetes/pkg/registry/core/persistentvolumeclaim"
	"k8s.io/kubernetes/pkg/registry/core/pod"
	"k8s.io/kubernetes/pkg/registry/core/resourcequota"
	"k8s.io/kubernetes/pkg/registry/core/secret"
	"k8s.io/kubernetes/pkg/registry/core/service"
	"k8s.io/kubernetes/pkg/registry/core/serviceaccount"
	"k8s.io/kubernetes/pkg/registry/networking/ingress"
	"k8s.io/kubernetes/pkg/registry/networking/ingressclass"
	"k8s.io/kubernetes/pkg/registry/networking/networkpolicy"
	"k8s.io/kubernetes/pkg/registry/policy/poddisruptionbudget"
	"k8s.io/kubernetes/pkg/registry/rbac/clusterrole"
	"k8s.io/kubernetes/pkg/registry/rbac/clusterrolebinding"
	"k8s.io/kubernetes/pkg/registry/rbac/role"
	"k8s.io/kubernetes/pkg/registry/rbac/rolebinding"
	"k8s.io/kubernetes/pkg/registry/scheduling/priorityclass"
	"k8s.io/kubernetes/pkg/registry/storage/storageclass"
)

type runtimeObject = runtime.Object

// strategies are what the API server calls when an object of a kind is created.
var strategies = map[schema.GroupKind]rest.RESTCreateStrategy{
	{Group: "apps", Kind: "DaemonSet"}:                               daemonset.Strategy,
	{Group: "apps", Kind: "Deployment"}:                              deployment.Strategy,
	{Group: "apps", Kind: "StatefulSet"}:                             statefulset.Strategy,
	{Group: "autoscaling", Kind: "HorizontalPodAutoscaler"}:          horizontalpodautoscaler.Strategy,
	{Group: "batch", Kind: "CronJob"}:                                cronjob.Strategy,
	{Group: "batch", Kind: "Job"}:                                    job.Strategy,
	{Group: "", Kind: "ConfigMap"}:                                   configmap.Strategy,
	{Group: "", Kind: "LimitRange"}:                                  limitrange.Strategy,
	{Group: "", Kind: "Namespace"}:                                   namespace.Strategy,
	{Group: "", Kind: "PersistentVolume"}:                            persistentvolume.Strategy,
	{Group: "", Kind: "PersistentVolumeClaim"}:                       persistentvolumeclaim.Strategy,
	{Group: "", Kind: "Pod"}:                                         pod.Strategy,
	{Group: "", Kind: "ResourceQuota"}:                               resourcequota.Strategy,
	{Group: "", Kind: "Secret"}:                                      secret.Strategy,
	{Group: "", Kind: "Service"}:                                     service.Strategy,
	{Group: "", Kind: "ServiceAccount"}:                              serviceaccount.Strategy,
	{Group: "networking.k8s.io", Kind: "Ingress"}:                    ingress.Strategy,
	{Group: "networking.k8s.io", Kind: "IngressClass"}:               ingressclass.Strategy,
	{Group: "networking.k8s.io", Kind: "NetworkPolicy"}:              networkpolicy.Strategy,
	{Group: "policy", Kind: "PodDisruptionBudget"}:                   poddisruptionbudget.Strategy,
	{Group: "rbac.authorization.k8s.io", Kind: "ClusterRole"}:        clusterrole.Strategy,
	{Group: "rbac.authorization.k8s.io", Kind: "ClusterRoleBinding"}: clusterrolebinding.Strategy,
	{Group: "rbac.authorization.k8s.io", Kind: "Role"}:               role.Strategy,
	{Group: "rbac.authorization.k8s.io", Kind: "RoleBinding"}:        rolebinding.Strategy,
	{Group: "scheduling.k8s.io", Kind: "PriorityClass"}:              priorityclass.Strategy,
	{Group: "storage.k8s.io", Kind: "StorageClass"}:                  storageclass.Strategy,
}

// object returns what the cluster says against an object. text is the same object as JSON.
func (j *judge) object(ctx context.Context, object *unstructured.Unstructured, text []byte) []string {
	kind := object.GroupVersionKind()
	if strategy, ok := strategies[kind.GroupKind()]; ok {
		j.judged["Kubernetes' strategies"]++
		messages := builtIn(ctx, strategy, object, text)
		if j.levels != nil {
			j.judged["Pod Security's levels"]++
			messages = append(messages, podSecurity(j.levels, text)...)
		}
		return messages
	}
	definition, ok := j.definitions[kind]
	if !ok {
		return []string{"no kind is registered or defined for " + kind.String()}
	}
	j.judged["definitions"]++
	messages := definition.judge(ctx, object)
	if validate, ok := webhooks[kind]; ok {
		j.judged["Tekton's webhooks"]++
		messages = append(messages, validate(ctx, text)...)
		messages = append(messages, judgePods(ctx, object, text)...)
	}
	return messages
}

// builtIn does what the API server does to a created object, up to storing it. Unknown fields are faults: server-side apply, by which
// Flux writes, refuses them.
func builtIn(ctx context.Context, strategy rest.RESTCreateStrategy, object *unstructured.Unstructured, text []byte) []string {
	scheme := legacyscheme.Scheme
	if object.GetKind() == "Secret" && object.Object["sops"] != nil {
		// Flux decrypts it, and applies it without this.
		object = object.DeepCopy()
		delete(object.Object, "sops")
		stripped, err := object.MarshalJSON()
		if err != nil {
			return []string{err.Error()}
		}
		text = stripped
	}
	strict := json.NewSerializerWithOptions(json.DefaultMetaFactory, scheme, scheme, json.SerializerOptions{Strict: true})
	versioned, _, err := strict.Decode(text, nil, nil)
	if err != nil {
		return []string{err.Error()}
	}
	scheme.Default(versioned)
	internal, err := scheme.ConvertToVersion(versioned, runtime.InternalGroupVersioner)
	if err != nil {
		return []string{err.Error()}
	}
	ctx = request.WithNamespace(ctx, object.GetNamespace())
	ctx = request.WithRequestInfo(ctx, &request.RequestInfo{
		IsResourceRequest: true, Verb: "create", Namespace: object.GetNamespace(), Name: object.GetName(),
		APIGroup: object.GroupVersionKind().Group, APIVersion: object.GroupVersionKind().Version,
	})
	prepare(internal)
	accessor, err := meta.Accessor(internal)
	if err != nil {
		return []string{err.Error()}
	}
	rest.FillObjectMetaSystemFields(accessor)
	if accessor.GetName() == "" && accessor.GetGenerateName() != "" {
		accessor.SetName(strategy.GenerateName(accessor.GetGenerateName()))
	}
	if strategy.NamespaceScoped() && accessor.GetNamespace() == "" {
		return []string{"metadata.namespace: Required value"}
	}
	if err := rest.BeforeCreate(strategy, ctx, internal); err != nil {
		if status, ok := err.(errors.APIStatus); ok && status.Status().Details != nil && len(status.Status().Details.Causes) > 0 {
			var messages []string
			for _, cause := range status.Status().Details.Causes {
				messages = append(messages, cause.Field+": "+cause.Message)
			}
			return messages
		}
		return []string{err.Error()}
	}
	var messages []string
	for _, warning := range strategy.WarningsOnCreate(ctx, internal) {
		messages = append(messages, "warning: "+warning)
	}
	return messages
}

// prepare does what the storage of a kind does before its strategy is asked.
func prepare(object runtime.Object) {
	// healthCheckNodePort of registry/core/service/storage, which a Service gets before it is judged.
	if service, ok := object.(*core.Service); ok && service.Spec.HealthCheckNodePort == 0 &&
		service.Spec.Type == core.ServiceTypeLoadBalancer &&
		service.Spec.ExternalTrafficPolicy == core.ServiceExternalTrafficPolicyLocal {
		service.Spec.HealthCheckNodePort = 30000
	}
	// normalizeClusterIPs of registry/core/service/storage.
	if service, ok := object.(*core.Service); ok && service.Spec.ClusterIP != "" && len(service.Spec.ClusterIPs) == 0 {
		service.Spec.ClusterIPs = []string{service.Spec.ClusterIP}
	}
}
