//! How many pods there are, and how new ones replace old ones.

use super::duration;
use super::saying::Saying;
use crate::import::draft::Fate;
use crate::yaml::{Map, Value};

impl Saying<'_> {
    pub(super) fn rollout(&mut self) {
        self.scale();
        let mut map = Map::default();
        let text = |keys: &[&str]| self.spec(keys).and_then(Value::as_str);
        let number = |keys: &[&str]| self.spec(keys).and_then(Value::as_int);
        let update = if self.kind == "Deployment" { "strategy" } else { "updateStrategy" };
        match self.kind {
            "Deployment" => {
                if text(&[update, "type"]) == Some("Recreate") {
                    map.push("strategy", "recreate");
                }
                self.amounts(&mut map, update, ["1", "0"]);
                let deadline = number(&["progressDeadlineSeconds"]).filter(|time| *time != 600);
                map.push_some("deadline", deadline.map(duration));
            }
            "DaemonSet" => self.amounts(&mut map, update, ["0", "1"]),
            "StatefulSet" => {
                map.push_some("partition", number(&[update, "rollingUpdate", "partition"]));
                // Kubernetes never changes it, and starts them one by one if nobody says otherwise.
                if text(&["podManagementPolicy"]) != Some("Parallel") {
                    map.push("pods", "ordered");
                }
            }
            _ => return,
        }
        let ready = number(&["minReadySeconds"]).filter(|time| *time != 0);
        map.push_some("minReady", ready.map(duration));
        map.push_some("history", number(&["revisionHistoryLimit"]).filter(|kept| *kept != 3));
        self.draft.set("rollout", Value::Map(map));
    }

    /// How many pods more and less there may be meanwhile.
    fn amounts(&self, map: &mut Map, update: &str, defaults: [&str; 2]) {
        for (key, field, default) in
            [("surge", "maxSurge", defaults[0]), ("unavailable", "maxUnavailable", defaults[1])]
        {
            let Some(value) = self.spec(&[update, "rollingUpdate", field]) else { continue };
            if *value != Value::from(default) && value.to_string() != default {
                map.push(key, value.clone());
            }
        }
    }

    fn scale(&mut self) {
        if !matches!(self.kind, "Deployment" | "StatefulSet") {
            return;
        }
        if let Some(at) = self.group.scaler {
            let body = self.world.body(at).clone();
            self.autoscaler(at, &body);
            return;
        }
        let replicas = self.spec(&["replicas"]).and_then(Value::as_int);
        if let Some(at) = self.group.budget {
            self.budget(at);
        }
        self.draft.set_some("replicas", replicas.filter(|number| *number != 1));
    }

    fn autoscaler(&mut self, at: usize, body: &Value) {
        if let Some(at) = self.group.budget {
            self.budget(at);
        }
        let mut map = Map::default();
        let number = |keys: &[&str]| body.at(keys).and_then(Value::as_int);
        map.push_some("min", number(&["spec", "minReplicas"]).filter(|least| *least != 1));
        map.push_some("max", number(&["spec", "maxReplicas"]));
        let old = number(&["spec", "targetCPUUtilizationPercentage"]);
        let share = |name: &str| {
            let metrics = body.list_at(&["spec", "metrics"]).iter();
            let mut of_it =
                metrics.filter(|metric| metric.str_at(&["resource", "name"]) == Some(name));
            let target = of_it.next()?.at(&["resource", "target"])?;
            target.get("averageUtilization")?.as_int()
        };
        let is_said = |metric: &&Value| {
            let name = metric.str_at(&["resource", "name"]);
            let share = metric.at(&["resource", "target", "averageUtilization"]);
            share.is_some() && name.is_some_and(|name| ["cpu", "memory"].contains(&name))
        };
        let others: Vec<Value> =
            body.list_at(&["spec", "metrics"]).iter().filter(|it| !is_said(it)).cloned().collect();
        let is_usual = |share: &i64| others.is_empty() && *share == 80;
        map.push_some("cpu", share("cpu").or(old).filter(|share| !is_usual(share)));
        map.push_some("memory", share("memory"));
        map.push_some("metrics", (!others.is_empty()).then_some(others));
        map.push_some("behavior", body.at(&["spec", "behavior"]).cloned());
        self.draft.set("scale", Value::Map(map));
        self.renamed(at, "gen names an autoscaler as its app");
    }

    fn budget(&mut self, at: usize) {
        let mut map = Map::default();
        for key in ["minAvailable", "maxUnavailable"] {
            let usual = |value: &&Value| key == "maxUnavailable" && value.as_int() == Some(1);
            let amount = self.world.body(at).at(&["spec", key]).filter(|value| !usual(value));
            map.push_some(key, amount.cloned());
        }
        self.draft.set("disruption", Value::Map(map));
        self.renamed(at, "gen names a disruption budget as its app");
    }

    /// An object that gets the app's name, whatever it had.
    pub(super) fn renamed(&mut self, at: usize, why: &str) {
        let original = &self.world.all[at];
        let fate = if original.name() == self.draft.name {
            Fate::Same
        } else {
            let (kind, name) = (original.object.kind().to_owned(), self.draft.name.clone());
            Fate::Becomes { kind, name, why: why.to_owned() }
        };
        self.draft.fate(at, fate);
    }
}
