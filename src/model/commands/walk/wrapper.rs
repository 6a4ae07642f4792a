//! Programs that run another program, and shells within the shell.

use super::super::need::{Data, known};
use super::super::{ANYTHING, UNKNOWN, Unread, mention};
use super::Walker;

/// A program that runs what stands behind its own words.
struct Wrapper {
    name: &'static str,
    /// Its flags that take the next word.
    values: &'static [&'static str],
    /// Its own words before the command.
    operands: usize,
}

const WRAPPERS: &[Wrapper] = &[
    wrapper("builtin", &[], 0),
    wrapper("busybox", &[], 0),
    wrapper("chronic", &[], 0),
    wrapper("command", &[], 0),
    wrapper("coproc", &[], 0),
    wrapper("doas", &["-u", "-C"], 0),
    wrapper("dumb-init", &[], 0),
    wrapper("env", &["-u", "--unset", "-C", "--chdir"], 0),
    wrapper("exec", &["-a"], 0),
    wrapper("flock", &["-w", "-E", "--timeout", "--wait"], 1),
    wrapper("gosu", &[], 1),
    wrapper("ionice", &["-c", "-n", "--class", "--classdata"], 0),
    wrapper("nice", &["-n", "--adjustment"], 0),
    wrapper("nohup", &[], 0),
    wrapper("setsid", &[], 0),
    wrapper("stdbuf", &["-i", "-o", "-e"], 0),
    wrapper("su-exec", &[], 1),
    wrapper(
        "sudo",
        &[
            "-u", "-g", "-h", "-p", "-C", "-D", "-r", "-t", "-T", "-U", "--user", "--group",
        ],
        0,
    ),
    wrapper("time", &["-f", "-o"], 0),
    wrapper("timeout", &["-k", "-s", "--kill-after", "--signal"], 1),
    wrapper("tini", &["-p"], 0),
    wrapper("unbuffer", &[], 0),
    wrapper("watch", &["-n", "-q", "--interval"], 0),
    wrapper(
        "xargs",
        &[
            "-a",
            "-d",
            "-E",
            "-I",
            "-L",
            "-n",
            "-P",
            "-s",
            "--max-args",
            "--max-procs",
            "--delimiter",
            "--arg-file",
        ],
        0,
    ),
];

const fn wrapper(name: &'static str, values: &'static [&'static str], operands: usize) -> Wrapper {
    Wrapper {
        name,
        values,
        operands,
    }
}

impl Walker<'_> {
    /// A program that is neither one of the tools nor a builtin: perhaps it runs one.
    pub(super) fn wrapper(
        &mut self,
        name: &str,
        words: Vec<String>,
        text: &str,
        unnamed: bool,
        stdin: Data,
    ) -> Result<Data, Unread> {
        if ["sh", "bash", "dash", "ash"].contains(&name) {
            return self.shell(&words, text, stdin);
        }
        if matches!(name, "su" | "runuser") {
            let script = words.iter().skip_while(|word| *word != "-c").nth(1);
            return script.map_or(Ok(Data::Unknown), |script| self.nested(script, true));
        }
        if name == "find" {
            return self.find(&words, text);
        }
        let Some(wrapper) = WRAPPERS.iter().find(|wrapper| wrapper.name == name) else {
            Self::hands_on(&words, text)?;
            return Ok(Data::Unknown);
        };
        let mut rest = words.into_iter().skip(1).peekable();
        let mut replaces = None;
        while let Some(flag) = rest.next_if(|word| word.starts_with('-')) {
            if flag == "--" {
                break;
            }
            if name == "command" && (flag == "-v" || flag == "-V") {
                return Ok(Data::Unknown);
            }
            if name == "env" && (flag.starts_with("-S") || flag.starts_with("--split")) {
                return Err(Unread::new(text, "gen does not read `env -S`"));
            }
            if name == "xargs" && flag.starts_with("-I") {
                replaces = Some(flag[2..].to_owned());
            }
            if wrapper.values.contains(&flag.as_str()) {
                let value = rest.next();
                if name == "xargs" && flag == "-I" {
                    replaces = value;
                }
            }
        }
        for _ in 0..wrapper.operands {
            rest.next();
        }
        // Only `env` sets variables for its program alone; a builtin behind `builtin` sets those of the shell.
        let mark = (name == "env").then(|| self.scope.mark());
        if name == "env" {
            while let Some(assign) = rest.next_if(|word| word.contains('=')) {
                if let Some((name, value)) = assign.split_once('=') {
                    self.scope
                        .set_text(name, value.replace(ANYTHING, &UNKNOWN.to_string()));
                    self.scope.export(name);
                }
            }
        }
        let mut inner: Vec<String> = rest.collect();
        if name == "xargs" && !inner.is_empty() {
            match replaces.filter(|mark| !mark.is_empty()) {
                Some(mark) => {
                    for word in &mut inner {
                        *word = word.replace(&mark, &UNKNOWN.to_string());
                    }
                }
                None => inner.push(ANYTHING.to_string()),
            }
        }
        let stdin = if name == "xargs" {
            Data::Unknown
        } else {
            stdin
        };
        let data = match inner.first() {
            None => Data::Unknown,
            // `watch` hands its words to a shell.
            Some(_) if name == "watch" => self.nested(&inner.join(" "), true)?,
            Some(_) => {
                let unnamed = unnamed || self.tool_as_data;
                self.deeper(text, |walker| walker.program(inner, text, unnamed, stdin))?
            }
        };
        if let Some(mark) = mark {
            self.scope.restore(&mark);
        }
        Ok(data)
    }

    /// `sh -c '…'`, and scripts that come in by standard input. A file is not seen.
    fn shell(&mut self, words: &[String], text: &str, stdin: Data) -> Result<Data, Unread> {
        let mut rest = words.iter().skip(1).peekable();
        let mut command = false;
        let mut input = false;
        while let Some(flag) = rest.next_if(|word| word.starts_with(['-', '+'])) {
            if flag == "--" {
                break;
            }
            let short = !flag.starts_with("--");
            command |= short && flag.contains('c');
            input |= short && flag.contains('s');
            if matches!(flag.as_str(), "--rcfile" | "--init-file")
                || (short && flag.ends_with(['o', 'O']))
            {
                rest.next();
            }
        }
        let script = if command {
            rest.next().cloned()
        } else {
            match stdin {
                Data::Text(script) if input || rest.peek().is_none() => Some(script),
                _ => None,
            }
        };
        let Some(script) = script else {
            return Ok(Data::Unknown);
        };
        if known(&script).is_none() && !mention::loosely(&script) && !self.tool_as_data {
            return Ok(Data::Unknown);
        }
        if script == UNKNOWN.to_string() || script == ANYTHING.to_string() {
            return Err(Unread::new(
                text,
                "the script that it runs is only known then",
            ));
        }
        // `$0` comes first, then what the script calls `$1`.
        let parameters: Vec<String> = rest.skip(usize::from(command)).cloned().collect();
        let mark = self.scope.mark();
        self.scope.export("@");
        let several = parameters.iter().any(|word| word.contains(ANYTHING));
        self.scope.set("@", (!several).then_some(parameters));
        let data = self.nested(&script, true)?;
        self.scope.restore(&mark);
        Ok(data)
    }

    /// `find … -exec COMMAND {} \;`.
    fn find(&mut self, words: &[String], text: &str) -> Result<Data, Unread> {
        let mut rest = words.iter();
        while let Some(word) = rest.next() {
            if !matches!(word.as_str(), "-exec" | "-execdir" | "-ok" | "-okdir") {
                continue;
            }
            let inner: Vec<String> = rest
                .by_ref()
                .take_while(|word| *word != ";" && *word != "+")
                .map(|word| word.replace("{}", &ANYTHING.to_string()))
                .collect();
            if !inner.is_empty() {
                let unnamed = self.tool_as_data;
                self.deeper(text, |walker| {
                    walker.program(inner, text, unnamed, Data::Unknown)
                })?;
            }
        }
        Ok(Data::Unknown)
    }
}
