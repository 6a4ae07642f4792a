//! A spec that renders: what the spec refuses of an app is left to patches, and an app that it refuses as a whole to raw manifests.

use std::collections::BTreeSet;

use super::draft::{Draft, Fate};
use super::order;
use super::{Importing, Rendered};
use crate::diagnostics::Diagnostics;
use crate::yaml::{Map, Value};

/// Keys that go with others: if one of a row is refused, all of it is.
const TOGETHER: [&[&str]; 3] =
    [&["host", "routes", "tls", "ingress", "gateway"], &["metrics"], &["permissions"]];

/// Kinds whose originals are carried as they are if a key is given up.
const CARRIED: [(&str, &[&str]); 7] = [
    ("host", &["Ingress", "HTTPRoute"]),
    ("routes", &["Ingress", "HTTPRoute"]),
    ("metrics", &["ServiceMonitor"]),
    ("permissions", &["Role", "RoleBinding"]),
    ("from", &["NetworkPolicy"]),
    ("scale", &["HorizontalPodAutoscaler"]),
    ("disruption", &["PodDisruptionBudget"]),
];

impl Importing<'_> {
    /// Gives up what does not render, and renders the rest without patches.
    pub(super) fn settled(&mut self) -> Result<Rendered, Diagnostics> {
        if let Ok(rendered) = self.rendered(true) {
            return Ok(rendered);
        }
        for name in self.names() {
            self.settle(&name);
        }
        match self.rendered(true) {
            Ok(rendered) => return Ok(rendered),
            // With only one app there is nothing that it could collide with.
            Err(problems) if self.names().len() < 2 => return Err(problems),
            Err(_) => {}
        }
        // Apps that do not go together: the later one gives way.
        let names = self.names();
        let mut kept = BTreeSet::new();
        for name in names {
            kept.insert(name.clone());
            if self.with_only(&kept, |it| it.rendered(true)).is_ok() {
                continue;
            }
            self.carry(&name);
            if self.with_only(&kept, |it| it.rendered(true)).is_err() {
                let why = self.with_only(&kept, |it| it.rendered(true)).err();
                self.abandon(&name, &first(why.as_ref()));
                kept.remove(&name);
            }
        }
        if let Ok(rendered) = self.rendered(true) {
            return Ok(rendered);
        }
        // What is left to go wrong is an order: apps that wait for each other.
        order::give_up(self.all_drafts());
        self.rendered(true)
    }

    /// Renders with patches; those that do not apply are dropped.
    pub(super) fn patched(&mut self, plain: &Rendered) -> Result<Rendered, Diagnostics> {
        let has_patches = self.environments.iter().any(|environment| {
            let mut drafts = environment.drafts.iter();
            !environment.patches.is_empty() || drafts.any(|draft| !draft.patches.is_empty())
        });
        if !has_patches {
            return Ok(plain.clone());
        }
        if let Ok(rendered) = self.rendered(false) {
            return Ok(rendered);
        }
        for name in self.names() {
            let only = BTreeSet::from([name.clone()]);
            while self.with_only(&only, |it| it.rendered(false)).is_err() {
                let drafts = self.environments.iter_mut().flat_map(|it| &mut it.drafts);
                let mut of_it = drafts.filter(|draft| draft.name == name);
                let has_one = of_it.any(|draft| draft.patches.pop().is_some());
                if !has_one {
                    break;
                }
            }
        }
        if self.rendered(false).is_err() {
            self.environments.iter_mut().for_each(|environment| environment.patches.clear());
        }
        self.rendered(false)
    }

    /// The apps, in order.
    fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        for draft in self.environments.iter().flat_map(|environment| &environment.drafts) {
            if !names.contains(&draft.name) {
                names.push(draft.name.clone());
            }
        }
        names
    }

    fn all_drafts(&mut self) -> impl Iterator<Item = &mut Draft> {
        self.environments.iter_mut().flat_map(|environment| &mut environment.drafts)
    }

    fn drafts(&mut self, name: &str) -> impl Iterator<Item = &mut Draft> {
        self.all_drafts().filter(move |draft| draft.name == name)
    }

    /// Does something as if there were only these apps.
    fn with_only<T>(&mut self, names: &BTreeSet<String>, run: impl FnOnce(&mut Self) -> T) -> T {
        let mut others = Vec::new();
        for environment in &mut self.environments {
            let all = std::mem::take(&mut environment.drafts);
            let patches = std::mem::take(&mut environment.patches);
            let (kept, rest): (Vec<_>, Vec<_>) =
                all.into_iter().enumerate().partition(|(_, draft)| names.contains(&draft.name));
            environment.drafts = kept.iter().map(|(_, draft)| draft.clone()).collect();
            let places: Vec<usize> = kept.iter().map(|(place, _)| *place).collect();
            let orders = order::taken(&mut environment.drafts);
            others.push((places, rest, patches, orders));
        }
        let result = run(self);
        let all = self.environments.iter_mut().zip(others);
        for (environment, (places, mut rest, patches, orders)) in all {
            order::given_back(&mut environment.drafts, orders);
            let kept = std::mem::take(&mut environment.drafts);
            rest.extend(places.into_iter().zip(kept));
            rest.sort_by_key(|(place, _)| *place);
            environment.drafts = rest.into_iter().map(|(_, draft)| draft).collect();
            environment.patches = patches;
        }
        result
    }

    /// Gives up keys of an app until it renders by itself.
    fn settle(&mut self, name: &str) {
        let only = BTreeSet::from([name.to_owned()]);
        let renders = |it: &mut Self| it.with_only(&only, |it| it.rendered(true)).is_ok();
        if renders(self) {
            return;
        }
        self.sift(name);
        if renders(self) {
            return;
        }
        let keys: BTreeSet<String> = self
            .drafts(name)
            .flat_map(|draft| draft.keys.keys().map(str::to_owned).collect::<Vec<_>>())
            .collect();
        let fixed = ["image", "workload", "selector", "processes"];
        let mut gone: Vec<Vec<String>> = Vec::new();
        for key in keys.iter().filter(|key| !fixed.contains(&key.as_str())) {
            let row = TOGETHER.iter().find(|row| row.contains(&key.as_str()));
            let keys: Vec<String> = match row {
                Some(row) => row.iter().map(|key| (*key).to_owned()).collect(),
                None => vec![key.clone()],
            };
            gone.push(keys);
        }
        gone.sort();
        gone.dedup();
        let before: Vec<Draft> = self.drafts(name).map(|draft| draft.clone()).collect();
        let reset = |it: &mut Self, rows: &[Vec<String>]| {
            for (draft, before) in it.drafts(name).zip(&before) {
                draft.clone_from(before);
            }
            it.give_up(name, &rows.concat());
        };
        // Most often one key is too much. Else each is tried beside those that went well.
        for row in &gone {
            reset(self, std::slice::from_ref(row));
            if renders(self) {
                return;
            }
        }
        reset(self, &gone);
        if renders(self) {
            for row in gone.clone() {
                let others: Vec<Vec<String>> =
                    gone.iter().filter(|one| **one != row).cloned().collect();
                reset(self, &others);
                if renders(self) {
                    gone = others;
                }
            }
            reset(self, &gone);
            return;
        }
        self.carry(name);
        if !renders(self) {
            let why = self.with_only(&only, |it| it.rendered(true)).err();
            self.abandon(name, &first(why.as_ref()));
        }
    }

    /// Leaves out the raw manifests that are refused, each by itself.
    fn sift(&mut self, name: &str) {
        let only = BTreeSet::from([name.to_owned()]);
        let all: BTreeSet<usize> = self.drafts(name).flat_map(|draft| draft.raw.clone()).collect();
        let before: Vec<Vec<usize>> = self.drafts(name).map(|draft| draft.raw.clone()).collect();
        self.drafts(name).for_each(|draft| draft.raw.clear());
        let is_carrier = |it: &mut Self| it.drafts(name).all(|draft| !draft.is_program());
        // Without any, what only carries some is nothing.
        if !is_carrier(self) && self.with_only(&only, |it| it.rendered(true)).is_err() {
            for (draft, raw) in self.drafts(name).zip(before) {
                draft.raw = raw;
            }
            return;
        }
        // Of those that do not go together, as two with one name, the first stays.
        let mut kept: BTreeSet<usize> = BTreeSet::new();
        let mut refused: Vec<(usize, String)> = Vec::new();
        for at in all {
            kept.insert(at);
            for (draft, raw) in self.drafts(name).zip(&before) {
                draft.raw = raw.iter().copied().filter(|at| kept.contains(at)).collect();
            }
            if let Err(problems) = self.with_only(&only, |it| it.rendered(true)) {
                kept.remove(&at);
                refused.push((at, first(Some(&problems))));
            }
        }
        let is_refused = |at: &usize| refused.iter().any(|(other, _)| other == at);
        for (draft, raw) in self.drafts(name).zip(before) {
            draft.raw = raw.into_iter().filter(|at| !is_refused(at)).collect();
            for (at, fate) in &mut draft.fates {
                if let Some((_, why)) = refused.iter().find(|(other, _)| other == at) {
                    *fate = Fate::Left { why: why.clone() };
                }
            }
        }
        // What carries nothing any more is no app.
        for environment in &mut self.environments {
            let drafts = std::mem::take(&mut environment.drafts);
            let is_idle =
                |draft: &Draft| draft.name == name && !draft.is_program() && draft.raw.is_empty();
            let (gone, kept): (Vec<_>, Vec<_>) = drafts.into_iter().partition(is_idle);
            environment.drafts = kept;
            for (at, fate) in gone.into_iter().flat_map(|draft| draft.fates) {
                if let Fate::Left { why } = fate {
                    environment.outside.push((at, why));
                }
            }
            order::forget(&mut environment.drafts, name);
        }
    }

    fn give_up(&mut self, name: &str, keys: &[String]) {
        for environment in &mut self.environments {
            let world = &environment.world;
            for draft in environment.drafts.iter_mut().filter(|draft| draft.name == name) {
                for key in keys {
                    if draft.keys.remove(key).is_none() {
                        continue;
                    }
                    let carried = CARRIED.iter().find(|(of, _)| of == key);
                    for (at, fate) in &mut draft.fates {
                        let kind = world.all[*at].object.kind();
                        let is_one = carried.is_some_and(|(_, kinds)| kinds.contains(&kind));
                        if is_one && *fate != Fate::Raw {
                            *fate = Fate::Raw;
                            draft.raw.push(*at);
                        }
                    }
                }
            }
        }
    }

    /// Carries all objects of an app as they are.
    fn carry(&mut self, name: &str) {
        for environment in &mut self.environments {
            let world = &environment.world;
            for draft in environment.drafts.iter_mut().filter(|draft| draft.name == name) {
                let security = draft.keys.get("security").cloned();
                draft.keys = Map::default();
                draft.set("workload", Value::from("none"));
                // Pods that are carried are judged like gen's own.
                for key in ["level", "reason"] {
                    let value = security.as_ref().and_then(|security| security.get(key));
                    if let Some(value) = value {
                        draft.keys.map_at("security").push(key, value.clone());
                    }
                }
                draft.notes.clear();
                draft.patches.clear();
                draft.apis.clear();
                draft.raw.clear();
                for (at, fate) in &mut draft.fates {
                    if world.all[*at].kind() == ("", "Namespace") {
                        continue;
                    }
                    *fate = Fate::Raw;
                    draft.raw.push(*at);
                }
            }
        }
    }

    /// Leaves an app out.
    pub(super) fn abandon(&mut self, name: &str, why: &str) {
        for environment in &mut self.environments {
            let drafts = std::mem::take(&mut environment.drafts);
            let (gone, kept) = drafts.into_iter().partition(|draft| draft.name == name);
            environment.drafts = kept;
            order::forget(&mut environment.drafts, name);
            for Draft { fates, .. } in gone {
                environment.outside.extend(fates.into_iter().map(|(at, _)| (at, why.to_owned())));
            }
        }
    }
}

/// The first problem, in words.
fn first(problems: Option<&Diagnostics>) -> String {
    let first = problems.and_then(|problems| problems.iter().next());
    first.map_or_else(|| "it does not render".to_owned(), |problem| problem.kind.to_string())
}
