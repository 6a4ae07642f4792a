//! The help of the program: its commands in groups, which clap does not have.

use std::fmt::Write as _;

use super::Command;

/// Spaces between the names of commands and their descriptions.
const GAP: usize = 2;

/// The command line with its commands shown in groups.
#[must_use]
pub fn grouped(program: clap::Command) -> clap::Command {
    let header = *program.get_styles().get_header();
    let shown = |name: &&&str| program.find_subcommand(name).is_some_and(|one| !one.is_hide_set());
    let names = || Command::GROUPS.iter().flat_map(|(_, names)| names.iter());
    let width = names().filter(shown).map(|name| name.len()).max().unwrap_or(0) + GAP;
    let mut list = String::new();
    for (group, names) in Command::GROUPS {
        let _ = writeln!(list, "{header}{group}:{header:#}");
        for name in names.iter().filter(shown) {
            let about = program.find_subcommand(name).and_then(clap::Command::get_about);
            let about = about.map(ToString::to_string).unwrap_or_default();
            let literal = program.get_styles().get_literal();
            let _ =
                writeln!(list, "  {literal}{name}{literal:#}{:1$}{about}", "", width - name.len());
        }
        list.push('\n');
    }
    let template = format!(
        "{{about-with-newline}}\n{{usage-heading}} {{usage}}\n\n{list}{header}Global options:{header:#}\n{{options}}{{after-help}}"
    );
    program.help_template(template)
}
