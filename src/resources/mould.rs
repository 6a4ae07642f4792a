//! The files of a unit with places for an app's words, to be cast for one app after another.
//!
//! It is made of the objects that were rendered of an app with tokens for words (`likeness`): every text with a token in it is a
//! place. The same emitter writes all of it, so a cast is what its app's own objects would be written as.

use std::collections::{BTreeMap, HashMap};

use super::facts::Facts;
use super::files::{File, Placed, SEPARATOR, header};
use super::likeness::{Likeness, rank};
use crate::yaml::{Form, Map, Value, Written, is_place, place};

/// See the module.
#[derive(Debug)]
pub(super) struct Mould {
    /// Each text with words in it, once.
    texts: Vec<Text>,
    /// Files of objects, by path.
    objects: Vec<(&'static str, Vec<Form>)>,
    /// Files without words.
    others: Vec<(String, String)>,
    /// Namespaces and names among which no two may be the same: those of objects of one kind.
    identities: Vec<Vec<Identity>>,
    kinds: BTreeMap<String, usize>,
    secrets: Vec<(Part, Part, Option<String>)>,
    /// About how long each file is.
    size: usize,
}

/// A text of the result: as it is, or the one of a number.
#[derive(Debug)]
enum Part {
    Fixed(String),
    Text(usize),
}

/// Where an object of a kind is.
#[derive(Debug)]
struct Identity {
    namespace: Option<Part>,
    name: Part,
}

impl Identity {
    fn of<'a>(&'a self, texts: &'a [Written]) -> (Option<&'a str>, &'a str) {
        let namespace = self.namespace.as_ref().map(|part| part.of(texts));
        (namespace, self.name.of(texts))
    }
}

/// Whether two objects of a kind would be the same one.
fn holds_twins(all: &[Identity], texts: &[Written]) -> bool {
    let mut rest = all;
    while let [first, behind @ ..] = rest {
        let first = first.of(texts);
        if behind.iter().any(|other| other.of(texts) == first) {
            return true;
        }
        rest = behind;
    }
    false
}

/// A text with words in it.
#[derive(Debug)]
struct Text {
    /// What stands before each word, and the word's rank.
    words: Vec<(String, usize)>,
    end: String,
}

impl Text {
    /// None where there is no word in it.
    fn read(text: &str) -> Option<Self> {
        let mut words = Vec::new();
        let mut before = String::new();
        for character in text.chars() {
            match rank(character) {
                Some(rank) => words.push((std::mem::take(&mut before), rank)),
                None => before.push(character),
            }
        }
        (!words.is_empty()).then_some(Self { words, end: before })
    }

    fn join(&self, words: &[String]) -> String {
        let mut out = String::with_capacity(128);
        for (before, rank) in &self.words {
            out.push_str(before);
            out.push_str(&words[*rank]);
        }
        out.push_str(&self.end);
        out
    }
}

impl Mould {
    /// The mould of a unit that was rendered with tokens: `files` are its files, `own` the namespaces that its objects may be in. Nothing
    /// where a word stands in a key, or an object elsewhere: then it could count what the word is.
    pub(super) fn new(
        likeness: &Likeness,
        placed: &[Placed],
        files: BTreeMap<String, String>,
        facts: &Facts,
    ) -> Option<Self> {
        let mut texts = Texts::default();
        let mut objects: BTreeMap<File, Vec<Form>> = BTreeMap::new();
        let mut identities: BTreeMap<(String, String), Vec<Identity>> = BTreeMap::new();
        let own = [&likeness.app.namespace, &likeness.app.pipeline_namespace];
        for Placed { file, object } in placed {
            let namespace = object.namespace();
            if file.is_applied_by_app()
                && !namespace.is_some_and(|it| own.iter().any(|own| *own == it))
            {
                return None;
            }
            let document = texts.with_places(object.value())?;
            let form = Form::new(document.as_map()?);
            objects.entry(*file).or_default().push(form);
            let of_a_kind = (object.group().to_owned(), object.kind().to_owned());
            let identity = Identity {
                namespace: namespace.map(|it| texts.part(it)),
                name: texts.part(object.name()),
            };
            identities.entry(of_a_kind).or_default().push(identity);
        }
        let mut others = files;
        let size = others.values().map(String::len).max().unwrap_or_default();
        others.retain(|path, _| !objects.keys().any(|file| file.path() == path));
        if others
            .values()
            .any(|text| text.chars().any(|c| rank(c).is_some()))
        {
            return None;
        }
        let secrets = facts
            .secrets
            .iter()
            .map(|(namespace, name, key)| (texts.part(namespace), texts.part(name), key.clone()));
        let secrets = secrets.collect();
        Some(Self {
            texts: texts.all,
            objects: objects
                .into_iter()
                .map(|(file, forms)| (file.path(), forms))
                .collect(),
            others: others.into_iter().collect(),
            identities: identities
                .into_values()
                .filter(|all| all.len() > 1)
                .collect(),
            kinds: facts.kinds.clone(),
            secrets,
            size,
        })
    }

    /// The files of an app with these words, and what is known of them. Nothing where two of its objects would be the same one.
    pub(super) fn cast(
        &self,
        environment: &str,
        words: &[String],
    ) -> Option<(BTreeMap<String, String>, Facts)> {
        let texts: Vec<Written> = self
            .texts
            .iter()
            .map(|text| Written::new(text.join(words)))
            .collect();
        if self.identities.iter().any(|all| holds_twins(all, &texts)) {
            return None;
        }
        let mut files: BTreeMap<String, String> = self.others.iter().cloned().collect();
        for (path, forms) in &self.objects {
            let mut out = String::with_capacity(self.size + self.size / 8);
            out.push_str(&header(environment));
            for (index, form) in forms.iter().enumerate() {
                if index > 0 {
                    out.push_str(SEPARATOR);
                }
                form.write_into(&mut out, &texts);
            }
            files.insert((*path).to_owned(), out);
        }
        let secrets = self.secrets.iter().map(|(namespace, name, key)| {
            let text = |part: &Part| part.of(&texts).to_owned();
            (text(namespace), text(name), key.clone())
        });
        let facts = Facts {
            kinds: self.kinds.clone(),
            secrets: secrets.collect(),
            ..Facts::default()
        };
        Some((files, facts))
    }
}

impl Part {
    fn of<'a>(&'a self, texts: &'a [Written]) -> &'a str {
        match self {
            Self::Fixed(text) => text,
            Self::Text(number) => texts[*number].as_str(),
        }
    }
}

/// Texts with words in them, by number.
#[derive(Default)]
struct Texts {
    all: Vec<Text>,
    known: HashMap<String, usize>,
}

impl Texts {
    fn part(&mut self, text: &str) -> Part {
        match self.number(text) {
            Some(number) => Part::Text(number),
            None => Part::Fixed(text.to_owned()),
        }
    }

    fn number(&mut self, text: &str) -> Option<usize> {
        if let Some(known) = self.known.get(text) {
            return Some(*known);
        }
        self.all.push(Text::read(text)?);
        self.known.insert(text.to_owned(), self.all.len() - 1);
        Some(self.all.len() - 1)
    }

    /// A document with places for these texts.
    fn with_places(&mut self, value: &Value) -> Option<Value> {
        Some(match value {
            Value::Str(text) => match self.number(text) {
                Some(number) => place(number),
                None if is_place(value) => return None,
                None => value.clone(),
            },
            Value::Seq(items) => {
                let items = items.iter().map(|item| self.with_places(item));
                Value::Seq(items.collect::<Option<_>>()?)
            }
            Value::Map(map) => {
                let mut document = Map::with_capacity(map.len());
                for (key, value) in map.iter() {
                    if key.chars().any(|c| rank(c).is_some()) {
                        return None;
                    }
                    document.push(key, self.with_places(value)?);
                }
                Value::Map(document)
            }
            _ => value.clone(),
        })
    }
}
