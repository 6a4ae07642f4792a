//! A Kubernetes object: identity, body, patches, apply order.
