//! What a person or a script meets: help, statuses, both streams, and the commands beside render.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt as _;
use std::process::{Command, Stdio};

use gitops_gen::spec::explain;
use gitops_gen::spec::table::{Object, Shape};
use serde_json::Value;

use crate::support::needs::skip;
use crate::support::{EXAMPLES, GEN, Repo, Said, documents, example, project, snapshot, specs};

fn small() -> Repo {
    Repo::new(specs::HOMELAB)
}

#[test]
fn help_has_an_example_and_every_status() {
    let repo = small();
    let said = repo.run(["--help"]).exits(0);
    for part in [
        "Usage: gen",
        "Examples:",
        "gen render --check",
        "Exit status:",
        "64 usage",
        "-C, --directory",
    ] {
        assert!(said.stdout.contains(part), "no {part} in {}", said.stdout);
    }
    assert!(said.stderr.is_empty());
    // Commands in groups, one line each, at the width of a small terminal; global options apart.
    let places = ["\nStart:\n", "\nChange:\n", "\nInspect:\n", "\nDeliver:\n", "\nMore:\n"];
    let places = places.map(|group| said.stdout.find(group).expect("the group is there"));
    assert!(places.is_sorted(), "{places:?}");
    let until = said.stdout.find("\nGlobal options:\n").expect("they are apart");
    for line in said.stdout[places[0]..until].lines() {
        assert!(line.chars().count() <= 80, "{line}");
    }
    let of_render = repo.run(["render", "--help"]).exits(0).stdout;
    let (own, global) = of_render.split_once("\nGlobal options:\n").expect("they are apart");
    assert!(own.contains("--check") && !own.contains("--quiet") && global.contains("--quiet"));
    for command in ["init", "render", "set", "run", "explain", "schema", "template"] {
        let said = repo.run([command, "--help"]).exits(0);
        assert!(said.stdout.contains(&format!("Usage: gen {command}")), "{}", said.stdout);
        let short = repo.run([command, "-h"]).exits(0);
        assert!(!short.stdout.is_empty());
        for line in said.stdout.lines() {
            assert!(line.chars().count() <= 100, "{command}: {line}");
        }
    }
}

#[test]
fn a_wrong_command_line_is_64() {
    let repo = small();
    for args in [
        &[][..],
        &["rendr"],
        &["render", "--evn", "dev"],
        &["render", "--env"],
        &["render", "extra"],
        &["render", "-o", "yaml"],
        &["render", "--check", "--force"],
        &["render", "--check", "--stdout"],
        &["render", "--color", "sometimes"],
        &["render", "--env", "nowhere"],
        &["render", "--app", "nothing"],
        &["run"],
        &["run", "photos"],
        &["template"],
        &["template", "show"],
        &["template", "show", "tasks/nothing"],
        &["explain", "apps.NAME.imgae"],
        &["explain", "GEN9999"],
        &["explain", "-s", "xyzzy"],
        &["explain", "-s", "probe", "app"],
        &["-C"],
        &["-C", "environments", "render"],
    ] {
        let said: Said = repo.command(args).output().expect("gen runs").into();
        assert!(said.stdout.is_empty(), "{args:?} {}", said.stdout);
        assert!(!said.stderr.is_empty(), "{args:?}");
        said.exits(64);
    }
    let said = repo.run(["explain", "apps.NAME.imgae"]);
    assert!(said.stderr.contains("did you mean `image`?"), "{}", said.stderr);
}

/// A name that neither the history nor the spec has.
#[test]
fn the_log_of_nothing_is_refused() {
    let repo = small();
    let made = std::process::Command::new("git").args(["init", "-q"]).arg(repo.path()).status();
    assert!(made.expect("git runs").success());
    repo.run(["log", "nothing"]).exits(64).says("GEN0602");
    repo.run(["log", "--env", "nowhere"]).exits(64).says("GEN0601");
    repo.run(["log"]).exits(0);
}

#[test]
fn version_and_how_it_was_built() {
    let repo = Repo::empty();
    let version = format!("gen {}\n", env!("CARGO_PKG_VERSION"));
    for args in [&["--version"][..], &["-V"]] {
        let said: Said = repo.command(args).output().expect("gen runs").into();
        assert_eq!(said.exits(0).stdout, version);
    }
    let said = repo.run(["--version", "-v"]).exits(0);
    assert!(
        said.stdout.starts_with(&version) && said.stdout.contains("target:"),
        "{}",
        said.stdout
    );
}

#[test]
fn quiet_says_only_what_is_wrong() {
    let repo = small();
    let said = repo.run(["render", "-q"]).exits(0);
    assert!(said.stdout.is_empty() && said.stderr.is_empty());
    repo.edit("gen.yaml", "image:", "imgae:");
    let said = repo.run(["-q", "render"]).exits(3);
    assert!(said.stdout.is_empty());
    let told: Vec<&str> = said.stderr.lines().collect();
    assert!(told[0].starts_with("error[GEN0312]: gen.yaml:5:"), "{}", said.stderr);
    assert!(said.stderr.contains("^^^^^") && said.stderr.contains("help: "), "{}", said.stderr);
    assert!(!said.stderr.contains("warning"));
}

/// What stops a render is told to programs as well, with its place.
#[test]
fn json_holds_the_errors() {
    let repo = Repo::new(specs::TEAM);
    repo.edit("gen.yaml", "version: 1\n", "version: 1\nprot: 80\n");
    let said: Said = repo.command(["render", "-o", "json"]).output().expect("gen runs").into();
    let said = said.exits(3);
    let json: Value = serde_json::from_str(&said.stdout).expect("one JSON value on stdout");
    assert_eq!(json["complete"], false);
    assert_eq!(json["errors"].as_array().map(Vec::len), Some(1));
    let error = &json["errors"][0];
    assert_eq!(error["code"], "GEN0312");
    assert_eq!(error["message"], "unknown key `prot` in the file");
    assert_eq!(error["at"]["file"], "gen.yaml");
    assert!(error["at"]["line"].as_u64().is_some_and(|line| line > 1));
    assert!(said.stderr.contains("GEN0312"), "people read it on stderr");
}

#[test]
fn json_is_for_programs() {
    let repo = Repo::new(specs::TEAM);
    let read = |args: &[&str], status: i32| -> Value {
        let said: Said = repo.command(args).output().expect("gen runs").into();
        serde_json::from_str(&said.exits(status).stdout).expect("one JSON value on stdout")
    };
    let first = read(&["render", "-o", "json"], 0);
    assert_eq!(first["schema"], 1);
    assert_eq!(first["complete"], true);
    assert_eq!(first["command"], "render");
    let written = first["files"]["written"].as_u64().expect("a count");
    assert_eq!(written, snapshot(&repo.at("clusters")).len() as u64);
    let objects: u64 = first["environments"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|environment| environment["objects"].as_u64().expect("a count"))
        .sum();
    let there = repo.objects().iter().filter(|object| !object.inner).count();
    assert_eq!(objects, there as u64);
    for environment in first["environments"].as_array().expect("a list") {
        let kinds = environment["kinds"].as_object().expect("a mapping");
        let sum: u64 = kinds.values().filter_map(Value::as_u64).sum();
        assert_eq!(environment["objects"], sum);
    }
    // Again, from what is remembered: the same facts.
    let second = read(&["render", "-o", "json"], 0);
    assert_eq!(second["environments"], first["environments"]);
    assert_eq!(second["secrets"], first["secrets"]);
    assert_eq!(second["leftOut"], first["leftOut"]);
    assert_eq!(second["files"]["written"], 0);
    assert_eq!(second["files"]["unchanged"], written);
    let check = read(&["render", "--check", "-o", "json"], 0);
    assert_eq!(check["environments"], first["environments"]);
    assert_eq!(check["differs"].as_array().map(Vec::len), Some(0));
    repo.edit("environments/prod.yaml", "rate-limit: \"100\"", "rate-limit: \"200\"");
    let check = read(&["render", "--check", "-o", "json"], 1);
    let differs: Vec<&str> =
        check["differs"].as_array().expect("a list").iter().filter_map(Value::as_str).collect();
    assert_eq!(
        differs,
        ["clusters/prod/prod/api/app/workload.yaml", "clusters/prod/prod/api/gen.lock.json"]
    );
}

#[test]
fn the_stream_holds_what_the_tree_holds() {
    let repo = Repo::new(specs::TEAM);
    let said = repo.run(["render", "--stdout"]).exits(0);
    assert!(!repo.has("clusters"));
    let mut stream: Vec<String> = documents(&said.stdout).iter().map(Value::to_string).collect();
    repo.render();
    let objects = repo.objects();
    let tree = objects.iter().filter(|object| !object.inner);
    let mut tree: Vec<String> = tree.map(|object| object.value.to_string()).collect();
    stream.sort();
    tree.sort();
    assert_eq!(stream.len(), tree.len());
    assert!(stream == tree);
    let one = repo.run(["render", "--stdout", "--env", "prod", "--app", "api"]).exits(0);
    assert!(documents(&one.stdout).len() < 40);
}

#[test]
fn colours_are_for_terminals() {
    let repo = small();
    repo.edit("gen.yaml", "image:", "imgae:");
    let coloured = |args: &[&str], no_color: Option<&str>| {
        let mut command = repo.command(args);
        if let Some(value) = no_color {
            command.env("NO_COLOR", value);
        }
        let said: Said = command.output().expect("gen runs").into();
        said.exits(3).stderr.contains('\u{1b}')
    };
    assert!(!coloured(&["render"], None));
    assert!(!coloured(&["render", "--color", "never"], None));
    assert!(coloured(&["render", "--color", "always"], None));
    assert!(coloured(&["render", "--color", "always"], Some("1")));
    // A pseudo-terminal, where util-linux can make one.
    let terminal = |variable: &str, more: &str| {
        let line = format!("env {variable} TERM=xterm {GEN} render {more}");
        let output = Command::new("script")
            .args(["-qec", &line, "/dev/null"])
            .current_dir(repo.path())
            .env_remove("NO_COLOR")
            .stdin(Stdio::null())
            .output();
        output
            .ok()
            .map(|output| String::from_utf8_lossy(&output.stdout).into_owned())
            .filter(|text| text.contains("GEN0312"))
    };
    match terminal("A=b", "") {
        None => skip("`script` of util-linux is missing, so nothing was shown on a terminal"),
        Some(text) => {
            assert!(text.contains("\u{1b}["), "{text}");
            for (variable, more) in
                [("NO_COLOR=1", ""), ("TERM=dumb", ""), ("A=b", "--color never")]
            {
                // The variable that `env` sets last wins.
                let more = if variable == "TERM=dumb" { "--color never" } else { more };
                let text = terminal(variable, more).expect("it worked before");
                assert!(!text.contains("\u{1b}["), "{variable} {more}: {text}");
            }
        }
    }
}

/// Whoever reads may stop: no panic, no noise. But output that a full disk swallows is told.
#[test]
fn a_closed_pipe_is_no_error_and_a_full_disk_is_one() {
    let repo = Repo::new(specs::TEAM);
    for args in [
        &["render", "--stdout"][..],
        &["explain"],
        &["schema"],
        &["render"],
        &["render", "--check"],
    ] {
        let mut child = repo
            .command(args)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("gen runs");
        drop(child.stdout.take());
        let output = child.wait_with_output().expect("a child");
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(0), "{args:?} {stderr}");
        assert!(!stderr.contains("panic") && !stderr.contains("bug in gen"), "{stderr}");
    }
    let script = |redirect: &str, args: &str| -> Said {
        let line = format!("\"$0\" {args} {redirect}");
        let mut command = Command::new("sh");
        command.args(["-c", &line, GEN]).current_dir(repo.path());
        command.output().expect("a shell").into()
    };
    for args in ["render --stdout", "explain", "schema", "render --check", "render"] {
        script(">&- 2>&-", args).exits(0);
        script("2>&- </dev/null", args).exits(0);
        if std::path::Path::new("/dev/full").exists() {
            script(">/dev/full", args).exits(4).says("cannot write the output");
            script(">/dev/full 2>&1", args).exits(4);
        } else {
            skip("this machine has no /dev/full");
        }
    }
}

#[test]
fn no_home_and_names_that_are_not_utf8() {
    let repo = Repo::empty();
    let name = OsString::from_vec(b"not\xffutf-8".to_vec());
    let folder = repo.path().join(&name);
    let run = |args: &[OsString]| -> Said {
        let output = repo.command(args).env_clear().output().expect("gen runs");
        Said {
            status: output.status.code(),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    };
    let text = |text: &str| OsString::from(text);
    run(&[text("init"), name.clone()]).exits(0);
    run(&[text("-C"), name.clone(), text("render")]).exits(0);
    run(&[text("-C"), name.clone(), text("render"), text("--check")]).exits(0);
    run(&[text("-C"), folder.into_os_string(), text("render"), text("--stdout")]).exits(0);
    // Elsewhere such a name is refused in words.
    run(&[text("-C"), name.clone(), text("render"), text("--env"), name.clone()]).exits(64);
    run(&[text("run"), name.clone()]).exits(64);
    run(&[text("-C"), OsString::from_vec(b"no\xffsuch".to_vec()), text("render")]).exits(64);
    std::fs::write(repo.path().join(&name).join("environments").join(&name), "x").expect("a file");
    let said = run(&[text("-C"), name, text("render")]);
    assert!([Some(0), Some(3)].contains(&said.status), "{}", said.stderr);
    assert!(!said.stderr.contains("bug in gen"), "{}", said.stderr);
}

#[test]
fn the_nearest_gen_yaml_is_the_repository() {
    let repo = small();
    repo.render();
    let mut command = repo.command(["render", "--check"]);
    let output = command.current_dir(repo.at("clusters/home/flux")).output();
    assert_eq!(output.expect("gen runs").status.code(), Some(0));
    std::fs::create_dir_all(repo.at("other/.git")).expect("a folder");
    let mut command = repo.command(["render", "--check"]);
    let output = command.current_dir(repo.at("other")).output();
    Said::from(output.expect("gen runs")).exits(64).says("GEN0603");
}

/// Every key path that the tables name, with the docs it may have.
fn key_paths() -> BTreeMap<String, BTreeSet<String>> {
    fn object(found: &mut BTreeMap<String, BTreeSet<String>>, path: &str, of: &Object) {
        for field in &of.fields {
            let path =
                if path.is_empty() { field.key.clone() } else { format!("{path}.{}", field.key) };
            found.entry(path.clone()).or_default().insert(field.doc.clone());
            shape(found, &path, &field.shape);
        }
    }
    fn shape(found: &mut BTreeMap<String, BTreeSet<String>>, path: &str, of: &Shape) {
        match of {
            Shape::List(item) => shape(found, path, item),
            Shape::Map(_, value) => shape(found, &format!("{path}.NAME"), value),
            Shape::Object(inner) | Shape::Short(inner) | Shape::Reference(inner) => {
                object(found, path, inner);
            }
            Shape::Variant(variants) => {
                for (word, inner) in variants {
                    object(found, &format!("{path}.{word}"), inner);
                }
            }
            Shape::Either(first, second) => {
                shape(found, path, first);
                shape(found, path, second);
            }
            Shape::Tasks => object(found, &format!("{path}.NAME"), gitops_gen::spec::task_common()),
            _ => {}
        }
    }
    let mut found = BTreeMap::new();
    for (_, root) in explain::roots() {
        object(&mut found, "", root);
    }
    for (prefix, root) in [
        ("app", gitops_gen::spec::app()),
        ("environment", gitops_gen::spec::environment()),
        ("task", gitops_gen::spec::task_common()),
    ] {
        object(&mut found, prefix, root);
    }
    found
}

/// All that an explanation says.
fn told(parts: &[explain::Part]) -> String {
    let texts = parts.iter().flat_map(|part| match part {
        explain::Part::Words(text) | explain::Part::Lines(text) => vec![text.as_str()],
        explain::Part::Rows(rows) => rows.iter().map(|row| row.about.as_str()).collect(),
    });
    texts.collect::<Vec<_>>().join("\n")
}

#[test]
fn every_key_is_explained() {
    let paths = key_paths();
    assert!(paths.len() > 400, "{}", paths.len());
    for (path, docs) in &paths {
        let parts = explain::key(path).unwrap_or_else(|error| panic!("{path}: {error}"));
        let text = told(&parts);
        // Of a key that several files have, each.
        assert!(docs.iter().all(|doc| text.contains(doc)), "{path}: {text}");
    }
    println!("{} key paths are explained", paths.len());
    let repo = Repo::empty();
    let said = repo.run(["explain", "apps.NAME.source.url"]).exits(0);
    assert!(said.stdout.contains("The URL: https, http or ssh"), "{}", said.stdout);
    let all = repo.run(["explain"]).exits(0).stdout;
    for file in ["gen.yaml", "environments/NAME.yaml", "environments/NAME.pins.yaml", "apps/*.yaml"]
    {
        assert!(all.contains(file), "{file}");
    }
    let said = repo.run(["explain", "GEN0312"]).exits(0);
    assert!(
        said.stdout.starts_with("GEN0312: unknown key") && said.stdout.contains("exit status: 3"),
        "{}",
        said.stdout
    );
    assert_eq!(repo.run(["explain", "gen0312"]).exits(0).stdout, said.stdout);
}

/// By a word, also of another tool; whatever the search names is explained.
#[test]
fn keys_are_found_by_what_they_are_about() {
    let repo = Repo::empty();
    let found = repo.run(["explain", "-s", "Probe"]).exits(0).stdout;
    for line in ["  app.health ", "  livenessProbe   here `app.health`", "  CHK7012  ", "  G5  "] {
        assert!(found.contains(line), "{line}: {found}");
    }
    assert!(!found.contains("app.image"), "{found}");
    let found = repo.run(["explain", "-s", "dockerfile"]).exits(0).stdout;
    assert!(found.contains("  task.build-image.dockerfile"), "{found}");
    let elsewhere = repo.run(["explain", "hpa"]).exits(0).stdout;
    let own = repo.run(["explain", "app.scale"]).exits(0).stdout;
    assert_eq!(elsewhere, format!("`hpa` is the key `app.scale` here.\n\n{own}"));
    let path = "spec.template.spec.containers[0].imagePullPolicy";
    repo.run(["explain", path]).exits(0);
    repo.run(["explain", "-s", "xyzzy"]).exits(64).says("GEN0617");
    // One word that is in nearly every description.
    let all = repo.run(["explain", "-s", "e"]).exits(0).stdout;
    let name = |line: &str| {
        let name = line.strip_prefix("  ")?.split(' ').next()?;
        (!name.is_empty()).then(|| name.to_owned())
    };
    let names: std::collections::BTreeSet<String> = all.lines().filter_map(name).collect();
    assert!(names.len() > 1000, "{}", names.len());
    for name in names {
        gitops_gen::ops::explain::explain(Some(&name), None).unwrap_or_else(|_| panic!("{name}"));
    }
    let wide = all.lines().find(|line| line.chars().count() > 80 && line.trim().contains(' '));
    assert_eq!(wide, None);
}

/// Tasks of a repository's own templates, too; one that cannot be read hides nothing else.
#[test]
fn own_tasks_are_explained() {
    let repo = small();
    repo.run(["explain", "task.sign-image"]).exits(64).says("GEN0605");
    let tasks = repo.path().join("templates/tasks");
    std::fs::create_dir_all(&tasks).expect("a folder");
    let template =
        |text: &str| std::fs::write(tasks.join("sign-image.yaml"), text).expect("a file");
    template(
        "about: Signs the image.\nsettings:\n  key: {type: name, doc: The Secret with the key., required: true}\n---\napiVersion: tekton.dev/v1\nkind: Task\nmetadata: {name: sign}\nspec: {steps: [{name: sign, image: busybox}]}\n",
    );
    let said = repo.run(["explain", "task.sign-image"]).exits(0).stdout;
    assert!(said.contains("The Secret with the key."), "{said}");
    let found = repo.run(["explain", "-s", "signs the image"]).exits(0).stdout;
    assert!(found.contains("  task.sign-image  Signs the image."), "{found}");
    template("about: [\n");
    repo.run(["explain", "task.sign-image"]).exits(3).says("templates/tasks/sign-image.yaml");
    for known in ["task.build-image", "app.image", "GEN0312", "CHK3001", "C1"] {
        repo.run(["explain", known]).exits(0);
    }
}

/// An error's own advice leads somewhere: `gen explain PATH` in a help text names a path that there is.
#[test]
fn every_error_is_explained() {
    for entry in gitops_gen::diagnostics::all() {
        let text = explain::error(&entry.code.to_string()).expect("an error");
        assert!(text.contains(entry.doc.trim()), "{}: {text}", entry.code);
    }
}

/// A repository made on a Git host begins with a README, which stays as it is.
#[test]
fn a_readme_that_is_there_is_kept() {
    let repo = Repo::empty();
    std::fs::write(repo.at("README.md"), "mine\n").expect("a file");
    let arguments = ["init", ".", "--with-tekton=homelab", "--ci", "github"];
    let said = repo.run(arguments).exits(0).stdout;
    assert!(said.contains("\nkept the README.md that is there\n"), "{said}");
    assert_eq!(said.lines().find(|line| line.chars().count() > 80), None);
    assert_eq!(repo.read("README.md"), "mine\n");
    repo.run(["render"]).exits(0);
}

#[test]
fn a_new_repository_works_at_once() {
    for options in [&[][..], &["--demo"], &["--demo", "--full"]] {
        let demo = !options.is_empty();
        let repo = Repo::empty();
        let words = ["init", "x"].iter().chain(options);
        let said = repo.command(words).output().expect("gen runs");
        let said = Said::from(said).exits(0);
        assert!(said.stdout.contains("gen render"), "{}", said.stdout);
        let wide = said.stdout.lines().find(|line| line.chars().count() > 80);
        assert_eq!(wide, None);
        assert_eq!(repo.has("x/demo-app-source/Dockerfile"), demo);
        let made = repo.files();
        for path in [
            "x/gen.yaml",
            "x/environments/dev.yaml",
            "x/environments/staging.yaml",
            "x/environments/prod.yaml",
        ] {
            assert!(made.contains_key(path), "{path}");
        }
        let run = |args: &[&str]| -> Said {
            let mut command = repo.command(args);
            command.current_dir(repo.at("x")).output().expect("gen runs").into()
        };
        run(&["render"]).exits(0);
        run(&["render", "--check"]).exits(0);
        for environment in ["dev", "staging", "prod"] {
            run(&["render", "--env", environment, "--check"]).exits(0);
        }
        for (path, bytes) in &made {
            assert!(repo.files()[path] == *bytes, "render changed {path}");
        }
        // Never over anything.
        let before = repo.files();
        repo.run(["init", "x"]).exits(64).says("GEN0608");
        repo.run(["init", "x", "--demo"]).exits(64).says("GEN0608");
        assert!(repo.files() == before);
        repo.write("y/environments/prod.yaml", "mine: true\n");
        repo.run(["init", "y"]).exits(64).says("y/environments/prod.yaml");
        assert!(!repo.has("y/gen.yaml"));
        std::os::unix::fs::symlink("/nonexistent", repo.at("z")).expect("a link");
        assert_ne!(repo.run(["init", "z"]).status, Some(0));
    }
}

#[test]
fn the_schema_takes_what_gen_takes() {
    let repo = Repo::empty();
    let schema: Value = serde_json::from_str(&repo.run(["schema"]).exits(0).stdout).expect("JSON");
    jsonschema::meta::validate(&schema).expect("a schema");
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    let mut files: Vec<(String, String)> = Vec::new();
    let mut folder = |name: &str, path: &std::path::Path| {
        // Not the whole folder: the project's own has what was built, which is more than the machine's memory.
        let gen_yaml = std::fs::read(path.join("gen.yaml")).expect("a spec");
        let mut all = vec![("gen.yaml".to_owned(), gen_yaml)];
        for part in ["apps", "environments"] {
            let below = path.join(part);
            if below.is_dir() {
                let files = snapshot(&below).into_iter();
                all.extend(files.map(|(file, bytes)| (format!("{part}/{file}"), bytes)));
            }
        }
        for (file, bytes) in all {
            if file.to_ascii_lowercase().ends_with(".yaml") {
                files.push((format!("{name}/{file}"), String::from_utf8(bytes).expect("UTF-8")));
            }
        }
    };
    folder("this repository", project());
    repo.run(["init", "x", "--demo"]).exits(0);
    folder("init", &repo.at("x"));
    repo.run(["init", "full", "--demo", "--full"]).exits(0);
    folder("init --full", &repo.at("full"));
    for name in EXAMPLES {
        folder(name, &example(name));
    }
    for (name, spec) in specs::ALL {
        folder(name, Repo::new(spec).path());
    }
    assert_eq!(repo.read("x/gen.schema.json"), repo.run(["schema"]).stdout);
    for (name, text) in &files {
        let all = documents(text);
        // A file of comments only is an empty mapping to gen, and nothing to an editor.
        for value in &all {
            let errors: Vec<String> =
                validator.iter_errors(value).map(|error| error.to_string()).collect();
            assert!(errors.is_empty(), "{name}: {errors:?}");
        }
    }
    println!("the schema takes {} files", files.len());
    for (misspelt, why) in [
        (r#"{"version": 1, "repository": "https://x/y.git", "aps": {}}"#, "root"),
        (
            r#"{"version": 1, "repository": "https://x/y.git", "apps": {"a": {"imgae": "x"}}}"#,
            "app",
        ),
        (
            r#"{"version": 1, "repository": "https://x/y.git", "apps": {"a": {"source": {"ulr": "x"}}}}"#,
            "source",
        ),
        (
            r#"{"version": 1, "repository": "https://x/y.git", "apps": {"a": {"env": {"A": {"secert": "x"}}}}}"#,
            "env",
        ),
        (
            r#"{"version": 1, "repository": "https://x/y.git", "apps": {"a": {"workload": {"cronjb": {}}}}}"#,
            "workload",
        ),
        (
            r#"{"version": 1, "repository": "https://x/y.git", "apps": {"a": {"port": 99999}}}"#,
            "port",
        ),
        (
            r#"{"version": 1, "repository": "https://x/y.git", "apps": {"a": {"port": "8080"}}}"#,
            "port",
        ),
        (r#"{"clustre": "home"}"#, "environment"),
        (r#"{"deploy": "ftp"}"#, "deploy"),
        (r#"{"apis": ["trigers"]}"#, "apis"),
        (r#"{"apps": {"a": {"replicsa": 1}}}"#, "override"),
        (r#"{"patches": [{"taget": {}}]}"#, "patch"),
        ("[]", "list"),
    ] {
        let value: Value = serde_json::from_str(misspelt).expect("JSON");
        assert!(!validator.is_valid(&value), "{why}: {misspelt}");
    }
}

#[test]
fn templates_are_listed_shown_and_ejected() {
    let repo = Repo::new(specs::HOMELAB);
    repo.render();
    let list = repo.run(["template", "list"]).exits(0).stdout;
    let names: Vec<&str> = list.lines().filter_map(|line| line.split_whitespace().next()).collect();
    let built_in: BTreeSet<String> = snapshot(&project().join("templates"))
        .into_keys()
        .filter(|path| !path.starts_with("init/") && !path.starts_with("ci/"))
        .collect();
    assert_eq!(names.iter().map(|name| (*name).to_owned()).collect::<BTreeSet<_>>(), built_in);
    assert!(!list.contains("replaced"));
    for name in &names {
        let shown = repo.run(["template", "show", name]).exits(0).stdout;
        let file = std::fs::read_to_string(project().join("templates").join(name));
        assert_eq!(shown, file.expect("a template"), "{name}");
    }
    let short = repo.run(["template", "show", "build-image"]).exits(0).stdout;
    assert_eq!(short, repo.run(["template", "show", "tasks/build-image.yaml"]).stdout);

    // Every one ejected and unchanged: nothing is rendered otherwise, and nothing is said.
    for name in &names {
        repo.run(["template", "eject", name]).exits(0);
    }
    let said = repo.run(["render", "--check"]).exits(0);
    assert!(said.stderr.is_empty(), "{}", said.stderr);
    let path = "templates/workload/service.yaml";
    let ejected = repo.read(path);
    repo.run(["template", "eject", "workload/service"]).exits(64).says("GEN0610");
    assert_eq!(repo.read(path), ejected);
    // By force it is the built-in one again.
    repo.edit(path, "type: {{ service.type }}", "type: NodePort");
    repo.run(["template", "eject", "workload/service"]).exits(64);
    repo.run(["template", "eject", "workload/service", "--force"]).exits(0).says(path);
    assert_eq!(repo.read(path), ejected);
    // Changed, it is what renders.
    repo.edit(path, "type: {{ service.type }}", "type: NodePort");
    let said = repo.run(["render", "--check"]).exits(1);
    assert!(said.stdout.contains("+  type: NodePort"), "{}", said.stdout);
    assert!(repo.run(["template", "list"]).stdout.contains("replaced"));
    assert!(repo.run(["template", "show", "workload/service"]).stdout.contains("NodePort"));
    // As long as the file is as gen wrote it before: a line of its own text is no override either.
    repo.write(path, std::fs::read(project().join(path)).expect("a template"));
    repo.run(["render", "--check"]).exits(0);
    // A file of no built-in's name is refused, with the nearest.
    repo.write("templates/workload/servise.yaml", "x: 1\n");
    repo.run(["render"]).exits(3).says("GEN0510");
}
