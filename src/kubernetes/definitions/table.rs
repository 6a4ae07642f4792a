//! The table's format: a line for each kind and for each type of object.
//!
//! ```text
//! kind apps/v1 Deployment deployments namespaced #12
//! 12 metadata=#3 spec=#13
//! 13 ~ replicas=i selector!=#14 strategy=text(Recreate|RollingUpdate)
//! ```
//!
//! `!` marks a required field, `~` an object that keeps unknown fields. Types: `t` string, `i` whole number, `n` number, `b` boolean,
//! `q` quantity, `x` whole number or string, `*` anything, `[T]` list, `{T}` mapping, `#N` object, `(A|B)` one of these words, `"P"` string that
//! matches the pattern.

use std::collections::HashMap;
use std::fmt::Write as _;

use super::{Definitions, Fields, Kind, Pattern, Type};

impl Definitions {
    /// Reads a table. Lines that are none of a table's are passed over.
    #[must_use]
    pub fn read(text: &str) -> Self {
        let mut definitions = Self::default();
        for line in text.lines().filter(|line| !line.starts_with("//")) {
            if let Some(kind) = line.strip_prefix("kind ") {
                let words: Vec<&str> = kind.split(' ').collect();
                if let [api_version, kind, plural, scope, root] = words[..] {
                    let plural = plural.to_owned();
                    let root = read_type(&mut root.chars().peekable());
                    let is_namespaced = scope == "namespaced";
                    definitions.add(api_version, kind, Kind { plural, is_namespaced, root });
                }
            } else {
                // Objects are numbered by their lines.
                let mut words = line.split(' ').skip(1).peekable();
                let open = words.next_if_eq(&"~").is_some();
                let fields = words.filter_map(read_field).collect();
                definitions.objects.push(Fields { open, fields });
            }
        }
        definitions
    }

    /// Adds kinds of which only plural and scope are known. A line is an API group and kinds: `Kind`, `Kind=plural`, `!Kind` for one
    /// that is cluster-scoped.
    pub(super) fn add_others(&mut self, text: &str) {
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let mut words = line.split_whitespace();
            let Some(group) = words.next() else { continue };
            for word in words {
                let (word, is_namespaced) =
                    word.strip_prefix('!').map_or((word, true), |word| (word, false));
                let (kind, plural) = word.split_once('=').map_or_else(
                    || (word, crate::kubernetes::kinds::by_english(group, word)),
                    |(kind, plural)| (kind, plural.to_owned()),
                );
                let key = (group.to_owned(), kind.to_owned());
                self.groups.entry(key).or_insert((plural, is_namespaced));
            }
        }
    }

    /// The table, always the same for the same definitions.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut numbers = Numbers { of: self, places: HashMap::new(), lines: Vec::new() };
        let mut text = String::new();
        for ((api_version, name), kind) in &self.kinds {
            let scope = if kind.is_namespaced { "namespaced" } else { "cluster" };
            let root = numbers.type_text(&kind.root);
            let _ = writeln!(text, "kind {api_version} {name} {} {scope} {root}", kind.plural);
        }
        for (number, line) in numbers.lines.iter().enumerate() {
            let _ = writeln!(text, "{number}{line}");
        }
        text
    }
}

/// Numbers objects in the order in which they are met.
struct Numbers<'a> {
    of: &'a Definitions,
    places: HashMap<usize, usize>,
    lines: Vec<String>,
}

impl Numbers<'_> {
    fn type_text(&mut self, of: &Type) -> String {
        match of {
            Type::Any => "*".to_owned(),
            Type::Text(words) if words.is_empty() => "t".to_owned(),
            Type::Text(words) => format!("({})", words.join("|")),
            Type::Pattern(pattern) => format!("\"{}\"", pattern.as_str()),
            Type::Quantity => "q".to_owned(),
            Type::IntOrText => "x".to_owned(),
            Type::Int => "i".to_owned(),
            Type::Number => "n".to_owned(),
            Type::Bool => "b".to_owned(),
            Type::List(item) => format!("[{}]", self.type_text(item)),
            Type::Map(value) => format!("{{{}}}", self.type_text(value)),
            Type::Object(place) => format!("#{}", self.number(*place)),
        }
    }

    fn number(&mut self, place: usize) -> usize {
        if let Some(number) = self.places.get(&place) {
            return *number;
        }
        let number = self.lines.len();
        self.places.insert(place, number);
        self.lines.push(String::new());
        let fields = &self.of.objects[place];
        let mut line = if fields.open { " ~".to_owned() } else { String::new() };
        for (name, is_required, of) in &fields.fields {
            let mark = if *is_required { "!" } else { "" };
            let _ = write!(line, " {name}{mark}={}", self.type_text(of));
        }
        self.lines[number] = line;
        number
    }
}

fn read_field(word: &str) -> Option<(String, bool, Type)> {
    let (name, of) = word.split_once('=')?;
    let (name, is_required) = name.strip_suffix('!').map_or((name, false), |name| (name, true));
    Some((name.to_owned(), is_required, read_type(&mut of.chars().peekable())))
}

fn read_type(text: &mut std::iter::Peekable<std::str::Chars<'_>>) -> Type {
    let item = |text: &mut std::iter::Peekable<std::str::Chars<'_>>| {
        let item = Box::new(read_type(text));
        text.next();
        item
    };
    match text.next() {
        Some('t') => Type::Text(Vec::new()),
        Some('i') => Type::Int,
        Some('n') => Type::Number,
        Some('b') => Type::Bool,
        Some('q') => Type::Quantity,
        Some('x') => Type::IntOrText,
        Some('[') => Type::List(item(text)),
        Some('{') => Type::Map(item(text)),
        Some('(') => {
            let words: String = text.by_ref().take_while(|c| *c != ')').collect();
            Type::Text(words.split('|').map(str::to_owned).collect())
        }
        Some('"') => {
            let pattern: String = text.by_ref().take_while(|c| *c != '"').collect();
            Type::Pattern(Pattern::new(&pattern))
        }
        Some('#') => {
            let mut number = 0;
            while let Some(digit) = text.next_if(char::is_ascii_digit).and_then(|c| c.to_digit(10))
            {
                number = number * 10 + digit as usize;
            }
            Type::Object(number)
        }
        _ => Type::Any,
    }
}
