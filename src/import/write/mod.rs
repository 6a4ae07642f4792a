//! The files of the new repository.

mod layers;
mod text;

use std::collections::{BTreeMap, BTreeSet};

use super::draft::{Draft, Residue};
use super::original::Seal;
use super::world::World;
use crate::kubernetes::Object;
use crate::yaml::{Map, Value, emit_document};
use text::Notes;
pub use text::entry;

/// With so many apps, each has a file of its own.
const MANY: usize = 5;

/// An environment that is to be written.
pub struct Place<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its apps.
    pub drafts: &'a [Draft],
    /// The objects behind them.
    pub world: &'a World,
    /// Namespaces that are made.
    pub made: &'a BTreeSet<String>,
    /// Settings beside those that the apps ask for.
    pub settings: &'a Map,
    /// Patches for what belongs to no app.
    pub patches: &'a [Residue],
}

/// What is written beside the apps.
pub struct Frame<'a> {
    /// The repository that this will be in: its URL, if it is known.
    pub repository: Option<&'a str>,
    /// Its branch, if it is known and not `main`.
    pub branch: Option<&'a str>,
    /// Settings of gen.yaml beside the apps.
    pub settings: &'a Map,
    /// Files as they are.
    pub files: &'a BTreeMap<String, String>,
    /// Without patches.
    pub is_plain: bool,
}

/// The folder of raw manifests.
const MANIFESTS: &str = "manifests";
/// Where the user sets what nobody knows here.
const UNKNOWN: &str = "https://git.example/you/gitops.git";

/// All files by path.
#[must_use]
pub fn files(frame: &Frame<'_>, places: &[Place<'_>]) -> BTreeMap<String, String> {
    let mut files: BTreeMap<String, String> = frame.files.clone();
    let mut names: Vec<&str> = Vec::new();
    for draft in places.iter().flat_map(|place| place.drafts) {
        if !names.contains(&draft.name.as_str()) {
            names.push(&draft.name);
        }
    }
    let raw = raw_folders(places, &names, &mut files);
    let mut environments: Vec<(Map, Vec<(String, Map)>)> = Vec::new();
    for (number, place) in places.iter().enumerate() {
        environments.push(environment(frame, place, |app| {
            raw.get(app).map(|folders| folders[number].clone())
        }));
    }
    // By app, what is the same in all environments.
    let mut shared: Vec<(String, Map)> = Vec::new();
    let written = places.iter().filter(|place| !place.drafts.is_empty()).count();
    for name in &names {
        let own = environments.iter_mut().flat_map(|(_, apps)| apps);
        let mut own: Vec<&mut Map> =
            own.filter(|(other, _)| other == name).map(|(_, app)| app).collect();
        let all: Vec<Map> = own.iter().map(|app| (**app).clone()).collect();
        let (mut common, rest) = layers::split(&all);
        for (app, rest) in own.iter_mut().zip(rest) {
            **app = rest;
        }
        if all.len() < written {
            let has_it = |place: &&Place<'_>| place.drafts.iter().any(|draft| draft.name == *name);
            let only = places.iter().filter(has_it).map(|place| Value::from(place.name));
            common.push("environments".to_owned(), Value::Seq(only.collect()));
        }
        shared.push(((*name).to_owned(), common));
    }
    let notes: BTreeMap<&str, Notes> = names
        .iter()
        .map(|name| {
            let drafts = places.iter().flat_map(|place| place.drafts);
            let of_it = drafts.filter(|draft| draft.name == *name);
            let all = of_it.flat_map(|draft| draft.notes.clone()).collect();
            (*name, all)
        })
        .collect();
    for (place, (settings, apps)) in places.iter().zip(environments) {
        let mut text = String::from("# Where the apps run, and what differs here from gen.yaml.\n");
        text::block(&mut text, &settings, 0, &notes_of_environment(place, &settings));
        if place.drafts.is_empty() {
            // Nothing runs there.
            continue;
        }
        let apps: Vec<_> = apps.into_iter().filter(|(_, app)| !app.is_empty()).collect();
        write_apps(&mut text, &apps, &BTreeMap::new());
        files.insert(format!("environments/{}.yaml", place.name), text);
    }
    gen_yaml(frame, shared, &notes, &mut files);
    files
}

fn gen_yaml(
    frame: &Frame<'_>,
    mut apps: Vec<(String, Map)>,
    notes: &BTreeMap<&str, Notes>,
    files: &mut BTreeMap<String, String>,
) {
    let defaults = layers::defaults(&mut apps);
    let mut text = String::from("version: 1\n");
    let note = frame.repository.is_none().then_some("the repository that this is in");
    let url = Value::from(frame.repository.unwrap_or(UNKNOWN));
    let repository = match frame.branch {
        Some(branch) => Value::from([("url", url), ("branch", branch.into())]),
        None => url,
    };
    text::entry(&mut text, "repository", &repository, 0, note);
    text::block(&mut text, frame.settings, 0, &Notes::new());
    let mut of_defaults = Notes::new();
    if !defaults.is_empty() {
        for (key, note) in notes.values().flatten().filter(|(key, _)| defaults.contains_key(key)) {
            of_defaults.insert(key.clone(), note.clone());
        }
        text.push_str("defaults:\n");
        text::block(&mut text, &defaults, 2, &of_defaults);
    }
    if apps.len() <= MANY {
        write_apps(&mut text, &apps, notes);
    } else {
        text.push_str("include: [apps/*.yaml]\n");
        for app in apps {
            let mut own = String::new();
            write_apps(&mut own, std::slice::from_ref(&app), notes);
            files.insert(format!("apps/{}.yaml", app.0), own);
        }
    }
    files.insert("gen.yaml".to_owned(), text);
}

fn write_apps(text: &mut String, apps: &[(String, Map)], notes: &BTreeMap<&str, Notes>) {
    if apps.is_empty() {
        return;
    }
    text.push_str("apps:\n");
    let none = Notes::new();
    for (name, app) in apps {
        if app.is_empty() {
            text::entry(text, name, &Value::Map(Map::default()), 2, None);
            continue;
        }
        text.push_str("  ");
        text.push_str(name);
        text.push_str(":\n");
        text::block(text, app, 4, notes.get(name.as_str()).unwrap_or(&none));
    }
}

/// Settings of an environment, and its apps with all their keys.
fn environment(
    frame: &Frame<'_>,
    place: &Place<'_>,
    extra: impl Fn(&str) -> Option<String>,
) -> (Map, Vec<(String, Map)>) {
    let usual = layers::namespace(place.drafts);
    let is_made = |name: &str| place.made.contains(name);
    let mut apps: Vec<(String, Map)> = Vec::new();
    for draft in place.drafts {
        let mut keys = draft.keys.clone();
        let own = draft.namespace.as_deref().unwrap_or_default();
        let is_usual = match usual.as_deref() {
            Some("{{ app }}") => own == draft.name,
            Some(usual) => own == usual,
            None => true,
        };
        if !is_usual {
            keys.push("namespace", named(own, is_made(own)));
        }
        if !draft.raw.is_empty()
            && let Some(folder) = extra(&draft.name)
        {
            keys.push("extra", folder);
        }
        if !frame.is_plain && !draft.patches.is_empty() {
            keys.push("patches", Value::Seq(draft.patches.iter().map(patch).collect()));
        }
        apps.push((draft.name.clone(), keys));
    }
    let mut settings = Map::default();
    if let Some(usual) = usual {
        let all_made = match usual.as_str() {
            "{{ app }}" => place.drafts.iter().all(|draft| is_made(&draft.name)),
            name => is_made(name),
        };
        settings.push("namespace", named(&usual, all_made));
    }
    for (key, value) in place.settings.iter() {
        settings.push(key.to_owned(), value.clone());
    }
    let optional: BTreeSet<&str> =
        place.drafts.iter().flat_map(|draft| draft.apis.clone()).collect();
    if !optional.is_empty() {
        let optional: Vec<Value> = optional.into_iter().map(Value::from).collect();
        settings.push("apis", optional);
    }
    let class = layers::hoisted(&mut apps, "ingress", Some("class"));
    settings.push_some("ingress", class.map(|class| Value::from([("class", class)])));
    // An app without a gateway of its own has an Ingress, but not where the environment has a gateway.
    let has_ingress = |app: &Map| {
        ["host", "routes"].iter().any(|key| app.contains_key(key)) && !app.contains_key("gateway")
    };
    if !apps.iter().any(|(_, app)| has_ingress(app)) {
        settings.push_some("gateway", layers::hoisted(&mut apps, "gateway", None));
    }
    let mut wishes = place.drafts.iter().flat_map(|draft| draft.wishes.clone());
    if let Some((key, first)) = wishes.next()
        && wishes.all(|(_, value)| value == first)
    {
        settings.push(key, first);
    }
    if !frame.is_plain && !place.patches.is_empty() {
        settings.push("patches", Value::Seq(place.patches.iter().map(patch).collect()));
    }
    (settings, apps)
}

fn named(name: &str, is_made: bool) -> Value {
    if is_made {
        return name.into();
    }
    Value::from([("name", name.into()), ("create", false.into())])
}

fn patch(residue: &Residue) -> Value {
    let target = Value::from([
        ("kind", residue.kind.as_str().into()),
        ("name", residue.name.as_str().into()),
    ]);
    Value::from([("target", target), ("merge", residue.merge.clone())])
}

fn notes_of_environment(place: &Place<'_>, settings: &Map) -> Notes {
    let mut notes = Notes::new();
    let name = settings.get("namespace").and_then(|value| value.str_at(&["name"]));
    if name == Some(super::original::NOWHERE)
        && place.drafts.iter().any(|draft| draft.namespace.is_some())
    {
        notes.insert("namespace".to_owned(), "the originals name none".to_owned());
    }
    notes
}

/// Writes raw manifests. Returns the folder of each app in each environment: one for all, if they are the same.
fn raw_folders(
    places: &[Place<'_>],
    names: &[&str],
    files: &mut BTreeMap<String, String>,
) -> BTreeMap<String, Vec<String>> {
    let mut folders = BTreeMap::new();
    for name in names {
        let of = |place: &Place<'_>| -> BTreeMap<String, String> {
            let draft = place.drafts.iter().find(|draft| draft.name == *name);
            draft.map(|draft| manifests(place.world, draft)).unwrap_or_default()
        };
        let all: Vec<BTreeMap<String, String>> = places.iter().map(of).collect();
        if all.iter().all(BTreeMap::is_empty) {
            continue;
        }
        let is_one = all.iter().all(|one| *one == all[0]);
        let mut of_app = Vec::new();
        for (place, texts) in places.iter().zip(all) {
            let folder = if is_one {
                format!("{MANIFESTS}/{name}")
            } else {
                format!("{MANIFESTS}/{}/{name}", place.name)
            };
            for (file, text) in texts {
                files.insert(format!("{folder}/{file}"), text);
            }
            of_app.push(folder);
        }
        folders.insert((*name).to_owned(), of_app);
    }
    folders
}

/// The raw manifests of an app, by file name.
fn manifests(world: &World, draft: &Draft) -> BTreeMap<String, String> {
    let mut texts = BTreeMap::new();
    for &at in &draft.raw {
        let original = &world.all[at];
        let stem = file_name(&format!("{}-{}", original.object.kind(), original.name()));
        let mut file = format!("{stem}.yaml");
        let mut number = 2;
        while texts.contains_key(&file) {
            file = format!("{stem}-{number}.yaml");
            number += 1;
        }
        let text = match &original.seal {
            Seal::Kept(text) => text.to_string(),
            _ => manifest(&original.object, original.is_encrypted()),
        };
        texts.insert(file, text);
    }
    texts
}

/// A name that is safe as that of a file.
pub(super) fn file_name(name: &str) -> String {
    let safe = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' };
    let name: String = name.chars().map(safe).take(120).collect();
    name.trim_matches('-').to_owned()
}

/// An object without the namespace, which is the app's. What is encrypted stays as it is, for its sum is checked.
fn manifest(object: &Object, is_encrypted: bool) -> String {
    let mut object = object.clone();
    if !is_encrypted {
        object.metadata_mut().remove("namespace");
        object.order_keys();
    }
    emit_document(object.value())
}
