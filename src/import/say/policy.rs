//! Who may call the app.
//!
//! Policies add up: what one of them allows is allowed. So a policy that `from` cannot say is carried as it is, and gen's own then
//! allows nobody.

use super::saying::Saying;
use crate::yaml::{Map, Value};

impl Saying<'_> {
    pub(super) fn policies(&mut self) {
        let policies = self.group.policies.clone();
        if let [only] = policies.as_slice()
            && let Some(from) = self.callers(*only)
        {
            self.draft.set("from", from);
            self.renamed(*only, "gen names a NetworkPolicy as its app");
            return;
        }
        let has_ingress = |at: &usize| {
            let types = self.world.body(*at).list_at(&["spec", "policyTypes"]);
            types.is_empty() || types.iter().any(|kind| kind.as_str() == Some("Ingress"))
        };
        if policies.iter().any(has_ingress) && !self.ports.all.is_empty() {
            let is_outside = ["host", "routes"].iter().any(|key| self.draft.keys.contains_key(key));
            let service = self.draft.keys.get("service");
            let is_external = service.is_some_and(|one| one.str_at(&["type"]).is_some());
            if !is_outside && !is_external {
                self.draft.set("from", "none");
            }
        }
        for at in policies {
            self.draft.carry(at);
        }
    }

    /// The callers that a policy allows, as `from`; nothing if it cannot say them.
    fn callers(&self, at: usize) -> Option<Value> {
        let spec = self.world.body(at).get("spec")?;
        let types = spec.list_at(&["policyTypes"]);
        if types.iter().any(|kind| kind.as_str() == Some("Egress")) || self.ports.all.is_empty() {
            return None;
        }
        let mut all = Vec::new();
        for rule in spec.list_at(&["ingress"]) {
            let ports: Option<Vec<Value>> = rule
                .list_at(&["ports"])
                .iter()
                .map(|port| Some(Value::from(self.ports.find(port.get("port")?)?.name.as_str())))
                .collect();
            let ports = ports?;
            // With all ports named, the rule is for all.
            let ports = if ports.len() == self.ports.all.len() { Vec::new() } else { ports };
            if rule.get("from").is_none() && ports.is_empty() {
                return Some("any".into());
            }
            for peer in rule.list_at(&["from"]) {
                let mut entry = self.caller(peer)?;
                match ports.as_slice() {
                    [] => {}
                    [one] => entry.push("port", one.clone()),
                    several => entry.push("port", several.to_vec()),
                }
                all.push(Value::Map(entry));
            }
        }
        Some(if all.is_empty() { "none".into() } else { Value::Seq(all) })
    }

    fn caller(&self, peer: &Value) -> Option<Map> {
        let mut entry = Map::default();
        let keys: Vec<&str> = peer.as_map()?.keys().collect();
        match keys.as_slice() {
            ["ipBlock"] => {
                entry.push("cidr", peer.str_at(&["ipBlock", "cidr"])?);
                let except = peer.list_at(&["ipBlock", "except"]).to_vec();
                entry.push_some("except", (!except.is_empty()).then_some(except));
            }
            ["namespaceSelector"] => {
                let labels = peer.at(&["namespaceSelector", "matchLabels"])?.as_map()?;
                let name = labels.get("kubernetes.io/metadata.name")?.as_str()?;
                if labels.len() != 1
                    || peer.at(&["namespaceSelector", "matchExpressions"]).is_some()
                {
                    return None;
                }
                entry.push("namespace", name);
            }
            ["podSelector"] => {
                let is_every = peer.get("podSelector")?.as_map()?.is_empty();
                let own = self.group.namespace.as_deref()?;
                if !is_every {
                    return None;
                }
                entry.push("namespace", own);
            }
            _ => return None,
        }
        Some(entry)
    }
}
