//! What the disk alone costs: writes a tree's files again, with nothing to work out.
//!
//! usage: rewrite SOURCE TARGET fresh|over THREADS
//!
//! Reads every file below SOURCE into memory, then times the writing of the same bytes to the same paths below TARGET:
//! `fresh` into a folder that must not exist, folders made on the way, `over` into files that are there already. Prints
//! the seconds. Needs the standard library only: `rustc -O rewrite.rs`.

use std::path::{Path, PathBuf};
use std::time::Instant;
use std::{fs, io, thread};

type File = (PathBuf, Vec<u8>);

fn main() -> io::Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let usage = || io::Error::other("usage: rewrite SOURCE TARGET fresh|over THREADS");
    let [source, target, mode, threads] = args.as_slice() else {
        return Err(usage());
    };
    let threads: usize = threads.parse().map_err(io::Error::other)?;
    let (source, target) = (Path::new(source), Path::new(target));

    let mut files = Vec::new();
    read(source, Path::new(""), &mut files)?;
    files.sort();
    match mode.as_str() {
        "fresh" => fs::create_dir(target)?,
        "over" => write_all(&files, target, threads)?,
        _ => return Err(usage()),
    }
    let start = Instant::now();
    write_all(&files, target, threads)?;
    println!("{:.6}", start.elapsed().as_secs_f64());
    Ok(())
}

fn read(root: &Path, below: &Path, files: &mut Vec<File>) -> io::Result<()> {
    for entry in fs::read_dir(root.join(below))? {
        let entry = entry?;
        let path = below.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            read(root, &path, files)?;
        } else {
            files.push((path, fs::read(entry.path())?));
        }
    }
    Ok(())
}

/// Each thread takes one stretch of the sorted list, so that threads seldom meet in a folder.
fn write_all(files: &[File], target: &Path, threads: usize) -> io::Result<()> {
    let stretch = files.len().div_ceil(threads).max(1);
    thread::scope(|scope| {
        let workers: Vec<_> = files
            .chunks(stretch)
            .map(|part| scope.spawn(|| write(part, target)))
            .collect();
        workers
            .into_iter()
            .try_for_each(|worker| worker.join().expect("a writer does not panic"))
    })
}

fn write(files: &[File], target: &Path) -> io::Result<()> {
    let mut made = PathBuf::new();
    for (path, content) in files {
        let path = target.join(path);
        let folder = path.parent().unwrap_or(target);
        if folder != made {
            fs::create_dir_all(folder)?;
            made = folder.to_path_buf();
        }
        fs::write(&path, content)?;
    }
    Ok(())
}
