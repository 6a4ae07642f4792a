//! The ports of a program.

use super::ports::Port;
use super::saying::Saying;
use crate::yaml::{Map, Value};

impl Saying<'_> {
    pub(super) fn listens(&mut self) {
        if matches!(self.kind, "CronJob" | "Job") {
            return;
        }
        if let [
            Port {
                name, number, protocol, container: None, app_protocol: None, on_node: None, ..
            },
        ] = self.ports.all.as_slice()
            && name == "http"
            && protocol == "TCP"
        {
            let number = *number;
            self.draft.set("port", number);
            return;
        }
        let mut map = Map::default();
        for port in &self.ports.all {
            let mut settings = Map::default();
            settings.push("port", port.number);
            if port.protocol != "TCP" {
                settings.push("protocol", port.protocol.as_str());
            }
            settings.push_some("container", port.container.as_deref());
            settings.push_some("hostPort", port.on_node);
            settings.push_some("appProtocol", port.app_protocol.as_deref());
            let value = super::saying::short(settings, "port").unwrap_or_else(Value::Map);
            map.insert(port.name.as_str(), value);
        }
        self.draft.set("ports", Value::Map(map));
    }
}
