//! `gen completion`.

use clap::{Args, ValueEnum};

use super::{Runnable, Session};
use crate::diagnostics::Exit;
use crate::ops::completion::{ASKED, candidates, registration};
use crate::report::{Format, Plain, Screen};

/// Print a shell completion script
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  source <(gen completion bash)                 in ~/.bashrc\n  source <(gen completion zsh)                  in ~/.zshrc, after compinit\n  gen completion fish | source                  in ~/.config/fish/config.fish\n  gen completion powershell | Out-String | Invoke-Expression\n  eval (gen completion elvish | slurp)\n\nThe shell asks gen while you type, so apps and environments are those of the repository. Do not store the\noutput: it belongs to this version of gen."
)]
pub struct Completion {
    /// Shell
    #[arg(value_enum)]
    shell: Shell,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Shell {
    Bash,
    Zsh,
    Fish,
    Powershell,
    Elvish,
}

impl Runnable for Completion {
    fn run(&self, session: &mut Session) -> anyhow::Result<Exit> {
        let shell = self.shell.to_possible_value();
        let shell = shell.as_ref().map_or("bash", |value| value.get_name());
        session.show(Format::Text, &Plain(registration(shell)?));
        Ok(Exit::Done)
    }
}

/// Answers the shell, if it is what started the process.
#[must_use]
pub fn ask(program: fn() -> clap::Command) -> Option<Exit> {
    let shell = std::env::var_os(ASKED).filter(|shell| !shell.is_empty())?;
    let screen = Screen::plain();
    let current = std::env::current_dir().ok();
    let shell = shell.to_string_lossy();
    match candidates(&shell, program(), std::env::args_os(), current.as_deref()) {
        Ok(candidates) => {
            screen.data(&candidates);
            Some(Exit::Done)
        }
        Err(error) => {
            screen.talk(&format!("error: {ASKED}: {error:#}\n"));
            Some(Exit::Usage)
        }
    }
}
