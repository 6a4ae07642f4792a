//! Containers beside a task.

use super::container::{env, resources};
use super::decode::Decoder;
use crate::diagnostics::SpecError;
use crate::name::image_parts;
use crate::spec::View;
use crate::yaml::{Map, Value};

pub(super) fn services(d: &mut Decoder<'_>, view: &View<'_>) -> Vec<Value> {
    let mut all = Vec::new();
    for service in view.views("services") {
        let (Some(name), Some(image)) = (service.text("name"), service.text("image")) else {
            d.missing(
                service.span(),
                "services.image",
                "an entry of `services` (or its `name`)",
            );
            continue;
        };
        if image_parts(image).is_some_and(|parts| parts.digest.is_none()) {
            d.warn(
                service.span_of("image"),
                SpecError::ImageByTag {
                    image: image.to_owned(),
                },
            );
        }
        let mut map = Map::default();
        map.push("name", name);
        map.push("image", image);
        let args = service.texts("args");
        if !args.is_empty() {
            map.push(
                "args",
                Value::Seq(args.into_iter().map(Value::Str).collect()),
            );
        }
        map.push("env", env(&service, d.problems));
        map.push(
            "computeResources",
            resources(&service.view("resources"), ["100m", "256Mi", "1", "1Gi"]),
        );
        if let Some(user) = service.u32("user") {
            map.push("user", user);
        }
        if let Some(port) = service.u32("port") {
            map.push("port", port);
        }
        let ready = service.texts("ready");
        if !ready.is_empty() {
            map.push(
                "ready",
                Value::Seq(ready.into_iter().map(Value::Str).collect()),
            );
        }
        all.push(Value::Map(map));
    }
    all
}
