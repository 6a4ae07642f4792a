//! Reads a script from left to right; the lexer is the parser, because what a character means depends on where it stands.
//!
//! Read are the parts of `sh` that say by themselves what they run: commands, pipelines, `&&` and `||`, `if`, `for`, `while`,
//! `case`, blocks and subshells. Anything else is an error, and nesting is limited so that any text ends in time.

use std::collections::HashMap;

use super::syntax::Script;
use super::unread::Unread;

/// Levels of nesting; scripts that people read have a handful.
const DEPTH: usize = 40;

/// What was read, or the line at which reading stopped.
pub(super) type Parsed<T> = Result<T, Unread>;

pub(super) struct Parser<'t> {
    pub(super) text: &'t str,
    pub(super) at: usize,
    pub(super) depth: usize,
    pub(super) in_function: bool,
    /// Where the line of a here-document ends, and where its body does.
    pub(super) body: Option<(usize, usize)>,
    /// The binding that each variable got last.
    pub(super) latest: HashMap<String, usize>,
    pub(super) out: Script,
}

/// Reads a script.
pub(super) fn parse(text: &str) -> Parsed<Script> {
    let text = text.replace("\r\n", "\n");
    let mut parser = Parser::new(&text);
    parser.list()?;
    if let Some(c) = parser.peek_char() {
        let word = parser.keyword();
        let what = if word.is_empty() { c.to_string() } else { word.to_owned() };
        return parser.fail(&format!("unmatched `{what}`"));
    }
    Ok(parser.out)
}

impl<'t> Parser<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self {
            text,
            at: 0,
            depth: 0,
            in_function: false,
            body: None,
            latest: HashMap::new(),
            out: Script::default(),
        }
    }

    pub(super) fn fail<T>(&self, problem: &str) -> Parsed<T> {
        let at = self.at.min(self.text.len());
        let start = self.text[..at].rfind('\n').map_or(0, |index| index + 1);
        let end = self.text[at..].find('\n').map_or(self.text.len(), |index| at + index);
        let problem = format!("shell syntax that gen cannot parse: {problem}");
        Err(Unread::new(&self.text[start..end], problem))
    }

    pub(super) fn deeper<T>(&mut self, read: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        if self.depth >= DEPTH {
            return self.fail("nested too deeply");
        }
        self.depth += 1;
        let result = read(self);
        self.depth -= 1;
        result
    }

    pub(super) fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    pub(super) fn peek_char(&self) -> Option<char> {
        self.text[self.at..].chars().next()
    }

    pub(super) fn sees(&self, text: &str) -> bool {
        self.text.as_bytes()[self.at..].starts_with(text.as_bytes())
    }

    pub(super) fn take(&mut self, text: &str) -> bool {
        let sees = self.sees(text);
        if sees {
            self.at += text.len();
        }
        sees
    }

    /// Spaces, tabs and continued lines.
    pub(super) fn blanks(&mut self) {
        while self.take(" ") || self.take("\t") || self.take("\\\n") {}
    }

    /// Everything that separates commands and says nothing; the body of a here-document was read with its line.
    pub(super) fn lines(&mut self) -> Parsed<()> {
        loop {
            self.blanks();
            if let Some((line, end)) = self.body.filter(|(line, _)| *line <= self.at) {
                if line < self.at {
                    return self.fail("the line of a here-document goes on after its body");
                }
                self.at = end;
                self.body = None;
            } else if self.sees("#") {
                let rest = &self.text[self.at..];
                self.at += rest.find('\n').unwrap_or(rest.len());
            } else if !self.take("\n") {
                return Ok(());
            }
        }
    }

    /// The literal word here, if it could be a reserved one.
    pub(super) fn keyword(&self) -> &'t str {
        let rest = &self.text[self.at..];
        let end = rest
            .find(|c: char| c.is_whitespace() || ";|&()<>'\"$`\\".contains(c))
            .unwrap_or(rest.len());
        let goes_on = rest[end..].starts_with(['\'', '"', '$', '`', '\\']);
        if goes_on && !rest[end..].starts_with("\\\n") {
            return "";
        }
        &rest[..end]
    }

    pub(super) fn expect(&mut self, word: &str) -> Parsed<()> {
        self.lines()?;
        if self.keyword() == word {
            self.at += word.len();
            return Ok(());
        }
        self.fail(&format!("`{word}` is missing"))
    }

    pub(super) fn expect_sign(&mut self, sign: &str) -> Parsed<()> {
        if self.take(sign) {
            return Ok(());
        }
        self.fail(&format!("`{sign}` is missing"))
    }

    /// Commands whose variables are not known behind them.
    pub(super) fn block(&mut self, read: impl FnOnce(&mut Self) -> Parsed<()>) -> Parsed<()> {
        let start = self.out.bindings.len();
        read(self)?;
        self.out.close(start);
        Ok(())
    }

    /// Commands up to what closes them: a bracket, a reserved word, `;;` or the end.
    pub(super) fn list(&mut self) -> Parsed<()> {
        loop {
            self.lines()?;
            let closes = matches!(
                self.keyword(),
                "then" | "else" | "elif" | "fi" | "do" | "done" | "esac" | "}"
            );
            if closes || self.peek().is_none() || self.sees(")") || self.sees(";;") {
                return Ok(());
            }
            let start = self.out.bindings.len();
            self.chain()?;
            self.blanks();
            if self.sees(";;") || self.sees(";&") {
                return Ok(());
            }
            if self.take("&") {
                self.out.close(start);
            } else {
                self.take(";");
            }
        }
    }

    fn chain(&mut self) -> Parsed<()> {
        self.pipeline()?;
        // What follows `&&` runs only behind what is left of it; what follows `||` may run without.
        let start = self.out.bindings.len();
        loop {
            self.blanks();
            if self.take("||") {
                self.out.close(start);
            } else if !self.take("&&") {
                break;
            }
            self.lines()?;
            self.pipeline()?;
        }
        self.out.close(start);
        Ok(())
    }

    fn pipeline(&mut self) -> Parsed<()> {
        while self.keyword() == "!" {
            self.at += 1;
            self.blanks();
        }
        let (first, start) = (self.out.commands.len(), self.out.bindings.len());
        let (mut stdin, mut several) = (None, false);
        loop {
            let last = self.out.commands.len();
            let passes = self.command(stdin.take())?;
            self.blanks();
            let goes_on = !self.sees("||") && self.take("|");
            several |= goes_on;
            if several {
                // Each runs in a shell of its own.
                self.out.close(start);
            }
            if !goes_on {
                for command in &mut self.out.commands[first..last] {
                    command.hands_on = true;
                }
                return Ok(());
            }
            self.take("&");
            self.lines()?;
            stdin = passes;
        }
    }
}
