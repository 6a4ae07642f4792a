//! Writes the manual pages of gen and its commands into a folder: `make man`.
#![allow(clippy::print_stdout, reason = "says where the pages are")]

use std::path::{Path, PathBuf};
use std::{env, fs, io};

use clap_mangen::Man;

fn main() -> io::Result<()> {
    let folder = env::args_os().nth(1).map_or_else(|| PathBuf::from("target/man"), PathBuf::from);
    fs::create_dir_all(&folder)?;
    let pages = pages()?;
    for (name, text) in &pages {
        fs::write(Path::new(&folder).join(name), text)?;
    }
    println!("{} pages in {}; try `man {}/gen.1`", pages.len(), folder.display(), folder.display());
    Ok(())
}

/// File name and text of every page.
pub fn pages() -> io::Result<Vec<(String, String)>> {
    let mut program = gitops_gen::app::program().disable_help_subcommand(true);
    program.build();
    let mut pages = Vec::new();
    add(&program, &mut pages)?;
    Ok(pages)
}

fn add(command: &clap::Command, pages: &mut Vec<(String, String)>) -> io::Result<()> {
    for one in command.get_subcommands().filter(|one| !one.is_hide_set()) {
        add(one, pages)?;
    }
    let name = command.get_display_name().unwrap_or_else(|| command.get_name()).to_owned();
    let man = Man::new(command.clone())
        .source(format!("gen {}", env!("CARGO_PKG_VERSION")))
        .manual("gen");
    let mut text = Vec::new();
    man.render(&mut text)?;
    let text = String::from_utf8(text).map_err(io::Error::other)?;
    pages.push((format!("{name}.1"), text));
    Ok(())
}
