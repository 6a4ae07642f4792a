//! What Tekton's and Triggers' webhooks refuse (pipeline v1.15, triggers v0.37), and what fails only in a run.

use super::finding::Rule;
use super::found::Found;
use super::objects::Objects;
use super::scope::Judge;

/// The rules of this family.
pub static RULES: &[&Rule] = &[];

/// Judges the objects of Tekton.
pub fn check(_judge: Judge<'_>, _objects: &Objects, _found: &mut Found) {}
