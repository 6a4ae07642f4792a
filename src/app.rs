//! The program: what was typed, which command that is, and what the process ends with.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{Args, CommandFactory, FromArgMatches as _, Parser};

use crate::commands::{Command, Session, ask, grouped};
use crate::diagnostics::{Diagnostic, Diagnostics, Exit, UsageError};
use crate::report::{Colour, Format, Screen, failure_json, version};

/// Render everything that Flux and Tekton need to deliver your applications
#[derive(Debug, Parser)]
#[command(
    name = "gen",
    version,
    disable_version_flag = true,
    arg_required_else_help = true,
    max_term_width = 100,
    after_help = "Examples:\n  gen init my-gitops --demo         a new repository with a sample application\n  gen render                        write clusters/ for every environment\n  gen render --env dev              … for one\n  gen render --check                exit 1 if clusters/ is out of date\n  gen diff --env dev                the changes that this makes in the cluster\n  gen explain apps.NAME.pipeline    the meaning of a key\n  gen explain GEN0312               the meaning of an error\n\nExit status: 0 done · 1 differences · 2 cluster or remote · 3 spec, template,\nhand edit, removal · 4 local files · 5 git conflict · 64 usage · 70 a bug"
)]
struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Option<Command>,
}

/// Where the help of a command shows the options that every command has.
const GLOBAL: &str = "Global options";

/// Options of every command.
#[derive(Debug, Args)]
struct Global {
    /// Folder of the repository (default: the nearest one with a gen.yaml)
    #[arg(short = 'C', long = "directory", value_name = "DIR", global = true, help_heading = GLOBAL, value_hint = clap::ValueHint::DirPath)]
    directory: Option<PathBuf>,
    /// Use colours: auto, always or never
    #[arg(long, value_enum, value_name = "WHEN", default_value_t = Colour::Auto, hide_possible_values = true, global = true, help_heading = GLOBAL)]
    color: Colour,
    /// Print only errors
    #[arg(short, long, global = true, help_heading = GLOBAL)]
    quiet: bool,
    /// Verbose output: every warning with its location
    #[arg(short, long, action = clap::ArgAction::Count, global = true, help_heading = GLOBAL)]
    verbose: u8,
    /// Print the version; with -v, how it was built
    #[arg(short = 'V', long = "version", action = clap::ArgAction::SetTrue)]
    version: bool,
}

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
    let text = payload.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| payload.downcast_ref::<String>().cloned()).unwrap_or_default()
}

fn run() -> Exit {
    // A shell asks for candidates before it knows a whole command line, so nothing is parsed yet.
    if let Some(exit) = ask(program) {
        return exit;
    }
    let parsed = program().try_get_matches().and_then(|found| Cli::from_arg_matches(&found));
    let cli = match parsed {
        Ok(cli) => cli,
        Err(error) => return usage(&error),
    };
    let screen = Screen::new(cli.global.color, cli.global.quiet, cli.global.verbose);
    let directory = cli.global.directory.clone();
    let mut session = Session::new(screen, directory);
    if cli.global.version {
        let text = version(session.screen.verbose > 0);
        session.show(Format::Text, &text);
        return Exit::Done;
    }
    let Some(command) = cli.command else {
        return usage(&program().error(
            ErrorKind::MissingSubcommand,
            "a command is required; `gen --help` lists them",
        ));
    };
    more_threads();
    let args = command.args();
    let exit = match args.run(&mut session) {
        Ok(exit) => exit,
        Err(error) => {
            let json = (args.format() == Format::Json).then(|| command.name());
            failed(&session, &error, json)
        }
    };
    // Half of what was asked for is not what was asked for, whatever the command thinks of it.
    match session.screen.lost() {
        Some(problem) => {
            session.screen.talk(&format!("error: cannot write the output: {problem}\n"));
            exit.worse(Exit::Local)
        }
        None => exit,
    }
}

/// The command line, as clap knows it.
#[must_use]
pub fn program() -> clap::Command {
    grouped(Cli::command())
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

/// Help and version are answers; everything else of clap's is a usage error.
fn usage(error: &clap::Error) -> Exit {
    let screen = Screen::plain();
    if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) {
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
