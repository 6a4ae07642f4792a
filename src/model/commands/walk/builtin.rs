//! What the shell itself does with a command: functions, aliases, builtins that change variables; and who reads the others.

use super::super::need::{Data, known};
use super::super::{ANYTHING, UNKNOWN, Unread, flux, kubectl, mention, own};
use super::{COMMAND, Walker};

/// Variables that make kubectl and flux another account, or give them another namespace, than gen knows of.
const REDIRECTS: [&str; 6] = [
    "KUBECONFIG",
    "POD_NAMESPACE",
    "KUBERNETES_SERVICE_HOST",
    "KUBERNETES_MASTER",
    "FLUX_SYSTEM_NAMESPACE",
    "FLUX_NS_FOLLOW_KUBE_CONTEXT",
];

/// What it costs to read a command of a tool.
const TOOL: usize = 256;

/// Programs that print or compare their words, whatever they say.
const PRINTS: [&str; 8] = [
    "echo", "printf", "logger", "test", "[", "true", ":", "false",
];

/// The file's name of a path.
pub(super) fn base(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

impl Walker<'_> {
    /// A command with its words. `text` is how it is written; `unnamed`: if its name is not known, it may be one of the tools.
    pub(super) fn command(
        &mut self,
        words: Vec<String>,
        text: &str,
        unnamed: bool,
        stdin: Data,
    ) -> Result<Data, Unread> {
        let first = words[0].clone();
        if let Some(functions) = self.functions.get(&first) {
            let functions = functions.clone();
            for function in &functions {
                self.call(function, &words[1..], text)?;
            }
            return Ok(Data::Unknown);
        }
        if let Some(alias) = self.aliases.remove(&first) {
            // An alias may name itself and then means the command, so it is not there while it is read.
            let mut all: Vec<String> = alias.split_whitespace().map(str::to_owned).collect();
            all.extend_from_slice(&words[1..]);
            if all.is_empty() {
                return Ok(Data::Unknown);
            }
            let data = self.deeper(text, |walker| walker.command(all, text, unnamed, stdin))?;
            self.aliases.insert(first, alias);
            return Ok(data);
        }
        self.program(words, text, unnamed, stdin)
    }

    /// A command that is no function.
    pub(super) fn program(
        &mut self,
        words: Vec<String>,
        text: &str,
        unnamed: bool,
        stdin: Data,
    ) -> Result<Data, Unread> {
        let first = base(&words[0]).to_owned();
        let rest = &words[1..];
        if known(&first).is_none() {
            return if unnamed {
                Err(Unread::new(
                    text,
                    "which command it is, is only known when it runs",
                ))
            } else {
                Ok(Data::Unknown)
            };
        }
        let problem = |problem: String| Unread::new(text, problem);
        match first.as_str() {
            "kubectl" | "flux" => {
                if let Some(name) = REDIRECTS.iter().find(|name| self.scope.has(name)) {
                    return Err(problem(format!(
                        "`{name}` is set, which changes who asks, or where"
                    )));
                }
                self.spend(TOOL)?;
                if first == "flux" {
                    flux::read(rest, self.names, &mut self.needs).map_err(problem)?;
                    return Ok(Data::Unknown);
                }
                if let Data::Text(text) = &stdin {
                    self.spend(text.len() * 16)?;
                }
                kubectl::read(rest, &stdin, self.names, &mut self.needs).map_err(problem)
            }
            // Another program of that short name, in the checkout, is not meant.
            "gen" if !words[0].starts_with('.') => {
                own::read(rest, self.names, &mut self.needs).map_err(problem)?;
                Ok(Data::Unknown)
            }
            "export" | "local" | "declare" | "typeset" | "readonly" => {
                self.declare(&words);
                Ok(Data::Unknown)
            }
            "set" | "shift" | "unset" | "read" | "getopts" | "mapfile" | "readarray" | "let"
            | "printf" | "eval" | "." | "source" | "alias" | "trap" => self.builtin(&first, rest),
            "cat" if rest.iter().all(|word| word == "-") => Ok(stdin),
            "tee" => Ok(stdin),
            "echo" => Ok(echo(rest)),
            _ => self.wrapper(&first, words, text, unnamed, stdin),
        }
    }

    fn builtin(&mut self, name: &str, words: &[String]) -> Result<Data, Unread> {
        match name {
            "set" => {
                let mut rest = words.iter().peekable();
                while let Some(option) =
                    rest.next_if(|word| word.starts_with(['-', '+']) && *word != "--")
                {
                    if option.ends_with('o') {
                        rest.next();
                    }
                }
                let dashes = rest.next_if(|word| *word == "--").is_some();
                let words: Vec<String> = rest.cloned().collect();
                if dashes || !words.is_empty() {
                    let several = words.iter().any(|word| word.contains(ANYTHING));
                    self.scope.set("@", (!several).then_some(words));
                }
            }
            "shift" => {
                let count = words
                    .first()
                    .map_or(Some(1), |word| word.parse::<usize>().ok());
                let rest = self
                    .scope
                    .get("@")
                    .zip(count)
                    .and_then(|(all, count)| all.get(count..));
                let rest = rest.map(<[String]>::to_vec);
                self.scope.set("@", rest);
            }
            "eval" => {
                let text = words.join(" ");
                if known(&text).is_some() {
                    return self.nested(&text, false);
                }
                if mention::loosely(&text) || self.tool_as_data {
                    return Err(Unread::new(
                        &text,
                        "which command `eval` runs is only known then",
                    ));
                }
                self.forget_all()?;
            }
            "." | "source" => self.forget_all()?,
            "alias" => {
                for (name, value) in words.iter().filter_map(|word| word.split_once('=')) {
                    self.aliases.insert(name.to_owned(), value.to_owned());
                }
            }
            "trap" => {
                let handler = words.iter().find(|word| !word.starts_with('-'));
                // It runs at any time: what is set more than once may hold either value.
                self.spend(self.reassigned.len() * COMMAND)?;
                let mark = self.scope.mark();
                let names = self.reassigned.clone();
                self.scope.forget(&names);
                if let Some(handler) = handler {
                    self.nested(handler, false)?;
                }
                self.scope.restore(&mark);
            }
            "printf" => {
                if let Some("-v") = words.first().map(String::as_str) {
                    self.scope.forget(words.get(1));
                } else if let [format, value] = words
                    && matches!(format.as_str(), "%s" | "%s\\n")
                {
                    return Ok(Data::Text(format!("{value}\n")));
                }
            }
            _ => {
                for word in words {
                    let end = word.find(['=', '[', '+']).unwrap_or(word.len());
                    match known(&word[..end]) {
                        Some(variable) if name == "unset" && !self.scope.has(variable) => {}
                        Some(name) => self.scope.set(name, None),
                        None => self.forget_all()?,
                    }
                }
            }
        }
        Ok(Data::Unknown)
    }

    fn forget_all(&mut self) -> Result<(), Unread> {
        self.spend(self.scope.len() * COMMAND)?;
        self.scope.forget_all();
        Ok(())
    }

    /// Walks a text that is a script: in this shell, or in one of its own.
    pub(super) fn nested(&mut self, text: &str, own: bool) -> Result<Data, Unread> {
        if !own {
            return self.deeper(text, |walker| walker.script(text));
        }
        self.spend(self.scope.len() * COMMAND)?;
        let child = self.scope.child();
        let scope = std::mem::replace(&mut self.scope, child);
        let data = self.deeper(text, |walker| walker.script(text))?;
        self.scope = scope;
        Ok(data)
    }

    /// An error where a program that gen does not know is given one of the tools to run.
    pub(super) fn hands_on(words: &[String], text: &str) -> Result<(), Unread> {
        if PRINTS.contains(&base(&words[0])) {
            return Ok(());
        }
        let given = |tool: &str, is_command: fn(&str) -> bool| {
            let behind = words.iter().skip(1).skip_while(|word| base(word) != tool);
            behind.skip(1).any(|word| is_command(word))
        };
        if given("kubectl", kubectl::is_command) || given("flux", mention::is_flux_command) {
            let problem = format!("gen does not know how `{}` runs it", base(&words[0]));
            return Err(Unread::new(text, problem));
        }
        Ok(())
    }
}

fn echo(words: &[String]) -> Data {
    let words: Vec<&str> = words
        .iter()
        .map(String::as_str)
        .skip_while(|word| *word == "-n")
        .collect();
    let text = words.join(" ");
    // Some shells make other characters of a backslash, and `-e` does.
    if text.contains('\\') {
        return Data::Unknown;
    }
    Data::Text(text.replace(ANYTHING, &UNKNOWN.to_string()) + "\n")
}
