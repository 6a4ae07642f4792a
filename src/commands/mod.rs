//! The commands, one file each: the arguments as typed, and what is done with them.
//!
//! A new command is a file here and a line in the table at the end. The file holds a struct of arguments, whose first line of
//! documentation is the command's help, and [`Runnable`] for it, which calls an operation (`ops`) and shows its report (`report`). The
//! command is called as its struct is.

mod args;
mod groups;
mod names;
mod session;

pub use self::completion::ask;
pub use groups::grouped;
pub use session::Session;

use crate::diagnostics::Exit;
use crate::report::Format;

/// A command with its arguments.
pub trait Runnable {
    /// Does it, and says what the process ends with.
    ///
    /// # Errors
    /// What stopped it.
    fn run(&self, session: &mut Session) -> anyhow::Result<Exit>;

    /// The format in which a failure is wanted beside what is said on stderr.
    fn format(&self) -> Format {
        Format::Text
    }
}

/// Declares the modules of the commands, and the enum of them: `file: Arguments`, by the groups and in the order of the help.
macro_rules! commands {
    ($($group:literal { $($file:ident: $args:ident),+ $(,)? })+) => {
        $( $( mod $file; )+ )+

        /// A command as it was typed.
        #[derive(Debug, clap::Subcommand)]
        #[allow(missing_docs, reason = "the arguments document themselves")]
        pub enum Command {
            $( $( $args($file::$args), )+ )+
        }

        impl Command {
            /// The groups of the help, each with the names of its commands.
            const GROUPS: &'static [(&'static str, &'static [&'static str])] =
                &[$( ($group, &[$( stringify!($file) ),+]) ),+];

            /// The arguments.
            #[must_use]
            pub fn args(&self) -> &dyn Runnable {
                match self { $( $( Self::$args(args) => args, )+ )+ }
            }

            /// The name by which the command is called in JSON.
            #[must_use]
            pub fn name(&self) -> &'static str {
                match self { $( $( Self::$args(_) => stringify!($file), )+ )+ }
            }
        }
    };
}

commands! {
    "Start" {
        init: Init,
        import: Import,
    }
    "Change" {
        render: Render,
        commit: Commit,
        set: Set,
    }
    "Inspect" {
        diff: Diff,
        check: Check,
        status: Status,
        why: Why,
        blame: Blame,
        graph: Graph,
        report: Report,
        secrets: Secrets,
        trigger: Trigger,
    }
    "Deliver" {
        promote: Promote,
        rollback: Rollback,
        run: Run,
        wait: Wait,
        log: Log,
    }
    "More" {
        explain: Explain,
        schema: Schema,
        template: Template,
        completion: Completion,
    }
}
