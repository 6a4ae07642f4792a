//! Who imports whom within src/, read as text: `use`, and paths that begin with `crate`, `super`, `self`, a child module or an imported
//! name. A name that a `mod.rs` passes on counts as the file that defines it; `mod x;` and `pub use` alone are no imports. Methods are
//! not seen.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::layering::{is_test, without_tests};

type Path = Vec<String>;
pub(crate) type Files = BTreeMap<String, String>;
/// Who imports whom, and by which names.
pub(crate) type Imports = BTreeMap<String, BTreeMap<String, BTreeSet<String>>>;

/// The imports between files: path below src/ and text.
pub(crate) fn imports(files: &Files) -> Imports {
    Crate::read(files).imports()
}

/// What a file says about names.
#[derive(Default)]
struct Module {
    file: String,
    path: Path,
    /// Names from `use`, with what they stand for.
    used: BTreeMap<String, Path>,
    /// The same of `pub use`.
    passed_on: BTreeMap<String, Path>,
    /// Modules of which everything is passed on.
    globs: Vec<Path>,
    /// Paths and single words outside of `use`.
    spoken: BTreeSet<Path>,
    defined: BTreeSet<String>,
}

/// Code without comments and without what stands in quotes.
fn bare(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let skipped = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if let Some(raw) = rest.strip_prefix('r').filter(|raw| {
            raw.trim_start_matches('#').starts_with('"') && !out.ends_with(char::is_alphanumeric)
        }) {
            let end = format!("\"{}", "#".repeat(raw.find('"').unwrap_or_default()));
            let begin = 1 + end.len();
            begin + rest[begin..].find(&end).map_or(0, |at| at + end.len())
        } else if c == '"' {
            let mut escaped = false;
            let end = rest[1..].find(|c| {
                let is_end = c == '"' && !escaped;
                escaped = c == '\\' && !escaped;
                is_end
            });
            end.map_or(rest.len(), |end| end + 2)
        } else if rest.starts_with("'\\") {
            3 + rest[3..].find('\'').map_or(0, |at| at + 1)
        } else if c == '\'' && rest.chars().nth(2) == Some('\'') {
            rest.char_indices().nth(3).map_or(rest.len(), |(at, _)| at)
        } else {
            out.push(c);
            c.len_utf8()
        };
        rest = &rest[skipped..];
    }
    out
}

/// Words, `::`, and every other character by itself.
fn tokens(code: &str) -> Vec<&str> {
    let mut tokens = Vec::new();
    let mut rest = code.trim_start();
    while let Some(c) = rest.chars().next() {
        let is_word = |c: char| c.is_alphanumeric() || c == '_';
        let length = if is_word(c) {
            rest.find(|c| !is_word(c)).unwrap_or(rest.len())
        } else if rest.starts_with("::") {
            2
        } else {
            c.len_utf8()
        };
        tokens.push(&rest[..length]);
        rest = rest[length..].trim_start();
    }
    tokens
}

/// The paths of a `use`, each with the name that it gets, from the tokens behind the word.
fn tree<'a>(tokens: &mut VecDeque<&'a str>, prefix: &[&'a str], found: &mut Vec<(Path, String)>) {
    let mut path = prefix.to_vec();
    let mut name = None;
    while let Some(token) = tokens.front().copied() {
        match token {
            "," | "}" | ";" => break,
            "{" => {
                tokens.pop_front();
                while tokens.front().is_some_and(|token| *token != "}") {
                    tree(tokens, &path, found);
                    // Also what cannot stand there, which would be met for ever.
                    if matches!(tokens.front(), Some(&("," | ";"))) {
                        tokens.pop_front();
                    }
                }
                tokens.pop_front();
                return;
            }
            "as" => {
                tokens.pop_front();
                name = tokens.front().copied();
            }
            "::" => {}
            "self" if !path.is_empty() => {}
            word => path.push(word),
        }
        tokens.pop_front();
    }
    let Some(last) = path.last() else { return };
    let name = name.unwrap_or(last).to_owned();
    found.push((path.iter().map(|word| (*word).to_owned()).collect(), name));
}

const DEFINES: [&str; 8] = ["fn", "struct", "enum", "trait", "const", "static", "type", "mod"];

impl Module {
    fn read(file: &str, text: &str) -> Self {
        let path = file.trim_end_matches(".rs");
        let path = path.strip_suffix("mod").unwrap_or(path);
        let mut module = Self {
            file: file.to_owned(),
            path: path
                .split('/')
                .filter(|part| !part.is_empty() && *part != "lib")
                .map(str::to_owned)
                .collect(),
            ..Self::default()
        };
        let code = bare(without_tests(text));
        let mut tokens: VecDeque<&str> = tokens(&code).into();
        let mut before = "";
        while let Some(token) = tokens.pop_front() {
            // `use<'a>` says what a returned type captures, and imports nothing.
            if token == "use" && tokens.front() != Some(&"<") {
                let mut found = Vec::new();
                tree(&mut tokens, &[], &mut found);
                // `pub`, or the end of `pub(super)`.
                let is_passed_on = matches!(before, "pub" | ")");
                for (path, name) in found {
                    if name == "*" && is_passed_on {
                        module.globs.push(path[..path.len() - 1].to_vec());
                    } else if is_passed_on {
                        module.passed_on.insert(name, path);
                    } else {
                        module.used.insert(name, path);
                    }
                }
            } else if token == "in" && before == "(" {
                // The path of `pub(in …)` says who may look, and imports nothing.
                while tokens.front().is_some_and(|token| *token != ")") {
                    tokens.pop_front();
                }
            } else if token.starts_with(|c: char| c.is_alphabetic() || c == '_') {
                if DEFINES.contains(&before) {
                    module.defined.insert(token.to_owned());
                }
                let mut spoken = vec![token.to_owned()];
                while let (Some(&"::"), Some(word)) = (tokens.front(), tokens.get(1).copied()) {
                    if !word.starts_with(|c: char| c.is_alphabetic() || c == '_') {
                        break;
                    }
                    spoken.push(word.to_owned());
                    tokens.drain(..2);
                }
                if !["mod", "."].contains(&before) {
                    module.spoken.insert(spoken);
                }
            }
            before = token;
        }
        module
    }
}

/// All modules of a crate, by path.
struct Crate(BTreeMap<Path, Module>);

impl Crate {
    fn read(files: &Files) -> Self {
        let modules = files
            .iter()
            .filter(|(path, _)| !is_test(path) && path.as_str() != "main.rs")
            .map(|(path, text)| Module::read(path, text));
        Self(modules.map(|module| (module.path.clone(), module)).collect())
    }

    /// A path as it is written in a module, from the root of the crate; nothing where it leads out of it.
    fn absolute(&self, of: &Module, path: &[String]) -> Option<Path> {
        let (first, rest) = path.split_first()?;
        let mut base = match first.as_str() {
            "crate" => Path::new(),
            "self" => of.path.clone(),
            "super" => {
                let parent = of.path.split_last()?.1;
                if rest.first().is_some_and(|word| word == "super") {
                    return self.absolute(self.0.get(parent)?, rest);
                }
                parent.to_vec()
            }
            word => {
                let mut child = of.path.clone();
                child.push(word.to_owned());
                if !self.0.contains_key(&child) {
                    let imported = of.used.get(word).or_else(|| of.passed_on.get(word))?;
                    if imported == path || imported.first() == Some(first) {
                        return None;
                    }
                    child = self.absolute(of, imported)?;
                }
                child
            }
        };
        base.extend(rest.iter().cloned());
        Some(base)
    }

    /// The module that defines what an absolute path names.
    fn definer(&self, path: &[String], depth: usize) -> Option<&Module> {
        let mut module = self.0.get(&Path::new())?;
        for (index, word) in path.iter().enumerate() {
            let mut child = module.path.clone();
            child.push(word.clone());
            if let Some(below) = self.0.get(&child) {
                module = below;
                continue;
            }
            let named = module.passed_on.get(word).cloned();
            let globs = module
                .globs
                .iter()
                .map(|glob| [glob.as_slice(), std::slice::from_ref(word)].concat());
            let behind = named.into_iter().chain(globs).find_map(|passed_on| {
                let mut whole = self.absolute(module, &passed_on)?;
                whole.extend_from_slice(&path[index + 1..]);
                let found = (depth < 8).then(|| self.definer(&whole, depth + 1))??;
                let is_there = passed_on.last() != Some(word)
                    || found.defined.contains(word)
                    || module.passed_on.contains_key(word);
                is_there.then_some(found)
            });
            return Some(behind.unwrap_or(module));
        }
        Some(module)
    }

    fn imports(&self) -> Imports {
        let mut imports = Imports::new();
        for module in self.0.values() {
            let begins = |name: &String| {
                let mut spoken = module.spoken.iter();
                spoken.any(|path| path.len() > 1 && path.first() == Some(name))
            };
            // Of a module that is imported by name, what is taken from it counts.
            let is_module = |path: &Path| {
                let absolute = self.absolute(module, path);
                absolute.is_some_and(|absolute| self.0.contains_key(&absolute))
            };
            let used = module.used.iter();
            let used = used.filter(|(name, path)| !(begins(name) && is_module(path)));
            // A name that is passed on and used in the same file is imported there too.
            let own = module
                .passed_on
                .iter()
                .filter(|(name, _)| module.spoken.iter().any(|path| path.first() == Some(name)));
            let spoken = module.spoken.iter().filter(|path| path.len() > 1);
            let paths = used.chain(own).map(|(_, path)| path).chain(spoken);
            for path in paths {
                let absolute = self.absolute(module, path);
                let Some(found) = absolute.and_then(|path| self.definer(&path, 0)) else {
                    continue;
                };
                if found.file != module.file {
                    let of = imports.entry(module.file.clone()).or_default();
                    let names = of.entry(found.file.clone()).or_default();
                    names.insert(path.last().cloned().unwrap_or_default());
                }
            }
        }
        imports
    }
}
