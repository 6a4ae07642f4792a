//! Sidecars of a task.

use super::container::{env, resources};
use super::decoder::Decoder;
use crate::spec::View;
use crate::yaml::{Map, Value};

pub(super) fn services(d: &mut Decoder<'_>, view: &View<'_>) -> Vec<Value> {
    let mut all = Vec::new();
    for service in view.views("services") {
        let (Some(name), Some(image)) = (service.text("name"), service.text("image")) else {
            let place = "an entry of `services` (or its `name`)";
            d.missing(service.span(), "services.image", place);
            continue;
        };
        d.check_image(&service);
        let list = |key| Some(service.texts(key)).filter(|texts| !texts.is_empty());
        let mut map = Map::default();
        map.push("name", name);
        map.push("image", image);
        map.push_some("args", list("args").as_deref());
        map.push("env", env(d, &service));
        map.push("computeResources", resources(d, &service, ["100m", "256Mi", "1", "1Gi"]));
        map.push_some("user", service.u32("user"));
        map.push_some("port", service.u32("port"));
        map.push_some("ready", list("ready").as_deref());
        all.push(Value::Map(map));
    }
    all
}
