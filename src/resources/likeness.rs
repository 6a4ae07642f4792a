//! What tells an app from another that is the same otherwise: its *words*. They are its name, its commit, its digest, where its
//! source and its image are, its host, and what its variables say.
//!
//! Nothing of a unit depends on what a word is but by writing it: not what templates decide, not what is granted. So two apps that are
//! alike but for their words are rendered alike but for their words (`mould`). That a word means nothing to YAML, JSON, PromQL or a
//! shell is seen to here, by what it may hold; where order or equality counts, a token has the order and the equality of its word.

use super::plan::NamespacePlan;
use crate::model::{App, Task};

use crate::yaml::Value;

/// The token of the first word. A character that nobody can see in a manifest, because gen writes it with an escape.
const FIRST: u32 = 0xE100;
/// So many words an app may have.
const MOST: usize = 0xE00;

/// An app with a token for each of its words, and the words.
#[derive(Debug)]
pub struct Likeness {
    /// The same for apps that are alike.
    pub(super) key: Vec<u8>,
    /// In order, each once.
    pub(super) words: Vec<String>,
    /// The app, with tokens.
    pub(super) app: App,
    /// The namespaces that it has for itself, with tokens.
    pub(super) own: Vec<NamespacePlan>,
}

/// How a word stands in a text of an app.
enum Stands {
    /// Somewhere in it.
    Within,
    /// Or the text is one by itself.
    Whole,
    /// Or what follows the host or the scheme is one.
    Behind(&'static str),
}

impl Likeness {
    /// What an app is like, with the namespaces that it has for itself.
    #[must_use]
    pub fn of(app: &App, own: &[&NamespacePlan]) -> Self {
        let mut app = app.clone();
        let mut own: Vec<NamespacePlan> = own.iter().map(|plan| (*plan).clone()).collect();
        let mut within = vec![app.name.clone()];
        within.extend(app.source.revision.clone());
        let digest = app.image.digest.as_deref();
        within.extend(digest.and_then(|digest| Some(digest.split_once(':')?.1.to_owned())));
        within.extend(
            app.image
                .name
                .split_once('/')
                .map(|(_, path)| path.to_owned()),
        );
        within.retain(|word| is_word(word));
        // The longest first: a name may stand in a path.
        within.sort_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
        within.dedup();
        let mut words = within.clone();
        each_text(&mut app, &mut own, &mut |text, stands| {
            let known = |text: &str| within.iter().any(|word| text.contains(word.as_str()));
            let whole = match stands {
                Stands::Within => return,
                Stands::Whole => &**text,
                Stands::Behind(mark) => match text.split_once(mark) {
                    Some((_, rest)) => rest,
                    None => return,
                },
            };
            if is_word(whole) && !known(whole) {
                words.push(whole.to_owned());
            }
        });
        words.sort_unstable();
        words.dedup();
        words.truncate(MOST);
        let token = |word: &str| {
            let rank = words
                .binary_search_by(|known| known.as_str().cmp(word))
                .ok()?;
            token(rank)
        };
        let within: Vec<(&str, char)> = within
            .iter()
            .filter_map(|word| Some((word.as_str(), token(word)?)))
            .collect();
        each_text(&mut app, &mut own, &mut |text, stands| {
            let from = match stands {
                Stands::Within | Stands::Whole => 0,
                Stands::Behind(mark) => text.find(mark).map_or(text.len(), |at| at + mark.len()),
            };
            let mut changed = false;
            for (word, token) in &within {
                if text[from..].contains(word) {
                    let rest = text[from..].replace(word, token.encode_utf8(&mut [0; 4]));
                    text.replace_range(from.., &rest);
                    changed = true;
                }
            }
            if changed || matches!(stands, Stands::Within) {
                return;
            }
            if let Some(token) = token(&text[from..]) {
                text.replace_range(from.., token.encode_utf8(&mut [0; 4]));
            }
        });
        let mut key = rmp_serde::to_vec(&app).unwrap_or_default();
        for plan in &own {
            key.extend_from_slice(plan.name.as_bytes());
            key.extend([
                0,
                plan.level as u8,
                u8::from(plan.keep),
                u8::from(plan.pipeline),
            ]);
        }
        Self {
            key,
            words,
            app,
            own,
        }
    }

    /// Takes note of everything that the app is.
    pub fn update(&self, digest: &mut sha2::Sha256) {
        use sha2::Digest as _;
        digest.update(&self.key);
        for word in &self.words {
            digest.update([0]);
            digest.update(word);
        }
    }
}

/// What stands for the word of a rank.
fn token(rank: usize) -> Option<char> {
    char::from_u32(FIRST + u32::try_from(rank).ok()?)
}

/// The rank of the word that a character stands for.
pub(super) fn rank(token: char) -> Option<usize> {
    let rank = u32::from(token).checked_sub(FIRST)?;
    usize::try_from(rank).ok().filter(|rank| *rank < MOST)
}

/// Whether a text may be a word: letters, digits and what stands between them in names, addresses and sentences.
fn is_word(text: &str) -> bool {
    let edge = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
    let inner = |byte: &u8| byte.is_ascii_alphanumeric() || b" ._-/:@+=,".contains(byte);
    let bytes = text.as_bytes();
    edge(bytes.first()) && edge(bytes.last()) && bytes.iter().all(inner)
}

/// The texts of an app in which its words stand.
fn each_text(
    app: &mut App,
    own: &mut [NamespacePlan],
    visit: &mut impl FnMut(&mut String, Stands),
) {
    let App {
        name,
        instance,
        namespace,
        pipeline_namespace,
        source,
        image,
        network,
        container,
        volumes,
        pipeline,
        trigger,
        monitor,
        ..
    } = app;
    for text in [name, instance, namespace, pipeline_namespace] {
        visit(text, Stands::Within);
    }
    for plan in own {
        visit(&mut plan.name, Stands::Within);
    }
    visit(&mut source.url, Stands::Behind("://"));
    visit(&mut image.name, Stands::Behind("/"));
    if let Some(reference) = &mut image.reference {
        visit(reference, Stands::Behind("/"));
    }
    if let Some(host) = &mut network.host {
        visit(host, Stands::Whole);
    }
    let optional = [
        &mut source.secret,
        &mut source.revision,
        &mut image.digest,
        &mut network.url,
        &mut container.pull_secret,
    ];
    for text in optional.into_iter().flatten() {
        visit(text, Stands::Within);
    }
    if let Some(tls) = &mut network.tls {
        visit(&mut tls.secret, Stands::Within);
    }
    variables(&mut container.env, visit);
    for storage in &mut volumes.storage {
        visit(&mut storage.claim, Stands::Within);
    }
    for volume in &mut volumes.volumes {
        value(volume, visit);
    }
    if let Some(pipeline) = pipeline {
        let tasks = pipeline.tasks.iter_mut().chain(&mut pipeline.at_end);
        for Task { object, env, .. } in tasks {
            visit(object, Stands::Within);
            variables(env, visit);
        }
        for param in &mut pipeline.params {
            if let Some(default) = &mut param.default {
                value(default, visit);
            }
        }
    }
    if let Some(trigger) = trigger {
        visit(&mut trigger.secret, Stands::Within);
        for text in trigger
            .host
            .iter_mut()
            .chain(trigger.tls.iter_mut().map(|tls| &mut tls.secret))
        {
            visit(text, Stands::Within);
        }
    }
    if let Some(requests) = &mut monitor.requests {
        visit(&mut requests.selector, Stands::Within);
    }
}

/// Variables of a container. What one says may be a word by itself.
fn variables(env: &mut Value, visit: &mut impl FnMut(&mut String, Stands)) {
    let Value::Seq(variables) = env else { return };
    for variable in variables {
        let Some(map) = variable.as_map_mut() else {
            continue;
        };
        if let Some(from) = map.get_mut("valueFrom") {
            value(from, visit);
        } else if let Some(Value::Str(text)) = map.get_mut("value") {
            visit(text, Stands::Whole);
        }
    }
}

/// Every text of a value; not the keys.
fn value(part: &mut Value, visit: &mut impl FnMut(&mut String, Stands)) {
    match part {
        Value::Str(text) => visit(text, Stands::Within),
        Value::Seq(items) => items.iter_mut().for_each(|item| value(item, visit)),
        Value::Map(map) => {
            let keys: Vec<String> = map.keys().map(str::to_owned).collect();
            for key in keys {
                if let Some(inner) = map.get_mut(&key) {
                    value(inner, visit);
                }
            }
        }
        _ => {}
    }
}
