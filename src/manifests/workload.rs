//! Which of the workload's templates an app needs.

use super::files::File;
use crate::model::{App, Kind, When};

/// The template of the workload itself.
pub(super) fn main_template(app: &App) -> Option<&'static str> {
    match app.workload.kind {
        Kind::Deployment => Some("workload/deployment.yaml"),
        Kind::StatefulSet => Some("workload/statefulset.yaml"),
        Kind::DaemonSet => Some("workload/daemonset.yaml"),
        Kind::CronJob => Some("workload/cronjob.yaml"),
        Kind::Job => Some("workload/job.yaml"),
        Kind::None => None,
    }
}

/// The file of a program's objects.
pub(super) fn file(app: &App) -> File {
    let by_flux = app.flux_runs_workload();
    match app.workload.job.as_ref().map(|job| job.when) {
        Some(When::Before) if by_flux => File::Before,
        Some(When::After) if by_flux => File::After,
        _ => File::Workload,
    }
}

/// The templates of what stands around it.
pub(super) fn other_templates(app: &App) -> Vec<&'static str> {
    let network = &app.network;
    let (routed, gateway) = (!network.routes.is_empty(), network.gateway.is_some());
    let wanted = [
        (
            network.service.is_some() || app.workload.kind == Kind::StatefulSet,
            "workload/service.yaml",
        ),
        (!app.volumes.files.is_empty(), "workload/files.yaml"),
        (
            !app.volumes.storage.is_empty() && app.workload.kind != Kind::StatefulSet,
            "workload/storage.yaml",
        ),
        (routed && !gateway, "workload/ingress.yaml"),
        (routed && gateway, "workload/httproute.yaml"),
        (app.workload.scale.is_some(), "workload/autoscaler.yaml"),
        (app.workload.disruption.is_some(), "workload/disruption.yaml"),
        // Nothing in the node's network is held back by one.
        (!app.container.security.host_network, "workload/network.yaml"),
    ];
    wanted.into_iter().filter(|(wanted, _)| *wanted).map(|(_, template)| template).collect()
}
