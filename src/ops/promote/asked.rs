//! Which cluster is asked about an app that is promoted, and for what.

use super::PromoteOptions;
use crate::cluster::{Connection, Listing, Target};
use crate::diagnostics::Diagnostics;
use crate::fleet::{Fleet, Prepared};
use crate::model::App;

/// Group, version, kind and resource.
type Kind = [&'static str; 4];
pub(super) const PIPELINE_RUNS: Kind = ["tekton.dev", "v1", "PipelineRun", "pipelineruns"];
pub(super) const PODS: Kind = ["", "v1", "Pod", "pods"];
pub(super) const HELM_RELEASES: Kind =
    ["helm.toolkit.fluxcd.io", "v2", "HelmRelease", "helmreleases"];

/// The objects of one kind that belong to an app.
pub(super) fn list(app: &App, [group, version, kind, plural]: Kind, namespace: &str) -> Listing {
    Listing {
        group: group.to_owned(),
        version: version.to_owned(),
        kind: kind.to_owned(),
        plural: plural.to_owned(),
        namespace: Some(namespace.to_owned()),
        selector: format!("app.kubernetes.io/instance={}", app.instance),
    }
}

/// The nearest stage with a pipeline of an app, this one or before it.
pub(super) fn builder<'f>(
    fleet: &'f Fleet,
    from: &Prepared,
    app: &str,
) -> Option<(&'f Prepared, &'f App)> {
    let mut at = Some(from.environment.name.as_str());
    while let Some(name) = at {
        let stage = fleet.environments.iter().find(|one| one.environment.name == name)?;
        let found = stage.apps.iter().find(|one| one.name == app && one.pipeline.is_some());
        if let Some(app) = found {
            return Some((stage, app));
        }
        at = stage.environment.promotes_from.as_deref();
    }
    None
}

/// The clusters of stages, each connected to once.
pub(super) struct Clusters<'a> {
    args: &'a PromoteOptions<'a>,
    from: &'a Prepared,
    open: Vec<(Target, Connection)>,
}

impl<'a> Clusters<'a> {
    /// None is open yet.
    pub fn new(args: &'a PromoteOptions<'a>, from: &'a Prepared) -> Self {
        Self { args, from, open: Vec::new() }
    }

    /// Which cluster is asked of a stage. With none of its own, that is whatever cluster kubectl talks to now.
    pub fn target(&self, stage: &Prepared) -> Target {
        let context = stage.environment.context.as_ref();
        let asked = self.args.target;
        let is_from = stage.environment.name == self.from.environment.name;
        // `--context` is the cluster of the stage that the image comes from.
        match context {
            Some(context) if !is_from => {
                Target { context: Some(context.clone()), kubeconfig: asked.kubeconfig.clone() }
            }
            _ => asked.or(context),
        }
    }

    /// The connection to the cluster of a stage.
    ///
    /// # Errors
    /// A kubeconfig or context that cannot be used.
    pub fn of(&mut self, stage: &Prepared) -> Result<&Connection, Diagnostics> {
        let target = self.target(stage);
        let known = self.open.iter().position(|(known, _)| *known == target);
        let at = if let Some(at) = known {
            at
        } else {
            let connection = Connection::open(&target)?;
            self.open.push((target, connection));
            self.open.len() - 1
        };
        Ok(&self.open[at].1)
    }
}
