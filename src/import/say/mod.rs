//! An app in the words of the spec: each field of its objects by a key, unless it is gen's own default.
//!
//! What is said here need not be all: what rendering then still lacks becomes a patch (`prove`), so that a field that no key says is
//! never lost, only longer.

mod access;
mod container;
mod helpers;
mod labels;
mod listens;
mod pod;
mod policy;
mod ports;
mod probes;
mod relative;
mod rollout;
mod routes;
mod saying;
mod security;
mod service;
mod storage;
mod volumes;

pub(super) use labels::is_of_gen;
pub(super) use storage::mounted_at;

use super::draft::{Draft, Fate};
use super::group::Group;
use super::world::{World, template};
use crate::yaml::{Map, Value};
use ports::Ports;
use saying::{Saying, short};

/// Says an app with its processes, in an environment.
#[must_use]
pub fn app(world: &World, group: &Group, environment: &str) -> Draft {
    let mut draft = program(world, group, environment, false);
    let mut processes = Map::default();
    for process in &group.processes {
        let of_process = program(world, process, environment, true);
        let start = group.name.len() + 1;
        let name = process.name.get(start..).unwrap_or(&process.name).to_owned();
        processes.push(name, relative::to(&draft.keys, &of_process.keys));
        draft.fates.extend(of_process.fates);
        draft.patches.extend(of_process.patches);
        draft.raw.extend(of_process.raw);
        draft.decided.extend(of_process.decided);
    }
    draft.set("processes", Value::Map(processes));
    draft
}

fn program(world: &World, group: &Group, environment: &str, is_process: bool) -> Draft {
    static NONE: Value = Value::Null;
    let original = &world.all[group.workload];
    let (kind, body) = (original.object.kind(), original.object.value());
    let pod = template(kind, body).get("spec").unwrap_or(&NONE);
    let containers = pod.list_at(&["containers"]);
    let by_name = containers.iter().find(|one| one.str_at(&["name"]) == Some(&group.name));
    let main = by_name.or(containers.first()).unwrap_or(&NONE);
    let service = group.service.map(|at| world.body(at));
    let ports = Ports::read(containers, pod.list_at(&["initContainers"]), main, service);
    let draft =
        Draft { name: group.name.clone(), namespace: group.namespace.clone(), ..Draft::default() };
    let mut saying = Saying {
        world,
        group,
        environment,
        kind,
        body,
        pod,
        main,
        ports,
        draft,
        shared: Vec::new(),
        is_process,
    };
    saying.all();
    saying.draft
}

impl Saying<'_> {
    /// In the order in which people write an app.
    fn all(&mut self) {
        self.image();
        self.workload();
        self.rollout();
        self.selector();
        self.program();
        self.listens();
        self.service();
        self.routes();
        self.checks();
        self.environment();
        self.resources();
        self.storage();
        self.volumes();
        self.rights();
        self.helpers();
        self.pod_settings();
        self.account();
        self.monitor();
        self.policies();
        self.labels();
        self.inlined_fates();
        if let Some(at) = self.group.headless {
            self.draft.fate(at, Fate::Same);
        }
        for &at in &self.group.others {
            self.draft.carry(at);
        }
    }

    fn image(&mut self) {
        let image = self.main.str_at(&["image"]).unwrap_or_default();
        // Without a tag, Kubernetes takes `latest`, and gen an image that is to be built.
        let last = image.rsplit('/').next().unwrap_or(image);
        let is_ready = image.contains('@') || last.contains(':');
        let is_built = crate::import::compose::is_built(image);
        let image = if is_ready || is_built { image.to_owned() } else { format!("{image}:latest") };
        if self.is_process {
            return;
        }
        if is_built {
            let source = format!("https://git.example/you/{}.git", self.draft.name);
            self.draft.set("source", source);
            self.draft.note("source", "where its source is, and below the image");
            let why = "the pipeline builds it";
            self.draft.decided.push(("image".to_owned(), why.to_owned()));
        }
        self.draft.set("image", image.as_str());
        let secrets = self.pod.list_at(&["imagePullSecrets"]).iter();
        let secrets: Vec<String> =
            secrets.filter_map(|one| one.str_at(&["name"]).map(str::to_owned)).collect();
        match secrets.as_slice() {
            [] => {}
            [one] => self.draft.set("pullSecret", one.as_str()),
            all => self.draft.set("pullSecret", all),
        }
    }

    /// What is at the end of these keys of the program's own `spec`.
    fn spec(&self, keys: &[&str]) -> Option<&Value> {
        self.body.get("spec")?.at(keys)
    }

    fn workload(&mut self) {
        let at = self.group.workload;
        let (value, fate): (Value, Fate) = match self.kind {
            "StatefulSet" => (self.stateful(), Fate::Same),
            "DaemonSet" => ("daemonset".into(), Fate::Same),
            "CronJob" => (self.cron_job(), Fate::Same),
            "Job" => {
                let why = "gen names a job by a hash of what it runs, for Kubernetes changes none";
                let (kind, name) = ("Job".to_owned(), self.group.name.clone());
                (self.job(), Fate::Becomes { kind, name, why: why.to_owned() })
            }
            _ => (Value::Null, Fate::Same),
        };
        self.draft.set("workload", value);
        self.draft.fate(at, fate);
    }

    /// With the Service in the names of its pods, if it is not the one that gen would choose.
    fn stateful(&self) -> Value {
        let name = self.group.name.as_str();
        let own = self.group.service.map(|at| self.world.body(at));
        let usual = match own {
            Some(own) if own.str_at(&["spec", "clusterIP"]) == Some("None") => {
                own.str_at(&["metadata", "name"]).unwrap_or(name).to_owned()
            }
            Some(_) => format!("{name}-headless"),
            None => name.to_owned(),
        };
        let named = self.spec(&["serviceName"]).and_then(Value::as_str);
        match named.filter(|named| !named.is_empty() && *named != usual) {
            Some(named) => {
                Value::from([("statefulset", Value::from([("serviceName", named.into())]))])
            }
            None => "statefulset".into(),
        }
    }

    fn cron_job(&self) -> Value {
        let text = |key: &str| self.spec(&[key]).and_then(Value::as_str);
        let number = |keys: &[&str]| self.spec(keys).and_then(Value::as_int);
        let mut map = Map::default();
        map.push_some("schedule", text("schedule"));
        map.push_some("timeZone", text("timeZone"));
        let concurrency = text("concurrencyPolicy").filter(|policy| *policy != "Forbid");
        map.push_some("concurrency", concurrency);
        let late = number(&["startingDeadlineSeconds"]).filter(|late| *late != 300);
        map.push_some("startingDeadline", late.map(duration));
        let mut history = Map::default();
        for (key, field) in
            [("succeeded", "successfulJobsHistoryLimit"), ("failed", "failedJobsHistoryLimit")]
        {
            history.push_some(key, number(&[field]).filter(|kept| *kept != 3));
        }
        map.push_some("history", (!history.is_empty()).then_some(history));
        let is_suspended = self.spec(&["suspend"]).is_some_and(Value::is_true);
        map.push_some("suspend", is_suspended.then_some(true));
        let ttl = number(&["jobTemplate", "spec", "ttlSecondsAfterFinished"]);
        map.push_some("ttl", ttl.map(duration));
        self.limits_of_job(&mut map, &["jobTemplate", "spec"], 3600);
        short(map, "schedule").unwrap_or_else(Value::Map).wrapped("cronjob")
    }

    fn job(&self) -> Value {
        let mut map = Map::default();
        // The release of a Procfile.
        map.push_some("when", (self.is_process && self.is_planned()).then_some("before"));
        self.limits_of_job(&mut map, &[], 600);
        if map.is_empty() {
            return "job".into();
        }
        short(map, "when").unwrap_or_else(Value::Map).wrapped("job")
    }

    /// How long a job may run, how often, and in how many pods.
    fn limits_of_job(&self, map: &mut Map, below: &[&str], deadline: i64) {
        let at = |key: &str| self.spec(&[below, &[key]].concat());
        let number = |key: &str| at(key).and_then(Value::as_int);
        let time = number("activeDeadlineSeconds").filter(|time| *time != deadline);
        map.push_some("deadline", time.map(duration));
        map.push_some("retries", number("backoffLimit").filter(|retries| *retries != 2));
        let restart = self.pod.str_at(&["restartPolicy"]);
        map.push_some("restart", restart.filter(|policy| *policy == "OnFailure"));
        for key in ["parallelism", "completions"] {
            map.push_some(key, number(key).filter(|count| *count > 1));
        }
    }

    fn is_planned(&self) -> bool {
        self.world.all[self.group.workload].is_planned
    }

    /// What Kubernetes never changes, and by which it finds the pods that run already.
    fn selector(&mut self) {
        if matches!(self.kind, "CronJob" | "Job" | "Pod") || self.is_planned() {
            return;
        }
        let labels = super::world::pairs(self.body, &["spec", "selector", "matchLabels"]);
        let of_gen = |(key, value): &(String, String)| match key.as_str() {
            "app.kubernetes.io/name" => *value == self.draft.name,
            "app.kubernetes.io/instance" => {
                *value == format!("{}-{}", self.draft.name, self.environment)
            }
            _ => false,
        };
        if labels.is_empty() || labels.len() == 2 && labels.iter().all(of_gen) {
            return;
        }
        let map: Map = labels.into_iter().map(|(key, value)| (key, Value::from(value))).collect();
        self.draft.set("selector", Value::Map(map));
    }

    fn program(&mut self) {
        for (key, value) in container::placed(self.main).iter() {
            self.draft.set(key, value.clone());
        }
        for key in ["command", "args"] {
            let texts = literals(self.main.list_at(&[key]));
            self.draft.set(key, Value::Seq(texts));
        }
    }
}

/// Scalars as strings, as the spec has them.
fn literals(items: &[Value]) -> Vec<Value> {
    items
        .iter()
        .map(|item| match item {
            Value::Str(text) => text.as_str().into(),
            other => other.to_string().into(),
        })
        .collect()
}

/// Seconds, as a person writes them.
fn duration(seconds: i64) -> String {
    match seconds {
        s if s > 0 && s % 3600 == 0 => format!("{}h", s / 3600),
        s if s > 0 && s % 60 == 0 => format!("{}m", s / 60),
        s => format!("{s}s"),
    }
}

/// A fragment of a pod template, where the kind of program has it.
fn in_template(kind: &str, fragment: Value) -> Value {
    let keys: &[&str] = match kind {
        "CronJob" => &["spec", "jobTemplate", "spec", "template"],
        _ => &["spec", "template"],
    };
    keys.iter().rev().fold(fragment, |value, key| value.wrapped(key))
}

trait Wrapped {
    /// A mapping with this under one key.
    fn wrapped(self, key: &str) -> Value;
}

impl Wrapped for Value {
    fn wrapped(self, key: &str) -> Value {
        Value::from([(key, self)])
    }
}
