//! From the merged spec of one app in one environment to the types of [`crate::model`], and from declarations of task templates
//! to the catalogue.
//!
//! Each file reads one part and reports its errors; an app with an error is still read to its end, so that all errors are found at
//! once.

mod access;
mod app;
mod approval;
mod asked;
mod bitbucket;
mod by_gen;
mod carried;
mod catalogue;
mod container;
mod decoder;
mod disruption;
mod draft;
mod events;
mod expression;
mod flow;
mod helm;
mod helpers;
mod inputs;
mod labels;
mod layout;
mod link;
mod matrix;
mod misfits;
mod monitor;
mod network;
mod notify;
mod order;
mod params;
mod passing;
mod pipeline;
mod placement;
mod pod;
mod ports;
mod probes;
mod processes;
mod program;
mod ready;
mod reference;
mod rights;
mod rollout;
mod route_objects;
mod routes;
mod runs;
mod security;
mod select;
mod served;
mod service;
mod services;
mod setting;
mod steps;
mod task;
mod task_refusals;
mod tekton;
mod tracing;
mod trigger;
mod volume_source;
mod volumes;
mod when;
mod workload;

pub use app::decode;
pub use catalogue::catalogue;
pub use decoder::Context;
