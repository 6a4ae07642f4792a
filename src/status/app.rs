//! What the spec wants of an app in an environment.

/// A program of an app.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Program {
    /// The kind of its workload.
    pub kind: String,
    /// Its name, and that of its container.
    pub name: String,
}

/// An app in an environment, as the spec has it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wanted {
    /// The app.
    pub app: String,
    /// The environment.
    pub environment: String,
    /// Its instance label, and the name of its Kustomization.
    pub instance: String,
    /// The namespace that it runs in.
    pub namespace: String,
    /// The namespace that its pipeline runs in.
    pub pipeline_namespace: String,
    /// Where its Kustomizations are.
    pub flux_namespace: String,
    /// Its programs; the first says what image runs.
    pub programs: Vec<Program>,
    /// The pinned image.
    pub image: Option<String>,
    /// The commit that the pinned image was built from.
    pub revision: Option<String>,
    /// A deploy task applies the workload, and not Flux.
    pub by_task: bool,
    /// It has a pipeline.
    pub has_pipeline: bool,
    /// It has a Kustomization of its own, and not only those around it.
    pub expects_own: bool,
}

impl Wanted {
    /// Whether it has a program of one of these kinds.
    #[must_use]
    pub fn has_kind(&self, kinds: &[&str]) -> bool {
        self.programs.iter().any(|program| kinds.contains(&program.kind.as_str()))
    }
}
