//! A Kubernetes object: identity, body, patches, apply order.

pub mod patch;
