//! `gen report`: the page, as text.

use std::fmt::Write as _;

use base64::Engine as _;
use sha2::{Digest as _, Sha256};

use crate::support::Repo;

/// The text between two marks, once.
fn between<'t>(page: &'t str, open: &str, close: &str) -> &'t str {
    assert_eq!(page.matches(open).count(), 1, "{open}");
    let (_, rest) = page.split_once(open).expect("it is there");
    rest.split_once(close).expect("it ends").0
}

fn made(repo: &Repo, arguments: &[&str]) -> String {
    let ran = repo.run([&["report"], arguments].concat());
    assert_eq!((ran.status, ran.stderr.as_str()), (0, ""));
    ran.stdout
}

/// `count` apps in two environments.
pub(crate) fn fleet(count: usize) -> Repo {
    let mut spec = "version: 1\nrepository: https://git.example/o.git\nimages: {gen: \"registry.example/gen@sha256:".to_owned();
    spec.push_str(&"a".repeat(64));
    spec.push_str("\"}\ncheck: {rules: {team: {holds: Every Namespace names its team., kinds: [Namespace], cure: Name the team., level: error, expression: \"has(object.metadata.annotations) && 'team' in object.metadata.annotations\"}}}\n");
    spec.push_str("apps:\n");
    for n in 0..count {
        let _ = writeln!(
            spec,
            "  app{n}:\n    source: https://git.example/app{n}.git\n    image: registry.example/app{n}\n    port: 8080\n    env: {{KEY: {{secret: keys, key: key}}}}\n    pipeline: [fetch-source, build-image, deploy-app]"
        );
    }
    let mut pins = "apps:\n".to_owned();
    for n in 0..count {
        let _ = writeln!(pins, "  app{n}: {{image: \"registry.example/app{n}@sha256:{n:064x}\"}}");
    }
    Repo::new()
        .file("gen.yaml", spec)
        .file("environments/dev.yaml", "run: webhook\n")
        .file("environments/dev.pins.yaml", pins.clone())
        .file("environments/prod.pins.yaml", pins)
        .file(
            "environments/prod.yaml",
            "promotesFrom: dev\napps: {\"*\": {replicas: 3}, app0: {env: {LEVEL: warn}}}\n",
        )
}

#[test]
fn every_part_is_there() {
    let page = made(&fleet(3), &[]);
    for id in ["apps", "pipelines", "differences", "permissions", "secrets", "findings"] {
        assert!(page.contains(&format!("<h2 id=\"{id}\">")), "{id}");
        assert!(page.contains(&format!("<a href=\"#{id}\">")), "{id}");
    }
    assert!(!page.contains("<h2 id=\"diff\">"));
    let apps = between(&page, "<h2 id=\"apps\">", "<h2 id=\"pipelines\">");
    for n in 0..3 {
        let image = format!(">registry.example/app{n}@sha256:000000000000…<small>pinned<");
        assert!(apps.contains(&format!("<th scope=\"row\">app{n}</th>")), "{apps}");
        assert_eq!(apps.matches(&image).count(), 2, "{apps}");
    }
    for environment in ["dev", "prod"] {
        assert!(apps.contains(&format!("<th scope=\"col\">{environment}<")), "{apps}");
        assert!(apps.contains(&format!(">{environment}</text>")), "the chain: {apps}");
    }
    // Three pipelines of one shape are one picture.
    let pipelines = between(&page, "<h2 id=\"pipelines\">", "<h2 id=\"differences\">");
    assert_eq!(pipelines.matches("<svg").count(), 1);
    assert!(pipelines.contains("<summary>dev: all 3 apps<"), "{pipelines}");
    for task in ["fetch-source", "build-image", "deploy-app"] {
        assert!(pipelines.contains(&format!(">{task}</text>")), "{pipelines}");
    }
    // What differs, with the lines that say so.
    let differences = between(&page, "<h2 id=\"differences\">", "<h2 id=\"permissions\">");
    assert!(differences.contains(">replicas<small>dev → prod<"), "{differences}");
    assert!(differences.contains(">3<small>environments/prod.yaml:2<"), "{differences}");
    assert!(differences.contains(">env.LEVEL<"), "{differences}");
    // Rights, Secrets and findings of all apps are one row with blanks, those in a namespace of all, too.
    let (app, environment) = ("<var data-v=\"app\">APP</var>", "<var data-v=\"env\">ENV</var>");
    let everywhere = "<td>dev: all 3 apps; prod: all 3 apps</td>";
    let permissions = between(&page, "<h2 id=\"permissions\">", "<h2 id=\"secrets\">");
    let flux = format!(
        ">flux-system/{app}-{environment}</td><td>create, delete, get, patch deployments.apps in {app}-{environment}</td><td>RoleBinding {app}-{environment}/{app}-apply</td><td>Kustomization {app}-{environment}</td>{everywhere}"
    );
    assert!(permissions.contains(&flux), "{permissions}");
    let secrets = between(&page, "<h2 id=\"secrets\">", "<h2 id=\"findings\">");
    let keys = format!(
        ">{app}-{environment}/keys</td><td>key</td><td>Deployment {app}</td><td>the app&#39;s pods do not start</td>{everywhere}"
    );
    assert!(secrets.contains(&keys), "{secrets}");
    let findings = between(&page, "<h2 id=\"findings\">", "<footer");
    let team = format!(
        "<td class=\"code error\">error</td><td>team</td><td>Namespace {app}-{environment}</td>"
    );
    assert!(findings.contains(&team) && findings.contains("<td>Name the team.</td>"), "{findings}");
    let only = made(&fleet(3), &["--env", "dev"]);
    assert!(!only.contains("environments/prod.yaml"));
    // The chain, too, is that of the selected environments.
    assert!(only.contains("<h1>3 apps in 1 environment</h1>"));
    assert!(only.contains(">dev</text>") && !only.contains(">prod</text>"));
    assert!(made(&fleet(2), &[]).contains("<summary>dev: both apps<"));
}

#[test]
fn the_policy_allows_this_style_and_this_script_and_nothing_else() {
    let page = made(&fleet(1), &[]);
    let policy = between(&page, "http-equiv=\"Content-Security-Policy\" content=\"", "\"");
    let hash = |text: &str| {
        let digest = base64::engine::general_purpose::STANDARD.encode(Sha256::digest(text));
        format!("'sha256-{digest}'")
    };
    let style = hash(between(&page, "<style>", "</style>"));
    let script = hash(between(&page, "<script>", "</script>"));
    assert_eq!(
        policy,
        format!(
            "default-src 'none'; style-src {style}; script-src {script}; base-uri 'none'; form-action 'none'"
        )
    );
    // Nothing that the policy would refuse, and no address that a browser would ask: links lead to places on the page.
    for word in [" style=", " onclick=", " src=", "<link", "<img", "<iframe", "@import", "url("] {
        assert!(!page.contains(word), "{word}");
    }
    assert_eq!(page.matches("href=\"").count(), page.matches("href=\"#").count());
}

#[test]
fn hostile_texts_stay_text() {
    let evil = "</script><script>alert(1)</script><img src=x onerror=alert(1)>\\\"'&";
    let quoted = evil.replace('\\', "\\\\").replace('"', "\\\"");
    let repo = Repo::small().file(
        "environments/prod.yaml",
        format!("promotesFrom: dev\napps: {{\"*\": {{env: {{X: \"{quoted}\"}}}}}}\n"),
    );
    let page = made(&repo, &[]);
    assert!(!page.contains("<script>alert") && !page.contains("<img"));
    assert!(page.contains("&lt;script&gt;alert(1)&lt;/script&gt;"), "it is shown as it is");
    assert_eq!(page.matches("<script").count(), 1);
}

#[test]
fn changes_are_shown_and_the_file_is_written() {
    let repo = fleet(2);
    assert_eq!(repo.run(["render"]).status, 0);
    let spec = repo.read("environments/prod.yaml").replace("replicas: 3", "replicas: 4");
    let repo = repo.file("environments/prod.yaml", spec);
    let ran = repo.run(["report", "--against", ".", "-o", "out.html"]);
    assert_eq!((ran.status, ran.stdout.as_str()), (0, ""), "{}", ran.stderr);
    let page = repo.read("out.html");
    let changes = between(&page, "<h2 id=\"diff\">", "<footer");
    assert!(
        changes.contains("+   replicas: 4") && changes.contains("-   replicas: 3"),
        "{changes}"
    );
    let repo = repo.link("link.html", "out.html");
    let ran = repo.run(["report", "-o", "link.html"]);
    assert_eq!(ran.status, 4);
    insta::assert_snapshot!(ran.stderr, @r"
    error[GEN1552]: cannot write `<root>/link.html`: it is not a regular file
      help: name another file with `-o`
    ");
}

/// A page goes to people who may not read the repository.
#[test]
fn values_that_look_secret_are_hidden_and_files_of_the_spec_are_named() {
    let repo = fleet(2).file(
        "environments/prod.yaml",
        "promotesFrom: dev\napps: {\"*\": {args: [\"--token=glpat-aB3dE5fG7hI9jK1lM3nO\"], env: {API_TOKEN: {value: glpat-aB3dE5fG7hI9jK1lM3nO, notSecret: a dummy}}}}\n",
    );
    let spec = repo.read("gen.yaml").replace(
        "check: {",
        "check: {ignore: [{rule: flux-suspended, reason: Nothing is suspended.}], ",
    );
    let page = made(&repo.file("gen.yaml", spec), &[]);
    let differences = between(&page, "<h2 id=\"differences\">", "<h2 id=\"permissions\">");
    assert!(differences.contains(">env.API_TOKEN.value<"), "{differences}");
    assert!(differences.contains(">&lt;secret&gt;<") && !page.contains("glpat-"), "{differences}");
    assert!(differences.contains("[&quot;--token=&lt;secret&gt;&quot;]"), "{differences}");
    let findings = between(&page, "<h2 id=\"findings\">", "<footer");
    assert!(findings.contains("CHK9001") && findings.contains("<td>gen.yaml</td>"), "{findings}");
}

/// An item of a list has the name of its value beside it.
#[test]
fn secrets_in_lists_of_a_chart_are_hidden() {
    let repo = fleet(2)
        .file(
            "environments/prod.yaml",
            "promotesFrom: dev\napps: {db: {helm: {values: {dbPassword: hunter22y, extraEnv: [{name: ADMIN_PASSWORD, value: hunter22z}, {name: LEVEL, value: info}]}, valuesFrom: [{secret: db-values}]}}}\n",
        );
    let chart = "\n  db: {helm: {chart: db, repo: \"https://charts.example/db\", version: 1.0.0}, security: {level: baseline, reason: A chart.}}\n";
    let spec = format!("{}{chart}", repo.read("gen.yaml").trim_end());
    let page = made(&repo.file("gen.yaml", spec), &[]);
    let differences = between(&page, "<h2 id=\"differences\">", "<h2 id=\"permissions\">");
    for text in [
        "ADMIN_PASSWORD",
        "&quot;value&quot;:&quot;&lt;secret&gt;&quot;",
        ">helm.values.dbPassword<",
        "info",
        "db-values",
    ] {
        assert!(differences.contains(text), "{text}: {differences}");
    }
    assert!(!page.contains("hunter22"));
}

/// Two values that are hidden are compared all the same; the name of a Secret is none.
#[test]
fn hidden_values_that_differ_are_a_row() {
    let overrides = |name: &str, token: &str| {
        format!(
            "apps: {{app0: {{env: {{KEY: {{secret: {name}, key: key}}, API_TOKEN: {{value: {token}, notSecret: a dummy}}}}}}}}\n"
        )
    };
    let repo = fleet(1)
        .file(
            "environments/dev.yaml",
            format!("run: webhook\n{}", overrides("keys-one", "abcdef1")),
        )
        .file(
            "environments/prod.yaml",
            format!("promotesFrom: dev\n{}", overrides("keys-two", "abcdef2")),
        );
    let page = made(&repo, &[]);
    let differences = between(&page, "<h2 id=\"differences\">", "<h2 id=\"permissions\">");
    for text in [
        ">env.KEY.secret<",
        ">keys-one<",
        ">keys-two<",
        ">env.API_TOKEN.value<",
        ">&lt;secret, before&gt;<",
        ">&lt;secret, after&gt;<",
    ] {
        assert!(differences.contains(text), "{text}: {differences}");
    }
    assert!(!page.contains("abcdef"));
}

#[test]
fn a_spec_without_accounts_has_a_page() {
    let spec = "version: 1\nrepository: https://git.example/o.git\napps: {shop: {image: \"registry.example/shop:1\", port: 8080}}\n";
    let repo = Repo::new()
        .file("gen.yaml", spec)
        .file("environments/dev.yaml", "apps: {\"*\": {workload: none}}\n");
    let page = made(&repo, &[]);
    let permissions = between(&page, "<h2 id=\"permissions\">", "<h2 id=\"secrets\">");
    assert!(permissions.contains("No account has any rights."), "{permissions}");
}

/// The size grows by what is new about an app only: a thousand apps fit into two megabytes.
#[test]
fn a_fleet_fits_into_two_megabytes() {
    let (few, many) = (made(&fleet(20), &[]).len(), made(&fleet(60), &[]).len());
    let each = (many - few) / 40;
    assert!(each > 50, "every app is there: {each}");
    let thousand = few + 980 * each;
    assert!(thousand < 2 << 20, "a thousand apps would take {thousand} bytes, {each} each");
}
