//! The validated app in one environment. Whatever exists here can be rendered: every rule of the spec has been checked.
//!
//! Types with their queries; [`crate::decode`] makes them from the spec. Values copied into objects (variables, resources,
//! volumes) already have Kubernetes' shape; decisions (is there a workload, what builds, which account) are made before
//! templates see them.

mod app;
mod catalogue;
mod container;
mod helm;
mod helper;
mod image;
mod level;
mod monitor;
mod network;
mod notify;
mod params;
mod pipeline;
mod pod;
mod rollout;
mod security;
mod task;
mod task_reference;
mod trigger;
mod volumes;
mod workload;

pub use app::{Account, App, Build, BuildSecret, Metadata, Process, Source};
pub use catalogue::{Catalogue, Declaration, Input, OWN, TaskLevel, UsesSource};
pub use container::Container;
pub use helm::{Chart, Helm};
pub use helper::Helper;
pub use image::Image;
pub use level::Level;
pub use monitor::{Alerts, Monitor, Requests};
pub use network::{Access, Egress, Network, Path, Port, Probes, Route, Service, ServicePort};
pub use notify::{Email, Hook, Notify, Slack};
pub use params::{BUILT_IN, ParamKind, RunParam, is_commit};
pub use pipeline::{Change, Pipeline, Workspace};
pub use pod::{Pod, Spread};
pub use rollout::{Amount, Rollout};
pub use security::{Hardening, Security};
pub use task::{Bound, GIVEN, Step, Task, TaskKind};
pub use task_reference::task_reference;
pub use trigger::{Event, Trigger};
pub use volumes::{File, Storage, Volumes};
pub use workload::{Batch, Disruption, Job, Kind, Scale, Schedule, When, Workload};
