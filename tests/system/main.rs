//! What is rendered, held against the rules of those who read it: the API server's schemas, Tekton's admission, RBAC, Pod Security,
//! kustomize. Rules are written here a second time, from their sources and not from gen's code; each has a positive control, an
//! object that breaks it and is caught.
#![allow(clippy::print_stdout, reason = "says what was compared and what was not")]

mod access;
mod circles;
mod definitions;
mod imports;
mod kustomize;
mod layering;
mod pods;
mod rbac;
mod runs;
mod schemas;
mod security;
#[path = "../system_support/mod.rs"]
mod support;
mod tekton;
mod versions;
