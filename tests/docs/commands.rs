//! Commands and options that the pages name are those of the program.

use std::collections::{BTreeMap, BTreeSet};

use crate::page::{Line, gen_in, lines, pages, read, root};

/// Every command of a program in a page: in a code block, or as code in the text.
fn commands(program: &str, text: &str) -> Vec<String> {
    let mut commands = Vec::new();
    for line in lines(text) {
        match line {
            Line::Prose(line) => commands.extend(line.split('`').skip(1).step_by(2)),
            Line::Code("sh" | "console", line) => {
                let line = line.strip_prefix("$ ").unwrap_or(line);
                commands.push(line.split(" | ").next().unwrap_or_default());
            }
            Line::Code(..) => {}
        }
    }
    commands.retain(|command| command.split(' ').next() == Some(program) && command.contains(' '));
    commands
        .into_iter()
        .map(|command| command.split(" #").next().unwrap_or_default().to_owned())
        .collect()
}

/// The help of a command, which is empty where there is none.
fn help(words: &[&str]) -> String {
    let (status, out, _) = gen_in(root(), &[words, &["--help"]].concat());
    if status == 0 { out } else { String::new() }
}

/// The subcommands in a help.
fn subcommands(help: &str) -> BTreeSet<String> {
    let list = help.split("\nStart:\n").nth(1).unwrap_or_default();
    list.lines()
        .take_while(|line| *line != "Global options:")
        // What is indented further continues a description.
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next())
        .map(str::to_owned)
        .collect()
}

#[test]
fn commands_and_options_exist() {
    let all = subcommands(&help(&[]));
    assert!(["init", "render", "template"].iter().all(|name| all.contains(*name)), "{all:?}");
    let mut helps: BTreeMap<String, String> = BTreeMap::new();
    let mut wrong = Vec::new();
    for page in pages() {
        for command in commands("gen", &read(&page)) {
            let words: Vec<&str> = command.split_whitespace().skip(1).collect();
            if words[0] == "COMMAND" {
                continue;
            }
            let mut path = vec![words[0]];
            if matches!(words[0], "trigger" | "template") {
                path.push(words[1]);
            }
            let help = helps.entry(path.join(" ")).or_insert_with(|| help(&path)).clone();
            let options = words.iter().map(|word| {
                let word = word.trim_start_matches('[');
                let end = word.find(|c: char| !c.is_ascii_alphanumeric() && c != '-');
                &word[..end.unwrap_or(word.len())]
            });
            let mut options = options.filter(|word| word.starts_with("--"));
            if help.is_empty() || !options.all(|option| help.contains(option)) {
                wrong.push(format!("{page}: {command}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(helps.len() > 10, "{:?}", helps.keys());
    // And the other way round.
    let text = read("docs/commands.md");
    for command in all.iter().filter(|name| *name != "help") {
        assert!(
            text.contains(&format!("\n| `gen {command} ")),
            "docs/commands.md lacks `gen {command}`"
        );
    }
}

#[test]
fn make_targets_exist() {
    let makefile = read("Makefile");
    let mut named = BTreeSet::new();
    for page in pages() {
        for command in commands("make", &read(&page)) {
            named.extend(command.split(' ').nth(1).map(str::to_owned));
        }
    }
    for target in &named {
        assert!(
            makefile.lines().any(|line| line.starts_with(&format!("{target}:"))),
            "the Makefile lacks {target}"
        );
    }
    for target in ["test", "check", "bench", "audit", "soak"] {
        assert!(named.contains(target), "no page names make {target}");
    }
}
