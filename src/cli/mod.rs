//! The command line: what was typed, which command that is, and what the process ends with.

pub mod args;
mod progress;

use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{CommandFactory, Parser};

pub use args::{Cli, Command, Global, OutputFormat};
pub use progress::Progress;

use crate::commands::{self, Session};
use crate::diagnostics::{Diagnostic, Diagnostics, Exit, UsageError};
use crate::report::{Screen, failure_json};

/// Runs the program with the arguments of the process.
#[must_use]
pub fn main() -> ExitCode {
    // A panic is a bug: one line for the user, and a status that scripts can tell from every other.
    std::panic::set_hook(Box::new(|info| {
        let place = info.location().map(ToString::to_string).unwrap_or_default();
        let text = format!(
            "error: gen failed at {place}: {}\n  help: this is a bug in gen: please report it with the command and the spec\n",
            message(info)
        );
        Screen::plain().talk(&text);
    }));
    match std::panic::catch_unwind(run) {
        Ok(exit) => exit.into(),
        Err(_) => Exit::Bug.into(),
    }
}

fn message(info: &std::panic::PanicHookInfo<'_>) -> String {
    let payload = info.payload();
    let text = payload
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned());
    text.or_else(|| payload.downcast_ref::<String>().cloned())
        .unwrap_or_default()
}

fn run() -> Exit {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return usage(&error),
    };
    let screen = Screen::new(cli.global.color, cli.global.quiet, cli.global.verbose);
    let directory = cli.global.directory.clone();
    let mut session = Session::new(screen, directory);
    if cli.global.version {
        return commands::version(&session);
    }
    let Some(command) = cli.command else {
        return usage(&Cli::command().error(
            ErrorKind::MissingSubcommand,
            "say what to do; `gen --help` lists the commands",
        ));
    };
    let json = command.json();
    more_threads();
    let exit = match dispatch(&mut session, command) {
        Ok(exit) => exit,
        Err(error) => failed(&session, &error, json),
    };
    // Half of what was asked for is not what was asked for, whatever the command thinks of it.
    match session.screen.lost() {
        Some(problem) => {
            session
                .screen
                .talk(&format!("error: cannot write the output: {problem}\n"));
            exit.worse(Exit::Local)
        }
        None => exit,
    }
}

/// Half as many threads again as there are processors: making files waits for the disk now and then, and others go on meanwhile.
/// Who says how many by `RAYON_NUM_THREADS` gets as many.
fn more_threads() {
    if std::env::var_os("RAYON_NUM_THREADS").is_some() {
        return;
    }
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    let threads = rayon::ThreadPoolBuilder::new().num_threads(processors + processors.div_ceil(2));
    // Where they cannot be had, there are as many as rayon makes by itself.
    let _ = threads.build_global();
}

fn dispatch(session: &mut Session, command: Command) -> anyhow::Result<Exit> {
    match command {
        Command::Init(args) => commands::init(session, &args),
        Command::Render(args) => commands::render(session, &args),
        Command::Commit(args) => commands::commit(session, &args),
        Command::Set(args) => commands::set(session, &args),
        Command::Promote(args) => commands::promote(session, &args),
        Command::Log(args) => commands::log(session, &args),
        Command::Wait(args) => commands::wait(session, &args),
        Command::Diff(args) => commands::diff(session, &args),
        Command::Run(args) => commands::run(session, &args),
        Command::Secrets(args) => commands::secrets(session, &args),
        Command::Trigger(args) => commands::trigger(session, &args),
        Command::Explain(args) => commands::explain(session, &args),
        Command::Schema(args) => commands::schema(session, &args),
        Command::Template(args) => commands::template(session, &args),
    }
}

/// Help and version are answers; everything else of clap's is a usage error.
fn usage(error: &clap::Error) -> Exit {
    let screen = Screen::plain();
    if matches!(
        error.kind(),
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion
    ) {
        let _ = error.print();
        return Exit::Done;
    }
    let _ = error.print();
    screen.talk("");
    Exit::Usage
}

/// Shows what stopped a command, also as JSON where that was asked for, and says which status that is.
fn failed(session: &Session, error: &anyhow::Error, json: Option<&str>) -> Exit {
    let found = if let Some(found) = error.downcast_ref::<Diagnostics>() {
        found.clone()
    } else if let Some(found) = error.downcast_ref::<Diagnostic>() {
        found.clone().into()
    } else if let Some(found) = error.downcast_ref::<UsageError>() {
        Diagnostic::error(found.clone()).into()
    } else {
        session.screen.talk(&format!("error: {error:#}\n"));
        return Exit::Local;
    };
    let shown = if session.screen.verbose > 0 {
        found.clone()
    } else {
        found.without_those_for_the_summary()
    };
    session.screen.diagnostics(&shown, &session.sources);
    if let Some(command) = json {
        let value = failure_json(command, &found, &session.sources);
        session.screen.data(&format!("{value:#}\n"));
    }
    found.exit()
}
