//! Compound commands: blocks, conditions, loops, cases, functions.

use super::parser::{Parsed, Parser};
use super::syntax::{Binding, Command, Piece, Word, Writes};
use super::unread::shorten;

impl Parser<'_> {
    /// A command that gets this text; the result is the text that it passes on.
    pub(super) fn command(&mut self, stdin: Option<Word>) -> Parsed<Option<Word>> {
        self.deeper(|parser| {
            let first = parser.out.commands.len();
            match parser.keyword() {
                "if" => parser.block(Self::condition)?,
                "while" | "until" => parser.block(|parser| {
                    parser.at += 5;
                    parser.list()?;
                    parser.body_of_loop()
                })?,
                "for" => parser.block(Self::each)?,
                "case" => parser.block(Self::case)?,
                "{" => {
                    parser.at += 1;
                    parser.list()?;
                    parser.expect("}")?;
                }
                "[[" => parser.test()?,
                "" if !parser.sees("((") && parser.take("(") => {
                    parser.block(Self::list)?;
                    parser.expect_sign(")")?;
                }
                name => {
                    let name = name.to_owned();
                    let after = parser.text[parser.at + name.len()..].trim_start_matches(' ');
                    if name.is_empty() || name.contains('=') || !after.starts_with('(') {
                        return parser.simple(stdin);
                    }
                    parser.at = parser.text.len() - after.len() + 1;
                    parser.blanks();
                    parser.expect_sign(")")?;
                    parser.lines()?;
                    parser.out.functions.push(name);
                    let outer = std::mem::replace(&mut parser.in_function, true);
                    parser.block(|parser| parser.command(None).map(|_| ()))?;
                    parser.in_function = outer;
                }
            }
            let mut block = Command::default();
            loop {
                parser.blanks();
                if !parser.redirect(&mut block)? {
                    break;
                }
            }
            for command in &mut parser.out.commands[first..] {
                command.hands_on |= block.hands_on;
            }
            parser.data(block.stdin.into_iter().collect(), "");
            Ok(None)
        })
    }

    /// Keeps words that are data, because they may name a tool.
    pub(super) fn data(&mut self, words: Vec<Word>, text: &str) {
        self.out.commands.push(Command {
            words,
            is_data: true,
            text: shorten(text),
            ..Command::default()
        });
    }

    fn condition(&mut self) -> Parsed<()> {
        let mut word = "if";
        while self.keyword() == word {
            self.at += word.len();
            self.list()?;
            self.expect("then")?;
            self.block(Self::list)?;
            word = "elif";
        }
        if self.keyword() == "else" {
            self.at += 4;
            self.block(Self::list)?;
        }
        self.expect("fi")
    }

    fn body_of_loop(&mut self) -> Parsed<()> {
        self.expect("do")?;
        self.list()?;
        self.expect("done")
    }

    fn each(&mut self) -> Parsed<()> {
        self.at += 3;
        self.blanks();
        let name = self.keyword().to_owned();
        self.at += name.len();
        if name.is_empty() {
            return self.fail("`for` without a variable");
        }
        self.lines()?;
        let mut words = Vec::new();
        if self.keyword() == "in" {
            self.at += 2;
            self.blanks();
            while !matches!(self.peek(), None | Some(b';' | b'\n')) {
                words.push(self.word()?);
                self.blanks();
            }
        } else {
            words.push(Word(vec![Piece::Unknown { quoted: false }]));
        }
        self.take(";");
        self.data(words.clone(), &name);
        let held = self.latest.get(&name);
        let within = held.is_some_and(|index| self.out.bindings[*index].is_open);
        let known = self.out.writes.get(&name);
        let clear = known.is_none_or(|writes| *writes == Writes::Loops);
        let writes =
            if clear && !within && !self.in_function { Writes::Loops } else { Writes::Unclear };
        self.out.writes.insert(name.clone(), writes);
        self.latest.insert(name, self.out.bindings.len());
        self.out.bindings.push(Binding { words, is_loop: true, is_open: true });
        self.body_of_loop()
    }

    fn case(&mut self) -> Parsed<()> {
        self.at += 4;
        self.blanks();
        self.word()?;
        self.expect("in")?;
        loop {
            self.lines()?;
            if self.keyword() == "esac" {
                self.at += 4;
                return Ok(());
            }
            self.take("(");
            loop {
                self.blanks();
                if self.take(")") {
                    break;
                }
                if !self.take("|") {
                    self.word()?;
                }
            }
            self.block(Self::list)?;
            if self.sees(";&") || self.sees(";;&") {
                return self.fail("`;&` falls through to the next pattern");
            }
            self.take(";;");
        }
    }

    /// `[[ … ]]`: in it, the shell's signs are operators of the test.
    fn test(&mut self) -> Parsed<()> {
        self.at += 2;
        loop {
            let start = self.at;
            self.lines()?;
            let follows_blank = self.at > start;
            match self.peek() {
                _ if follows_blank && self.keyword() == "]]" => {
                    self.at += 2;
                    return Ok(());
                }
                None => return self.fail("`]]` is missing"),
                Some(b'(' | b')' | b'<' | b'>' | b'|' | b'&' | b';') => self.at += 1,
                // Brackets stand within patterns here.
                Some(_) => self.piece(&mut Word::default())?,
            }
        }
    }
}
