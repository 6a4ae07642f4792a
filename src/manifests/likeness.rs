//! What tells an app from another that is the same otherwise: its *words*. They are its name, its commit, its digest, the hash of its
//! run, where its source and its image are, its host, and what its variables say.
//!
//! Nothing of a unit depends on what a word is but by writing it: not what templates decide, not what is granted. So two apps that are
//! alike but for their words are rendered alike but for their words (`mould`). That a word means nothing to YAML, JSON, PromQL or a
//! shell is seen to here, by what it may hold. Where two words are equal, so are their tokens; and nothing is put in order by a word
//! but namespaces, which all begin with the same one.

use memchr::memmem::Finder;
use sha2::{Digest as _, Sha256};

use super::plan::NamespacePlan;
use super::run::committed_name;
use crate::model::{App, Task};
use crate::yaml::Value;

/// The token of the first word. A character that nobody can see in a manifest, because gen writes it with an escape.
const FIRST: u32 = 0xE100;
/// So many words an app may have. Whatever else could be one tells apps apart.
const MOST: usize = 256;

/// An app with a token for each of its words, and the words.
#[derive(Debug)]
pub struct Likeness {
    /// The same for apps that are alike, and for no others.
    pub(super) key: Key,
    /// By the number of their token, each once.
    pub(super) words: Vec<String>,
    /// The app, with tokens.
    pub(super) app: App,
    /// The name of its committed run, with tokens.
    pub(super) run: Option<String>,
    /// The namespaces that it has for itself, with tokens.
    pub(super) own: Vec<NamespacePlan>,
}

/// A digest of everything that is the same for apps that are alike.
pub(super) type Key = [u8; 32];

/// How a word stands in a text of an app.
enum Stands {
    /// Somewhere in it.
    Within,
    /// Or the text is one by itself.
    Whole,
    /// Or what follows the host or the scheme is one, and those are none.
    Behind(&'static str),
}

impl Stands {
    /// Where in a text the word begins that all the rest may be.
    fn begins(&self, text: &str) -> Option<usize> {
        match self {
            Self::Within => None,
            Self::Whole => Some(0),
            Self::Behind(mark) => Some(text.find(mark)? + mark.len()),
        }
    }
}

impl Likeness {
    /// What an app is like, with the namespaces that it has for itself.
    #[must_use]
    pub fn of(app: &App, own: &[&NamespacePlan]) -> Self {
        let mut app = app.clone();
        let mut own: Vec<NamespacePlan> = own.iter().map(|plan| (*plan).clone()).collect();
        let mut run = committed_name(&app);
        let within = within(&app, run.as_deref());
        let mut words = within.clone();
        let mut holds_tokens = false;
        each_text(&mut app, &mut run, &mut own, &mut |text, stands| {
            holds_tokens |= text.chars().any(|c| number(c).is_some());
            let Some(from) = stands.begins(text).filter(|_| words.len() < MOST) else {
                return;
            };
            let whole = &text[from..];
            let is_made_of_words = || within.iter().any(|word| whole.contains(word.as_str()));
            let is_known = || words.iter().any(|word| word == whole);
            if is_word(whole) && !is_made_of_words() && !is_known() {
                words.push(whole.to_owned());
            }
        });
        // What stands for a word in one app must not be what another says.
        if holds_tokens {
            words.clear();
        }
        let tokens = Tokens::new(&words, &within);
        each_text(&mut app, &mut run, &mut own, &mut |text, stands| {
            tokens.put_into(text, &stands);
        });
        let key = key(&app, run.as_deref(), &own);
        Self {
            key,
            words,
            app,
            run,
            own,
        }
    }

    /// Takes note of everything that the app is.
    pub fn update(&self, digest: &mut Sha256) {
        digest.update(self.key);
        for word in &self.words {
            digest.update([0]);
            digest.update(word);
        }
    }
}

/// The words that stand in other texts.
fn within(app: &App, run: Option<&str>) -> Vec<String> {
    let digest = app.image.digest.as_deref();
    let parts = [
        Some(app.name.as_str()),
        run.and_then(|run| Some(run.rsplit_once('-')?.1)),
        app.source.revision.as_deref(),
        digest.and_then(|digest| Some(digest.split_once(':')?.1)),
        app.image.name.split_once('/').map(|(_, path)| path),
    ];
    let parts = parts.into_iter().flatten().filter(|part| is_word(part));
    let mut within: Vec<String> = Vec::new();
    for part in parts {
        if !within.iter().any(|word| word == part) {
            within.push(part.to_owned());
        }
    }
    within
}

/// What stands for each word.
struct Tokens<'w> {
    /// All of them, by number.
    words: &'w [String],
    /// Those that stand in other texts, the longest first: a name may stand in a path.
    within: Vec<(Finder<'w>, char)>,
}

impl<'w> Tokens<'w> {
    fn new(words: &'w [String], within: &'w [String]) -> Self {
        let mut tokens = Self {
            words,
            within: Vec::new(),
        };
        let known = within.iter().filter_map(|word| {
            let token = tokens.of(word)?;
            Some((Finder::new(word.as_bytes()), token))
        });
        let mut known: Vec<_> = known.collect();
        known.sort_by_key(|(word, _)| std::cmp::Reverse(word.needle().len()));
        tokens.within = known;
        tokens
    }

    fn of(&self, word: &str) -> Option<char> {
        token(self.words.iter().position(|known| known == word)?)
    }

    fn put_into(&self, text: &mut String, stands: &Stands) {
        let begins = stands.begins(text);
        let from = match stands {
            Stands::Behind(_) if begins.is_none() => return,
            _ => begins.unwrap_or_default(),
        };
        let mut is_whole = begins.is_some();
        for (word, token) in &self.within {
            let mut at = from;
            while let Some(found) = word.find(&text.as_bytes()[at..]) {
                let start = at + found;
                let end = start + word.needle().len();
                text.replace_range(start..end, token.encode_utf8(&mut [0; 4]));
                at = start + token.len_utf8();
                is_whole = false;
            }
        }
        if let Some(token) = self.of(&text[from..]).filter(|_| is_whole) {
            text.replace_range(from.., token.encode_utf8(&mut [0; 4]));
        }
    }
}

/// The same for apps that are alike. Structs are lists of their fields in it: which fields there are, the version of gen says.
fn key(app: &App, run: Option<&str>, own: &[NamespacePlan]) -> Key {
    let mut key = Vec::with_capacity(8 * 1024);
    // Plain data into memory, which cannot fail.
    let _ = rmp_serde::encode::write(&mut key, &(app, run));
    for plan in own {
        key.extend_from_slice(plan.name.as_bytes());
        key.extend([0, plan.level as u8]);
        key.extend([plan.keep, plan.pipeline].map(u8::from));
    }
    Sha256::digest(&key).into()
}

/// What stands for the word of a number.
fn token(number: usize) -> Option<char> {
    char::from_u32(FIRST + u32::try_from(number).ok()?)
}

/// The number of the word that a character stands for.
pub(super) fn number(token: char) -> Option<usize> {
    let number = u32::from(token).checked_sub(FIRST)?;
    usize::try_from(number).ok().filter(|number| *number < MOST)
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
    run: &mut Option<String>,
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
        run,
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
            for (_, inner) in map.iter_mut() {
                value(inner, visit);
            }
        }
        _ => {}
    }
}
