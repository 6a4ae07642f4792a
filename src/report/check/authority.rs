//! The output of `gen check --authority`.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::check::rbac::{Applies, Listens, Power, Pushes, Runs, Source};
use crate::diagnostics::{Sources, visible};
use crate::ops::check::{AuthorityReport, EnvironmentAuthority};
use crate::report::{Answer, Show, Style, answer, counted};

impl Show for AuthorityReport {
    fn answer(&self, _: Style) -> Answer<'_> {
        answer(self.environments.iter().map(text).collect::<Vec<_>>().join("\n"))
    }

    fn json(&self, _: &Sources) -> Value {
        let all = self.environments.iter().map(environment);
        json!({
            "schema": 1,
            "complete": true,
            "command": "check",
            "authority": all.collect::<Vec<_>>(),
        })
    }
}

fn environment(one: &EnvironmentAuthority) -> Value {
    let chain = &one.chain;
    json!({
        "environment": one.environment,
        "git": one.git.as_ref().map(|git| json!({"url": git.url, "branch": git.branch})),
        "sources": chain.sources.iter().map(|Source { name, url, secret, kustomizations }| {
            json!({"name": name, "url": url, "secret": secret, "kustomizations": kustomizations})
        }).collect::<Vec<_>>(),
        "pushes": chain.pushes.iter().map(|Pushes { by, secrets }| {
            json!({"by": by, "secrets": secrets})
        }).collect::<Vec<_>>(),
        "applies": chain.applies.iter().map(|Applies { kustomization, path, power: account }| {
            json!({"kustomization": kustomization, "path": path, "as": account.as_ref().map(power)})
        }).collect::<Vec<_>>(),
        "runs": chain.runs.iter().map(|Runs { power: account, users }| {
            json!({"as": power(account), "usedBy": users})
        }).collect::<Vec<_>>(),
        "triggers": chain.listens.iter().map(|Listens { listener, power: account, secrets, starts }| {
            let starts = starts.iter().map(|(name, accounts)| json!({"trigger": name, "runsAs": accounts}));
            json!({
                "listener": listener,
                "as": power(account),
                "verifiedWith": secrets,
                "starts": starts.collect::<Vec<_>>(),
            })
        }).collect::<Vec<_>>(),
    })
}

fn power(power: &Power) -> Value {
    let reach = power.reach.iter().map(|(by, accounts)| json!({"by": by, "rightsOf": accounts}));
    json!({
        "account": power.account,
        "may": power.may,
        "couldGet": reach.collect::<Vec<_>>(),
        "hasUnknownRoles": power.has_unknown,
    })
}

/// Lines with what an account may do.
fn told(power: &Power, lines: &mut Vec<String>) {
    if power.may.is_empty() && !power.has_unknown {
        lines.push("    may nothing".to_owned());
    }
    lines.extend(power.may.iter().map(|may| format!("    may {may}")));
    if power.has_unknown {
        lines.push("    has rights of roles that are not among the objects".to_owned());
    }
    for (by, accounts) in &power.reach {
        let whose = if accounts.is_empty() {
            "all that this leads to".to_owned()
        } else {
            format!("the rights of {}", accounts.join(", "))
        };
        lines.push(format!("    could get {whose}: it {by}"));
    }
}

fn text(one: &EnvironmentAuthority) -> String {
    let mut out = String::new();
    if let Some(name) = &one.environment {
        let _ = writeln!(out, "environment {name}");
    }
    let mut section = |title: &str, lines: &[String]| {
        if !lines.is_empty() {
            let _ = writeln!(out, "{title}:");
            for line in lines {
                let _ = writeln!(out, "  {}", visible(line));
            }
        }
    };
    let chain = &one.chain;
    section("who may push to this can change all below", &git(one));
    let mut lines = Vec::new();
    for Applies { kustomization, path, power } in &chain.applies {
        let who = power.as_ref().map_or("Flux's own account", |power| power.account.as_str());
        lines.push(format!("{kustomization} as {who}: {path}"));
        match power {
            Some(power) => told(power, &mut lines),
            None => lines.push(
                "    may all that kustomize-controller may: everything, unless Flux is locked down"
                    .to_owned(),
            ),
        }
    }
    section("Flux applies", &lines);
    let mut lines = Vec::new();
    for Runs { power, users } in &chain.runs {
        lines.push(format!("{}: {}", power.account, users.join(", ")));
        told(power, &mut lines);
    }
    section("tasks run as", &lines);
    let mut lines = Vec::new();
    for Listens { listener, power, secrets, starts } in &chain.listens {
        let verified = if secrets.is_empty() {
            "whoever reaches it".to_owned()
        } else {
            format!("whoever has Secret {}", secrets.join(", "))
        };
        lines.push(format!("{listener} as {}, for {verified}", power.account));
        for (name, accounts) in starts {
            lines.push(format!("    starts runs as {} ({name})", accounts.join(", ")));
        }
        told(power, &mut lines);
    }
    section("events are taken by", &lines);
    out
}

/// Where what is applied comes from.
fn git(one: &EnvironmentAuthority) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(git) = &one.git {
        lines.push(format!("{}, branch {}", git.url, git.branch));
    }
    for Source { name, url, secret, kustomizations } in &one.chain.sources {
        let url = url.as_ref().map(|url| format!(" of {url}")).unwrap_or_default();
        let secret =
            secret.as_ref().map(|name| format!(", with Secret {name}")).unwrap_or_default();
        let count = counted(*kustomizations, "Kustomization");
        lines.push(format!("read as {name}{url}{secret}, for {count}"));
    }
    for Pushes { by, secrets } in &one.chain.pushes {
        let with = match secrets.as_slice() {
            [] => "credentials that its run gives it".to_owned(),
            secrets => format!("Secret {}", secrets.join(", ")),
        };
        lines.push(format!("pushed to by {by}, with {with}"));
    }
    lines
}
