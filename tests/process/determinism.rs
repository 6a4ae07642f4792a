//! The same input, the same bytes: whatever the machine, locale, time, thread count or folder, and however the input is ordered where
//! its order means nothing.

use std::collections::BTreeMap;
use std::process::Command;

use crate::support::{GEN, Random, Repo, is_soak, snapshot, specs};

type Tree = BTreeMap<String, Vec<u8>>;

fn tree(repo: &Repo) -> Tree {
    snapshot(&repo.at("clusters"))
}

/// Names the first file that differs, rather than printing two trees.
#[track_caller]
fn same(one: &Tree, other: &Tree, what: &str) {
    let names = |tree: &Tree| tree.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(one), names(other), "{what}");
    for (path, bytes) in one {
        let (one, other) = (String::from_utf8_lossy(bytes), String::from_utf8_lossy(&other[path]));
        let line = one.lines().zip(other.lines()).find(|(one, other)| one != other);
        assert!(one == other, "{path} differs in {line:?}: {what}");
    }
}

/// A render under another environment.
fn command(random: &mut Random, repo: &Repo) -> (Command, String) {
    let threads = random.pick(&["1", "2", "3", "4", "8", "16"]);
    let locale =
        random.pick(&["C", "C.UTF-8", "en_US.UTF-8", "tr_TR.UTF-8", "de_DE", "", "nonsense"]);
    let zone =
        random.pick(&["UTC", "Asia/Kathmandu", "America/St_Johns", "Pacific/Kiritimati", ""]);
    let mask = random.pick(&["0022", "0077", "0000", "0002"]);
    let home = random.pick(&["/", "/nonexistent", "/tmp", ""]);
    let place = random.below(4);
    let path = repo.path().to_str().expect("UTF-8").to_owned();
    let name = path.rsplit('/').next().expect("a name").to_owned();
    let parent = repo.path().parent().expect("a parent");
    let (folder, directory) = match place {
        0 => (repo.path().to_owned(), String::new()),
        1 => (repo.at("environments"), String::new()),
        2 => (parent.to_owned(), format!("-C {name}")),
        _ => ("/".into(), format!("-C {path}/./")),
    };
    let mut command = Command::new("sh");
    command
        .args(["-c", &format!("umask {mask}; exec \"$0\" {directory} render -q --force"), GEN])
        .current_dir(folder)
        .env("RAYON_NUM_THREADS", threads)
        .env("LANG", locale)
        .env("LC_ALL", locale)
        .env("TZ", zone)
        .env("HOME", home);
    if home.is_empty() {
        command.env_remove("HOME");
    }
    if random.below(2) == 0 {
        command.env("COLUMNS", "20").env("TERM", "dumb");
    }
    let what =
        format!("{threads} threads, {locale}, {zone}, umask {mask}, HOME {home}, {directory}");
    (command, what)
}

#[test]
fn one_tree_whatever_the_machine_says() {
    let rounds = if is_soak() { 1000 } else { 50 };
    let mut random = Random(1);
    let repo = Repo::new(specs::TEAM);
    repo.render();
    let wanted = tree(&repo);
    for round in 0..rounds {
        // Now and then nothing is there yet; else the last tree is.
        if round % 5 == 0 {
            for folder in ["clusters", ".gen"] {
                repo.remove_folder(folder);
            }
        }
        let (mut command, what) = command(&mut random, &repo);
        let output = command.output().expect("it runs");
        assert!(output.status.success(), "{what}: {}", String::from_utf8_lossy(&output.stderr));
        same(&wanted, &tree(&repo), &what);
    }
    println!("one tree in {rounds} environments");
}

/// Mappings whose order says nothing: every mapping of the spec but `files` and `env`… whose order is that of the variables.
fn shuffled(value: &serde_yaml::Value, random: &mut Random, key: &str) -> serde_yaml::Value {
    use serde_yaml::Value;
    match value {
        Value::Mapping(map) => {
            let mut entries: Vec<(Value, Value)> = map
                .iter()
                .map(|(key, value)| {
                    let inner = shuffled(value, random, key.as_str().unwrap_or_default());
                    (key.clone(), inner)
                })
                .collect();
            // Variables and parameters keep their order in what is rendered: it is theirs to give.
            if !["env", "args", "params", "merge", "settings"].contains(&key) {
                random.shuffle(&mut entries);
            }
            Value::Mapping(entries.into_iter().collect())
        }
        Value::Sequence(items) => {
            let mut items: Vec<Value> =
                items.iter().map(|item| shuffled(item, random, key)).collect();
            // Sets that are written as lists.
            if ["apis", "include"].contains(&key) {
                random.shuffle(&mut items);
            }
            Value::Sequence(items)
        }
        other => other.clone(),
    }
}

#[test]
fn one_tree_however_the_input_is_ordered() {
    let rounds = if is_soak() { 100 } else { 10 };
    let mut random = Random(2);
    let repo = Repo::new(specs::TEAM);
    repo.render();
    let wanted = tree(&repo);
    for round in 0..rounds {
        for (path, text) in specs::TEAM.iter().filter(|(path, _)| !path.starts_with("manifests/")) {
            let value: serde_yaml::Value = serde_yaml::from_str(text).expect("YAML");
            let value = shuffled(&value, &mut random, "");
            repo.write(path, serde_yaml::to_string(&value).expect("YAML"));
        }
        repo.run(["render", "-q"]).exits(0);
        same(&wanted, &tree(&repo), &format!("round {round}"));
    }
    println!("one tree for {rounds} orders of the same input");
}

/// Apps in one file, in many, or under other names of files.
#[test]
fn one_tree_however_apps_lie_in_files() {
    let repo = Repo::new(specs::MONOREPO);
    repo.render();
    let wanted = tree(&repo);
    let web = repo.read("apps/web.yaml");
    let worker = repo.read("apps/worker.yaml");
    repo.remove("apps/web.yaml");
    repo.remove("apps/worker.yaml");
    repo.write("apps/z.yaml", &web);
    repo.write("apps/a.yaml", &worker);
    repo.render();
    same(&wanted, &tree(&repo), "other names");
    repo.remove("apps/z.yaml");
    repo.remove("apps/a.yaml");
    let more = web.trim_start().strip_prefix("apps:\n").expect("apps").to_owned();
    repo.write("apps/all.yaml", format!("{worker}{more}"));
    repo.render();
    same(&wanted, &tree(&repo), "one file");
    let stdout: Vec<String> = (0..4)
        .map(|threads| {
            let mut command = repo.command(["render", "--stdout"]);
            command.env("RAYON_NUM_THREADS", (threads * 3 + 1).to_string());
            String::from_utf8(command.output().expect("gen runs").stdout).expect("UTF-8")
        })
        .collect();
    assert!(!stdout[0].is_empty() && stdout.iter().all(|text| *text == stdout[0]));
}
