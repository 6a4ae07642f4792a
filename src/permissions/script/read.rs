//! Goes through the commands of a script, and hands those of the tools to their readers.
//!
//! A tool is only read where it is a command's own first word. Where it is a word of another program, it is an error unless that
//! program is known to run none of its words. And where the script names a tool anywhere, commands that may run anything are
//! errors too.

use std::collections::HashMap;

use super::syntax::{Command, Piece, Script};
use super::unread::Unread;
use super::values::Values;
use super::{mention, programs};
use crate::permissions::names::Names;
use crate::permissions::rule::Rule;
use crate::permissions::tools::need::{Needs, known};
use crate::permissions::tools::{flux, kubectl, others, own};

/// Variables that make kubectl and flux another account, or give them another namespace, than gen knows of.
const REDIRECTS: &str = "KUBECONFIG POD_NAMESPACE KUBERNETES_SERVICE_HOST KUBERNETES_MASTER FLUX_SYSTEM_NAMESPACE \
    FLUX_NS_FOLLOW_KUBE_CONTEXT";

/// Work for one script, in characters of expanded words.
const FUEL: usize = 4_000_000;
/// What a command costs beside its words, and what one of a tool does.
const COMMAND: usize = 64;
const TOOL: usize = 1_024;

struct Reader<'a> {
    script: &'a Script,
    names: &'a Names<'a>,
    values: Values<'a>,
    needs: Needs,
    /// Something names a tool.
    mentioned: bool,
    /// The first command that may run anything.
    unclear: Option<Unread>,
    fuel: usize,
}

/// The rules that a script needs. `mentioned`: a variable of the task names a tool.
pub(super) fn read(
    script: &Script,
    names: &Names<'_>,
    mentioned: bool,
) -> Result<Vec<Rule>, Unread> {
    let mut reader = Reader {
        script,
        names,
        values: Values::new(script, given(names)),
        needs: Needs::default(),
        mentioned,
        unclear: None,
        fuel: FUEL,
    };
    for command in &script.commands {
        let (looped, turns) = reader.values.turns(command.words.iter().chain(&command.stdin));
        for turn in 0..turns {
            reader.values.turn(looped, turn);
            reader.command(command)?;
        }
    }
    match reader.unclear.filter(|_| reader.mentioned) {
        Some(unclear) => Err(unclear),
        None => Ok(reader.needs.rules()),
    }
}

/// What a script asks for as far as it can be read, and the commands that cannot. Nothing is refused: it is not gen that would grant it.
pub(super) fn read_all(
    script: &Script,
    names: &Names<'_>,
    mentioned: bool,
) -> (Vec<Rule>, Vec<Unread>) {
    let mut reader = Reader {
        script,
        names,
        values: Values::new(script, given(names)),
        needs: Needs::of_others(),
        mentioned,
        unclear: None,
        fuel: FUEL,
    };
    let mut unread = Vec::new();
    for command in &script.commands {
        let (looped, turns) = reader.values.turns(command.words.iter().chain(&command.stdin));
        for turn in 0..turns {
            reader.values.turn(looped, turn);
            if let Err(one) = reader.command(command) {
                unread.push(one);
                break;
            }
        }
    }
    unread.extend(reader.unclear.filter(|_| reader.mentioned));
    (reader.needs.rules(), unread)
}

/// The variables that gen gives to every task, and those that the task gives itself.
fn given(names: &Names<'_>) -> HashMap<String, String> {
    let own = [
        ("APP_NAME", names.app_name),
        ("NAMESPACE", names.namespaces.app),
        ("PIPELINE_NAMESPACE", names.namespaces.pipeline),
    ];
    let own = own.map(|(name, text)| (name.to_owned(), text.to_owned()));
    let mut given = HashMap::from(own.clone());
    for variable in names.env.as_seq().unwrap_or_default() {
        let Some(name) = variable.str_at(&["name"]) else {
            continue;
        };
        let text = variable.str_at(&["value"]).unwrap_or("$(");
        // Where gen and the task set one variable, the pod decides which counts.
        let clash = own.iter().any(|(own, value)| own == name && value != text);
        if clash || text.contains("$(") {
            given.remove(name);
        } else {
            given.insert(name.to_owned(), text.to_owned());
        }
    }
    given
}

/// The file's name of a path.
fn base(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

impl Reader<'_> {
    fn command(&mut self, command: &Command) -> Result<(), Unread> {
        let problem = |problem: String| Unread::new(&command.text, problem);
        let fields = command.words.iter().map(|word| self.values.fields(word));
        let words: Vec<String> = fields.flatten().collect();
        let stdin = command.stdin.as_ref().map(|word| self.values.text(word));
        let text = words.join(" ");
        let length = text.len() + stdin.as_ref().map_or(0, |text| text.len() * 16);
        let name = words.first().map_or("", |first| base(first));
        let is_tool = mention::TOOLS.contains(&name);
        let work = if is_tool { TOOL } else { COMMAND };
        let rest = self.fuel.checked_sub(work + length);
        self.fuel = rest.ok_or_else(|| problem("it repeats too much to be read".to_owned()))?;
        let Some(first) = words.first() else {
            self.mentioned |= stdin.is_some_and(|text| mention::strictly(&text));
            return Ok(());
        };
        if command.is_data {
            self.mentioned |= is_tool || mention::strictly(&text);
            return Ok(());
        }
        if known(name).is_none() {
            return self.unnamed(command, &text);
        }
        if let Some(read) = others::read(name, &words[1..])
            && !self.makes(name)
        {
            return read.map_err(problem);
        }
        // Another program of that short name, in the checkout, is not meant.
        if is_tool && !(name == "gen" && first.starts_with('.')) {
            self.mentioned = true;
            return self.tool(command, name, &words[1..], stdin.as_deref());
        }
        let names_tool = |word: &String| mention::TOOLS.contains(&base(word));
        let wraps = programs::is_wrapper(name, &words);
        let mentions = mention::strictly(&words[1..].join(" "))
            || stdin.is_some_and(|text| mention::strictly(&text))
            || (wraps && words.iter().any(names_tool));
        self.mentioned |= mentions;
        let is_harmless = programs::is_harmless(name, &words) && !self.makes(name);
        if mentions && (command.hands_on || !is_harmless) {
            return Err(problem(format!("gen does not know how `{name}` runs it")));
        }
        let unseen = wraps && words.iter().any(|word| known(word).is_none());
        if unseen || programs::evaluates(name) || programs::reads_script(name, &words) {
            let why = format!("what `{name}` runs is only known then");
            self.unclear.get_or_insert(problem(why));
        }
        Ok(())
    }

    /// Whether the script makes a function of that name.
    fn makes(&self, name: &str) -> bool {
        self.script.functions.iter().any(|known| known == name)
    }

    /// A command whose name only the run knows.
    fn unnamed(&mut self, command: &Command, text: &str) -> Result<(), Unread> {
        let why = "which command it is, is only known when it runs";
        let unread = Unread::new(&command.text, why);
        // Its variable may come from outside, and says by its name what it holds.
        let says = |piece: &Piece| match piece {
            Piece::Variable { name, .. } => {
                let name = name.to_ascii_lowercase();
                name.contains("kubectl") || name.contains("flux") || name == "gen"
            }
            _ => false,
        };
        if mention::strictly(text) || command.words[0].0.iter().any(says) {
            return Err(unread);
        }
        self.unclear.get_or_insert(unread);
        Ok(())
    }

    fn tool(
        &mut self,
        command: &Command,
        name: &str,
        words: &[String],
        stdin: Option<&str>,
    ) -> Result<(), Unread> {
        let mut redirects = REDIRECTS.split_whitespace().filter(|_| name != "gen");
        let is_set = |name: &&str| {
            let env = self.names.env.as_seq().unwrap_or_default();
            let mut by_task = env.iter().filter_map(|variable| variable.str_at(&["name"]));
            self.script.writes.contains_key(*name) || by_task.any(|set| set == *name)
        };
        let result = if command.in_function {
            Err("gen does not read functions".to_owned())
        } else if self.makes(name) {
            Err(format!("the script makes a function of `{name}`"))
        } else if let Some(name) = redirects.find(is_set) {
            Err(format!("`{name}` is set, which changes who asks, or where"))
        } else {
            let needs = &mut self.needs;
            match name {
                "kubectl" => kubectl::read(words, stdin, self.names, needs),
                "flux" => flux::read(words, self.names, needs),
                _ => own::read(words, self.names, needs),
            }
        };
        result.map_err(|problem| Unread::new(&command.text, problem))
    }
}
