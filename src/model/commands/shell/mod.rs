//! A shell script as a tree: enough of POSIX sh and bash to know which commands it may run with which words.
//!
//! Reading is not running: nothing here knows what a command does. What the parser does not understand is an error, never a
//! guess, and nesting is limited so that any text ends in time.

mod compound;
mod dollar;
mod parse;
mod simple;
mod word;

use std::cell::OnceCell;
use std::rc::Rc;

/// A text that is no script that gen can read.
#[derive(Debug)]
pub(super) struct Problem {
    /// The line where reading stopped.
    pub(super) line: String,
    /// Why.
    pub(super) problem: String,
}

/// Commands one after the other.
pub(super) type List = Vec<Node>;

/// A whole script.
#[derive(Debug)]
pub(super) struct Script {
    /// Its commands.
    pub(super) list: List,
    /// What was noticed on the way.
    pub(super) facts: Facts,
}

/// What was noticed while reading a stretch of a script, so that a loop knows what it changes before it is walked.
#[derive(Debug, Default, Clone)]
pub(super) struct Facts {
    /// Variables that are set, each time; `@` for the positional parameters, `*` where any may be.
    pub(super) assigned: Vec<String>,
    /// The same in the bodies of functions, which set them where they are called.
    pub(super) in_functions: Vec<String>,
    /// First words of commands, which may be functions.
    pub(super) called: Vec<String>,
    /// A `return` is there: what follows it may not run.
    pub(super) returns: bool,
    /// A text other than a command's first word names kubectl, flux or gen.
    pub(super) tool_as_data: bool,
}

/// One command, simple or compound.
#[derive(Debug)]
pub(super) enum Node {
    /// Words.
    Simple(Simple),
    /// `a | b`.
    Pipe(Vec<Node>),
    /// `a && b || c`.
    Chain(Box<Node>, Vec<(Join, Node)>),
    /// `( … )`, and what runs in the background.
    Subshell(List),
    /// `{ …; }`.
    Group(List),
    /// `if … then … elif … else … fi`: conditions with what they guard, and the rest.
    If(Vec<(List, List)>, List),
    /// `while`, `until` and every kind of `for`.
    Loop(Loop),
    /// `case`: the word, then patterns with what they guard.
    Case(Word, Vec<(Vec<Word>, List)>),
    /// A definition.
    Function(Rc<Function>),
    /// A compound command with redirections.
    Redirected(Box<Node>, Vec<Redirect>),
}

/// How two commands hang together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Join {
    /// `&&`.
    And,
    /// `||`.
    Or,
}

/// A loop.
#[derive(Debug)]
pub(super) struct Loop {
    /// The variable of a `for`, and what it goes through; without `in` that is `"$@"`.
    pub(super) over: Option<(String, Vec<Word>)>,
    /// The condition of a `while` or `until`.
    pub(super) condition: List,
    /// What is repeated.
    pub(super) body: List,
    /// What condition and body change and call.
    pub(super) facts: Facts,
}

/// A function.
#[derive(Debug)]
pub(super) struct Function {
    /// Its name.
    pub(super) name: String,
    /// Its body.
    pub(super) body: Node,
    /// What the body changes and calls.
    pub(super) facts: Facts,
    /// The body mentions kubectl, flux or gen.
    pub(super) uses_tools: bool,
}

/// A simple command.
#[derive(Debug)]
pub(super) struct Simple {
    /// `NAME=value` before the words; or after `export` and its like.
    pub(super) assigns: Vec<Assign>,
    /// The words.
    pub(super) words: Vec<Word>,
    /// Redirections.
    pub(super) redirects: Vec<Redirect>,
    /// The command as it is written, shortened.
    pub(super) text: String,
}

/// An assignment.
#[derive(Debug)]
pub(super) struct Assign {
    /// The variable.
    pub(super) name: String,
    /// What it becomes: one word, or the words of an array.
    pub(super) value: Assigned,
}

/// The right side of an assignment.
#[derive(Debug)]
pub(super) enum Assigned {
    /// `X=word`.
    Text(Word),
    /// `X=(a b c)`.
    Array(Vec<Word>),
    /// `X+=…` and `X[1]=…`: read for the commands in them, the value is not followed.
    Part(Vec<Word>),
}

/// A redirection.
#[derive(Debug)]
pub(super) enum Redirect {
    /// `<<EOF`; the body comes after the line.
    Here(Rc<OnceCell<Word>>),
    /// `<<< word`.
    Text(Word),
    /// `< file`.
    From(Word),
    /// `> file` and all others.
    Other(Word),
}

/// A word: pieces without a space between.
#[derive(Debug, Default)]
pub(super) struct Word(pub(super) Vec<Piece>);

/// A piece of a word. What is quoted stays one word, whatever it expands to.
#[derive(Debug)]
pub(super) enum Piece {
    /// Literal text.
    Text { text: String, quoted: bool },
    /// `$NAME` or `${NAME…}`.
    Parameter {
        name: String,
        quoted: bool,
        op: Op,
        word: Word,
    },
    /// `$@`, `$*`, `${ARRAY[@]}`.
    All { name: String, quoted: bool },
    /// `$(…)` or backticks.
    Command { list: List, quoted: bool },
    /// Arithmetic, slices, process substitution: commands in it are read, its value is not. It may set variables.
    Opaque {
        inner: Word,
        sets: Vec<String>,
        quoted: bool,
    },
}

/// What a `${NAME…}` does with its word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Op {
    /// Nothing: there is none.
    Plain,
    /// `:-`.
    Default,
    /// `:?`.
    Required,
    /// Anything that makes another text of the value.
    Other,
}

impl Word {
    /// The text of a word that holds nothing to expand.
    pub(super) fn literal(&self) -> Option<String> {
        let mut all = String::new();
        for piece in &self.0 {
            let Piece::Text { text, .. } = piece else {
                return None;
            };
            all.push_str(text);
        }
        Some(all)
    }
}

/// Reads a script.
pub(super) fn parse(text: &str) -> Result<Script, Problem> {
    let text = text.replace("\r\n", "\n");
    parse::Parser::new(&text, 0).script()
}

/// Builtins that set what stands behind them.
pub(super) const DECLARES: [&str; 5] = ["export", "local", "declare", "typeset", "readonly"];

/// A text on one line, and not a long one, for an error.
pub(super) fn shorten(text: &str) -> String {
    const LENGTH: usize = 90;
    let words: Vec<&str> = text
        .split_whitespace()
        .filter(|word| *word != "\\")
        .take(LENGTH)
        .collect();
    let line = words.join(" ");
    if line.chars().count() <= LENGTH {
        return line;
    }
    let start: String = line.chars().take(LENGTH - 1).collect();
    format!("{}…", start.trim_end())
}
