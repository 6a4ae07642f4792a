//! What holds in the kinds of Triggers.

use super::entry::{refused, rules, triggers};
use crate::check::finding::Rule;

rules! {
    FIELD = refused("CHK1401", "trigger-field",
        "Objects of Triggers have only fields that their kind knows, of the right type.",
        "write the field as the kind defines it",
        "https://github.com/tektoncd/triggers/blob/v0.37.0/cmd/webhook/main.go");
    LISTENER_NAME = refused("CHK1402", "trigger-listener-name",
        "The name of an EventListener has up to 60 characters.",
        "use a shorter name",
        triggers!("v1beta1/event_listener_validation.go"));
    PAYLOAD = refused("CHK1403", "trigger-payload-validation",
        "The annotation `tekton.dev/payload-validation` is `\"true\"` or `\"false\"`.",
        "write `\"true\"` or `\"false\"`, with quotes",
        triggers!("validation.go"));
    EMPTY = refused("CHK1404", "trigger-listener-empty",
        "An EventListener has triggers, or selects them.",
        "add `triggers`, `triggerGroups`, `labelSelector` or `namespaceSelector`",
        triggers!("v1beta1/event_listener_validation.go"));
    RESOURCES = refused("CHK1405", "trigger-listener-resources",
        "An EventListener runs as one kind of resource, with at most one container, no negative number of replicas, and a load balancer class only for a LoadBalancer.",
        "keep one of `kubernetesResource` and `customResource`",
        triggers!("v1beta1/event_listener_validation.go"));
    POD = refused("CHK1406", "trigger-listener-pod",
        "The pod of an EventListener sets only what Triggers leaves to it: account, placement, security contexts, resources, probes and variables from Secrets.",
        "remove the field",
        triggers!(docs "eventlisteners/#specifying-resources"));
    TLS = refused("CHK1407", "trigger-listener-tls",
        "An EventListener has both TLS_CERT and TLS_KEY, or none of them.",
        "add the other variable",
        triggers!(docs "eventlisteners/#configuring-eventlistener-tls"));
    GROUP = refused("CHK1408", "trigger-group",
        "A trigger group has a selector and interceptors.",
        "add `triggerSelector` and `interceptors`",
        triggers!("v1beta1/event_listener_validation.go"));
    SOURCE = refused("CHK1409", "trigger-template-or-ref",
        "A trigger of an EventListener has either a template of its own or a `triggerRef`.",
        "keep one of the two; `bindings` and `interceptors` go with `template`",
        triggers!("v1beta1/event_listener_validation.go"));
    LABEL = refused("CHK1410", "trigger-name",
        "The name of a trigger can be the value of a label.",
        "use up to 63 letters, digits, hyphens, underscores and dots",
        triggers!("v1beta1/event_listener_validation.go"));
    BINDING = refused("CHK1411", "trigger-binding-reference",
        "A binding of a trigger is a `ref` to a TriggerBinding or ClusterTriggerBinding, or a `name` with a `value`.",
        "keep one of the two",
        triggers!("v1beta1/trigger_validation.go"));
    TEMPLATE = refused("CHK1412", "trigger-template-reference",
        "The template of a trigger is either a `ref` or a `spec`.",
        "keep one of the two",
        triggers!("v1beta1/trigger_validation.go"));
    INTERCEPTOR = refused("CHK1413", "trigger-interceptor",
        "An interceptor is a `ref` with a name, or a webhook at a Service, with canonical header names and values.",
        "set `ref.name`, for example `cel` or `github`",
        triggers!("v1beta1/trigger_validation.go"));
    TEMPLATE_EMPTY = refused("CHK1414", "trigger-template-empty",
        "A TriggerTemplate has resources.",
        "add `resourcetemplates`, in lower case",
        triggers!("v1beta1/trigger_template_validation.go"));
    TEMPLATE_KIND = refused("CHK1415", "trigger-template-kind",
        "Each resource of a TriggerTemplate has `apiVersion` and `kind`.",
        "set both",
        triggers!("v1beta1/trigger_template_validation.go"));
    UNDECLARED = refused("CHK1416", "trigger-undeclared-param",
        "Each `$(tt.params.NAME)` is declared by the TriggerTemplate.",
        "declare it in `params`, or use the name of one that is declared",
        triggers!("v1beta1/trigger_template_validation.go"));
    PARAMS = refused("CHK1417", "trigger-binding-params",
        "A TriggerBinding has parameters, each of them once.",
        "remove one of the two",
        triggers!("v1beta1/trigger_binding_validation.go"));
    EXPRESSION = refused("CHK1418", "trigger-binding-expression",
        "Each `$(` in the value of a TriggerBinding is closed.",
        "add the closing bracket",
        triggers!("v1beta1/trigger_binding_validation.go"));
    CLIENT = refused("CHK1419", "trigger-interceptor-client",
        "An interceptor is reached by a URL or by a Service with name and namespace.",
        "keep one of `url` and `service`",
        triggers!("v1alpha1/cluster_interceptor_validation.go"));
}
