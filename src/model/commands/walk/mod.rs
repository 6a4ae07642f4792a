//! Walks through a script as a shell would, on every branch at once, and hands the commands it may run to their readers.
//!
//! A variable is known where every way to this point sets it to the same text. What a branch or a loop changes is unknown behind
//! it. Functions are walked where they are called. Work is limited, so that no script takes long.

mod builtin;
mod control;
mod expand;
mod function;
mod scope;
mod wrapper;

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use super::need::{Data, Needs};
use super::shell::{Assign, Assigned, Function, List, Node, Redirect, Simple, Word, parse};
use super::{Names, Rule, Unread, mention};
use scope::{Scope, Value};

/// Work for one script, in characters of expanded words.
const FUEL: usize = 4_000_000;
/// What a command costs beside its words.
const COMMAND: usize = 32;
/// Calls and blocks within each other.
const DEPTH: usize = 100;

/// The state of a walk. An error ends it, so nothing is tidied up then.
pub(super) struct Walker<'a> {
    names: &'a Names<'a>,
    needs: Needs,
    scope: Scope,
    functions: HashMap<String, Vec<Rc<Function>>>,
    aliases: HashMap<String, String>,
    /// Functions that are being walked, innermost last.
    active: Vec<String>,
    /// What `local` hid in them.
    hidden: Vec<Vec<(String, Value)>>,
    /// Variables that the script sets anywhere.
    assigned: HashSet<String>,
    /// Those that it sets at several places.
    reassigned: Vec<String>,
    tool_as_data: bool,
    fuel: usize,
    depth: usize,
}

/// Walks a script.
pub(super) fn walk(script: &str, names: &Names<'_>) -> Result<Vec<Rule>, Unread> {
    let mut walker = Walker {
        names,
        needs: Needs::default(),
        scope: Scope::default(),
        functions: HashMap::new(),
        aliases: HashMap::new(),
        active: Vec::new(),
        hidden: Vec::new(),
        assigned: HashSet::new(),
        reassigned: Vec::new(),
        tool_as_data: false,
        fuel: FUEL,
        depth: 0,
    };
    walker.variables();
    walker.script(script)?;
    Ok(walker.needs.rules())
}

impl Walker<'_> {
    /// What gen gives to every task, and what the task gives itself.
    fn variables(&mut self) {
        let given = [
            ("APP_NAME", self.names.app_name),
            ("NAMESPACE", self.names.app_namespace),
            ("PIPELINE_NAMESPACE", self.names.pipeline_namespace),
        ];
        for (name, text) in given {
            self.scope.set_text(name, text.to_owned());
            self.scope.export(name);
        }
        for variable in self.names.env.as_seq().unwrap_or_default() {
            let Some(name) = variable.str_at(&["name"]) else {
                continue;
            };
            let same = given.iter().find(|(given, _)| *given == name);
            let text = variable
                .str_at(&["value"])
                .filter(|text| !text.contains("$("));
            // Which of the two counts is decided where the pod is made.
            let clash = same.is_some_and(|(_, value)| Some(*value) != text);
            self.scope.set(
                name,
                text.filter(|_| !clash).map(|text| vec![text.to_owned()]),
            );
            self.scope.export(name);
        }
    }

    /// Reads and walks a text in the present shell.
    fn script(&mut self, text: &str) -> Result<Data, Unread> {
        self.spend(text.len())?;
        let script = match parse(text) {
            Ok(script) => script,
            Err(_) if mention::line(text).is_none() => return Ok(Data::Unknown),
            Err(problem) => return Err(Unread::new(&problem.line, problem.problem)),
        };
        self.tool_as_data |= script.facts.tool_as_data;
        let facts = script.facts;
        for name in facts.assigned.into_iter().chain(facts.in_functions) {
            if !self.assigned.insert(name.clone()) {
                self.reassigned.push(name);
            }
        }
        self.list(&script.list)
    }

    fn spend(&mut self, work: usize) -> Result<(), Unread> {
        match self.fuel.checked_sub(work) {
            Some(rest) => {
                self.fuel = rest;
                Ok(())
            }
            None => Err(Unread::new("the script", "it repeats too much to be read")),
        }
    }

    fn list(&mut self, list: &List) -> Result<Data, Unread> {
        let mut data = Data::Unknown;
        for node in list {
            data = self.node(node, Data::Unknown)?;
        }
        Ok(data)
    }

    fn node(&mut self, node: &Node, stdin: Data) -> Result<Data, Unread> {
        self.deeper("the script", |walker| walker.compound(node, stdin))
    }

    /// One level down: whatever calls itself goes through here, so that it ends.
    fn deeper<T>(
        &mut self,
        text: &str,
        walk: impl FnOnce(&mut Self) -> Result<T, Unread>,
    ) -> Result<T, Unread> {
        if self.depth >= DEPTH {
            return Err(Unread::new(text, "it is nested too deeply to be read"));
        }
        self.depth += 1;
        let result = walk(self);
        self.depth -= 1;
        result
    }

    fn compound(&mut self, node: &Node, stdin: Data) -> Result<Data, Unread> {
        match node {
            Node::Simple(simple) => return self.simple(simple, stdin),
            Node::Pipe(nodes) => {
                let mut data = stdin;
                for node in nodes {
                    let mark = self.scope.mark();
                    data = self.node(node, data)?;
                    self.scope.restore(&mark);
                }
                return Ok(data);
            }
            Node::Chain(first, rest) => self.chain(first, rest)?,
            Node::Subshell(list) => {
                self.attempt(list)?;
            }
            Node::Group(list) => {
                self.list(list)?;
            }
            Node::If(branches, rest) => self.condition(branches, rest)?,
            Node::Loop(looped) => self.repeat(looped)?,
            Node::Case(word, arms) => {
                self.text(word)?;
                let mut changed = Vec::new();
                for (patterns, list) in arms {
                    for pattern in patterns {
                        self.text(pattern)?;
                    }
                    changed.extend(self.attempt(list)?);
                }
                self.scope.forget(&changed);
            }
            Node::Function(function) => {
                let all = self.functions.entry(function.name.clone()).or_default();
                if !all.iter().any(|known| Rc::ptr_eq(known, function)) {
                    all.push(Rc::clone(function));
                }
            }
            Node::Redirected(node, redirects) => {
                let stdin = self.redirects(redirects, stdin)?;
                return self.node(node, stdin);
            }
        }
        Ok(Data::Unknown)
    }

    fn simple(&mut self, simple: &Simple, stdin: Data) -> Result<Data, Unread> {
        self.spend(COMMAND)?;
        let mut words = Vec::new();
        for word in &simple.words {
            words.extend(self.fields(word)?);
        }
        let stdin = self.redirects(&simple.redirects, stdin)?;
        let first = words.first().cloned().unwrap_or_default();
        if words.is_empty() || super::shell::DECLARES.contains(&first.as_str()) {
            self.declare(&words);
            let exports = words
                .iter()
                .any(|word| word.starts_with('-') && word.contains('x'));
            let local = !matches!(first.as_str(), "" | "export" | "readonly");
            for assign in &simple.assigns {
                if local {
                    self.hide(&assign.name);
                }
                if first == "export" || exports {
                    self.scope.export(&assign.name);
                }
                self.assign(assign)?;
            }
            return Ok(Data::Unknown);
        }
        let unnamed = self.is_unknown_tool(simple.words.first());
        if simple.assigns.is_empty() {
            return self.command(words, &simple.text, unnamed, stdin);
        }
        let mark = self.scope.mark();
        for assign in &simple.assigns {
            self.scope.export(&assign.name);
            self.assign(assign)?;
        }
        let data = self.command(words, &simple.text, unnamed, stdin)?;
        self.scope.restore(&mark);
        Ok(data)
    }

    fn assign(&mut self, assign: &Assign) -> Result<(), Unread> {
        let value = match &assign.value {
            Assigned::Text(word) => {
                let text = self.text(word)?;
                self.scope.set_text(&assign.name, text);
                return Ok(());
            }
            Assigned::Array(words) => {
                let mut all = Vec::new();
                for word in words {
                    all.extend(self.fields(word)?);
                }
                Some(all)
            }
            Assigned::Part(words) => {
                for word in words {
                    self.text(word)?;
                }
                None
            }
        };
        if !assign.name.is_empty() {
            self.scope.set(&assign.name, value);
        }
        Ok(())
    }

    fn redirects(&mut self, redirects: &[Redirect], stdin: Data) -> Result<Data, Unread> {
        let mut data = stdin;
        for redirect in redirects {
            match redirect {
                Redirect::Here(body) => {
                    let empty = Word::default();
                    data = Data::Text(self.text(body.get().unwrap_or(&empty))?);
                }
                Redirect::Text(word) => data = Data::Text(self.text(word)? + "\n"),
                Redirect::From(word) => {
                    self.text(word)?;
                    data = Data::Unknown;
                }
                Redirect::Other(word) => {
                    self.text(word)?;
                }
            }
        }
        Ok(data)
    }
}
