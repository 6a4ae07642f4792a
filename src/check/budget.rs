//! Disruption budgets that let no pod go.

use super::objects::{Item, Objects};
use crate::kubernetes::references::has_labels;
use crate::kubernetes::security::pod_template;
use crate::yaml::Value;

/// The field that lets no pod go, and what is wrong with it.
pub(super) fn blocking(objects: &Objects, budget: &Item) -> Option<(&'static str, String)> {
    let spec = |key: &str| budget.object.at(&["spec", key]);
    let nothing = || "lets no pod go".to_owned();
    let none = |value: &Value| *value == Value::Int(0) || value.as_str() == Some("0%");
    if spec("maxUnavailable").is_some_and(none) {
        return Some(("spec.maxUnavailable", nothing()));
    }
    let least = spec("minAvailable")?;
    if least.as_str() == Some("100%") {
        return Some(("spec.minAvailable", nothing()));
    }
    let most = most(objects, budget)?;
    let least = match least.as_str().and_then(|text| text.strip_suffix('%')) {
        // Kubernetes rounds up.
        Some(percent) => percent.parse::<i64>().ok()?.checked_mul(most)?.checked_add(99)? / 100,
        None => least.as_int()?,
    };
    let pods = if most == 1 { "is one pod".to_owned() } else { format!("are {most} pods") };
    let is_blocked = most > 0 && least >= most;
    is_blocked.then(|| ("spec.minAvailable", format!("lets no pod go: there {pods}")))
}

/// The most pods that the budget can be about, if all of its workloads are known.
fn most(objects: &Objects, budget: &Item) -> Option<i64> {
    let labels = budget.object.at(&["spec", "selector", "matchLabels"])?.as_map()?;
    let is_chosen = |item: &&Item| {
        item.object.namespace() == budget.object.namespace()
            && pod_template(&item.object).is_some_and(|template| has_labels(template, labels))
    };
    let mut sum: Option<i64> = None;
    for item in objects.iter().filter(is_chosen) {
        if !item.is("apps", &["Deployment", "StatefulSet"]) {
            return None;
        }
        sum = Some(sum.unwrap_or_default().checked_add(replicas(objects, item)?)?);
    }
    sum
}

/// The most pods of a workload.
fn replicas(objects: &Objects, workload: &Item) -> Option<i64> {
    let scales = |scaler: &&Item| {
        let target = |key: &str| scaler.object.value().str_at(&["spec", "scaleTargetRef", key]);
        scaler.object.namespace() == workload.object.namespace()
            && target("kind").unwrap_or("Deployment") == workload.object.kind()
            && target("name") == Some(workload.object.name())
    };
    // KEDA has its own limit, in an autoscaler that it makes.
    if objects.of("keda.sh", "ScaledObject").any(|scaler| scales(&scaler)) {
        return None;
    }
    match objects.of("autoscaling", "HorizontalPodAutoscaler").find(scales) {
        Some(autoscaler) => autoscaler.object.at(&["spec", "maxReplicas"])?.as_int(),
        None => workload.object.at(&["spec", "replicas"]).map_or(Some(1), Value::as_int),
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;
    use std::sync::Arc;

    use super::*;
    use crate::check::parse;

    /// What is said of a budget of these fields, for pods of Deployments with these replicas.
    fn said(budget: &str, replicas: &[&str], more: &str) -> Option<String> {
        let mut text = format!(
            "apiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: {{name: web, namespace: shop}}\nspec: {{{budget}, selector: {{matchLabels: {{app: web}}}}}}\n"
        );
        for (at, number) in replicas.iter().enumerate() {
            let _ = write!(
                text,
                "---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: web-{at}, namespace: shop}}\nspec: {{{number}template: {{metadata: {{labels: {{app: web}}}}}}}}\n"
            );
        }
        text += more;
        let parsed = parse(&Arc::from("x.yaml"), &text).expect("it is YAML");
        let objects = Objects::new(parsed.items);
        let budget = objects.named("PodDisruptionBudget", "web").next().expect("it is there");
        blocking(&objects, budget).map(|(field, what)| format!("{field} {what}"))
    }

    #[test]
    fn a_budget_blocks_if_it_keeps_all_that_there_can_be() {
        let blocks = |budget: &str, replicas: &[&str]| said(budget, replicas, "").is_some();
        assert!(blocks("maxUnavailable: 0", &[]) && blocks("minAvailable: 100%", &[]));
        assert!(blocks("minAvailable: 1", &[""]) && blocks("minAvailable: 3", &["replicas: 2, "]));
        assert!(!blocks("minAvailable: 1", &["replicas: 2, "]));
        // Of pods that nobody knows here, nothing is said.
        assert!(!blocks("minAvailable: 3", &[]));
        // Half a pod is a whole one.
        assert!(
            blocks("minAvailable: 50%", &[""]) && blocks("minAvailable: 51%", &["replicas: 2, "])
        );
        assert!(!blocks("minAvailable: 50%", &["replicas: 2, "]));
        // Nobody waits for pods that are not there, and no number is too large.
        assert!(
            !blocks("minAvailable: 0", &["replicas: 0, "])
                && !blocks("minAvailable: 1", &["replicas: 0, "])
        );
        let huge = format!("replicas: {}, ", i64::MAX);
        assert!(!blocks("minAvailable: 1", &[&huge, &huge]));
        assert!(!blocks("minAvailable: 3", &["replicas: 2, ", "replicas: 2, "]));
        let two = said("minAvailable: 3", &["replicas: 2, "], "");
        assert_eq!(two.as_deref(), Some("spec.minAvailable lets no pod go: there are 2 pods"));
    }

    #[test]
    fn an_autoscaler_decides_how_many_there_can_be() {
        let scaler = |most: u32| {
            format!(
                "---\napiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {{name: web, namespace: shop}}\nspec: {{maxReplicas: {most}, scaleTargetRef: {{kind: Deployment, name: web-0}}}}\n"
            )
        };
        assert_eq!(said("minAvailable: 2", &[""], &scaler(5)), None);
        assert!(said("minAvailable: 2", &[""], &scaler(2)).is_some());
        let keda = "---\napiVersion: keda.sh/v1alpha1\nkind: ScaledObject\nmetadata: {name: web, namespace: shop}\nspec: {scaleTargetRef: {name: web-0}}\n";
        assert_eq!(said("minAvailable: 2", &[""], keda), None);
    }
}
