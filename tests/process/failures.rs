//! A disk that refuses: full, read-only, or of another user. The program ends with 4, and the tree is as it was or can be finished.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::needs::skip;
use crate::support::{GEN, Repo, Said, snapshot};

/// A file system in memory at a folder, while it lives.
struct Mounted(PathBuf);

impl Mounted {
    /// Needs root; skips the test where it is not.
    fn new(folder: &Path) -> Option<Self> {
        let output = Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=4m", "tmpfs"])
            .arg(folder)
            .output();
        match output {
            Ok(output) if output.status.success() => Some(Self(folder.to_owned())),
            Ok(output) => {
                let why = String::from_utf8_lossy(&output.stderr).into_owned();
                skip(&format!("no tmpfs can be mounted here: {}", why.trim()));
                None
            }
            Err(error) => {
                skip(&format!("no tmpfs can be mounted here: {error}"));
                None
            }
        }
    }

    fn remount(&self, how: &str) -> bool {
        let status =
            Command::new("mount").args(["-o", &format!("remount,{how}")]).arg(&self.0).status();
        status.is_ok_and(|status| status.success())
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(&self.0).status();
    }
}

const APP: &str =
    "  NAME: {source: https://git.example/a.git, image: registry.example/a, port: 8080}\n";

fn fill(repo: &Repo, team: &str) {
    let mut text = format!(
        "version: 1\nrepository: https://git.example/g.git\ndefaults: {{labels: {{team: {team}}}}}\napps:\n"
    );
    for app in 0..20 {
        text += &APP.replace("NAME", &format!("app-{app}"));
    }
    repo.write("gen.yaml", text);
    repo.write("environments/dev.yaml", "deploy: kubectl\n");
}

#[test]
fn a_full_disk_changes_nothing() {
    let repo = Repo::empty();
    let Some(_mounted) = Mounted::new(repo.path()) else {
        return;
    };
    fill(&repo, "red");
    repo.render();
    let red = snapshot(&repo.at("clusters"));
    fill(&repo, "blue");
    repo.render();
    let blue = snapshot(&repo.at("clusters"));
    fill(&repo, "red");
    let (mut refused, mut rolled) = (0, 0);
    // From nothing left to nearly enough: the failure moves from the lock to the stage, the journal, the cache.
    for left in [0, 4, 16, 64, 128, 256, 320, 384, 448, 480, 512, 544, 576, 608, 640] {
        let free = free_kilobytes(repo.path());
        repo.write("filler", vec![0; (free.saturating_sub(left)) * 1024]);
        let said = repo.run(["render", "-q"]);
        let tree = snapshot(&repo.at("clusters"));
        match said.status {
            Some(4) => {
                assert!(said.stderr.contains("GEN0806"), "{}", said.stderr);
                refused += 1;
                if repo.has(".gen/journal") {
                    rolled += 1;
                } else {
                    assert!(tree == blue, "with {left} KiB left");
                }
            }
            Some(0) => assert!(tree == red),
            other => panic!("{other:?} {}", said.stderr),
        }
        repo.remove("filler");
        repo.run(["render", "-q"]).exits(0);
        assert!(snapshot(&repo.at("clusters")) == red);
        fill(&repo, "blue");
        repo.render();
        fill(&repo, "red");
    }
    println!("a full disk refused {refused} of 24 renders, {rolled} of them while publishing");
    assert!(refused > 3 && refused < 24);
}

fn free_kilobytes(folder: &Path) -> usize {
    let output =
        Command::new("df").args(["-k", "--output=avail"]).arg(folder).output().expect("df runs");
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    let number = text.lines().nth(1).expect("a number").trim();
    number.parse().expect("a number")
}

#[test]
fn a_read_only_disk_changes_nothing() {
    let repo = Repo::empty();
    let Some(mounted) = Mounted::new(repo.path()) else {
        return;
    };
    fill(&repo, "red");
    repo.render();
    fill(&repo, "blue");
    let before = snapshot(repo.path());
    assert!(mounted.remount("ro"), "a tmpfs can be made read-only");
    repo.run(["render"]).exits(4).says("GEN0806").says("ead-only file system");
    // What only reads, works.
    repo.run(["render", "--check", "-q"]).exits(1);
    repo.run(["render", "--stdout"]).exits(0);
    repo.run(["template", "eject", "run/run"]).exits(4);
    repo.run(["init", "new"]).exits(4);
    assert!(mounted.remount("rw"));
    assert!(snapshot(repo.path()) == before);
    repo.render();
    repo.run(["render", "--check"]).exits(0);
}

/// A folder of another user: root is asked through `setpriv`, because permissions do not bind root itself.
#[test]
fn a_folder_of_another_user_changes_nothing() {
    let repo = Repo::empty();
    fill(&repo, "red");
    repo.render();
    fill(&repo, "blue");
    let is_root = free_of_permissions(&repo);
    let copy = repo.at("gen");
    std::fs::copy(GEN, &copy).expect("a copy that everybody may run");
    let before = snapshot(&repo.at("clusters"));
    // Nobody but its owner may write.
    for mode in ["0755", "0555"] {
        for folder in ["", "clusters", ".gen"] {
            chmod(&repo.at(folder), mode);
        }
        let mut command = if is_root {
            let mut command = Command::new("setpriv");
            command.args(["--reuid=65534", "--regid=65534", "--clear-groups"]);
            command.arg(&copy);
            command
        } else if mode == "0755" {
            continue;
        } else {
            Command::new(&copy)
        };
        let output = command.args(["render", "-q"]).current_dir(repo.path()).output();
        let said = match output {
            Ok(output) => Said::from(output),
            Err(error) => {
                skip(&format!("no setpriv: {error}"));
                break;
            }
        };
        said.exits(4).says("GEN0806").says("ermission denied");
        assert!(snapshot(&repo.at("clusters")) == before);
    }
    for folder in ["", "clusters", ".gen"] {
        chmod(&repo.at(folder), "0755");
    }
    repo.remove("gen");
    repo.render();
}

fn free_of_permissions(repo: &Repo) -> bool {
    let probe = repo.at("probe");
    std::fs::write(&probe, "").expect("a file");
    chmod(&probe, "0000");
    let free = std::fs::File::open(&probe).is_ok();
    std::fs::remove_file(&probe).expect("it was there");
    free
}

fn chmod(path: &Path, mode: &str) {
    let status = Command::new("chmod").arg(mode).arg(path).status();
    assert!(status.expect("chmod runs").success());
}

/// What stands where gen wants a folder or a file: refused with its path, nothing half done.
#[test]
fn what_stands_in_the_way_is_named() {
    let repo = Repo::empty();
    fill(&repo, "red");
    repo.render();
    fill(&repo, "blue");
    let file = "clusters/dev/dev/app-7/app/workload.yaml";
    repo.remove(file);
    std::fs::create_dir(repo.at(file)).expect("a folder");
    let before = snapshot(&repo.at("clusters"));
    repo.run(["render", "--force"]).exits(3).says("GEN0811").says(file);
    assert!(snapshot(&repo.at("clusters")) == before);
    std::fs::remove_dir(repo.at(file)).expect("it was there");
    std::os::unix::fs::symlink("/etc/passwd", repo.at(file)).expect("a link");
    let passwd = std::fs::read("/etc/passwd").ok();
    let said = repo.run(["render", "--force"]).exits(4).says("GEN0805").says(file);
    assert!(!said.stderr.contains("root:"));
    assert_eq!(std::fs::read("/etc/passwd").ok(), passwd);
}
