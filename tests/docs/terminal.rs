//! The picture of a terminal: real output of gen with its colours, as SVG for light and dark.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use unicode_width::UnicodeWidthStr as _;

use crate::page::{copy_spec, keep_file};
use crate::support;

/// The sizes of a cell, and around all of them.
const CELL: (f64, f64) = (8.4, 19.0);
const EDGE: f64 = 20.0;
const BAR: f64 = 34.0;

const BACKGROUND: (&str, &str) = ("#ffffff", "#0d1117");

/// Colours of a style, for the light and for the dark background.
const COLOURS: [(&str, &str, &str); 6] = [
    ("text", "#1f2328", "#e6edf3"),
    ("soft", "#57606a", "#9da7b3"),
    ("red", "#cf222e", "#ff7b72"),
    ("green", "#116329", "#7ee787"),
    ("yellow", "#7d4e00", "#e3b341"),
    ("cyan", "#0b6478", "#76e3ea"),
];

/// Letters of one style on one line.
struct Run {
    column: usize,
    text: String,
    is_bold: bool,
    colour: &'static str,
}

/// The lines of an output, by its escape sequences.
///
/// # Panics
/// At a sequence that gen does not use.
fn lines(output: &str) -> Vec<Vec<Run>> {
    let mut lines = Vec::new();
    let (mut is_bold, mut colour) = (false, "text");
    for line in output.lines() {
        let mut runs = Vec::new();
        let mut column = 0;
        for (index, part) in line.split('\u{1b}').enumerate() {
            let mut text = part;
            if index > 0 {
                let (codes, after) = part[1..].split_once('m').expect("a sequence of a style");
                text = after;
                for code in codes.split(';') {
                    match code {
                        "" | "0" => (is_bold, colour) = (false, "text"),
                        "1" => is_bold = true,
                        "2" => colour = "soft",
                        "31" => colour = "red",
                        "32" => colour = "green",
                        "33" => colour = "yellow",
                        "36" => colour = "cyan",
                        other => panic!("the style {other} has no colour here"),
                    }
                }
            }
            let start = text.len() - text.trim_start().len();
            let (indent, text) = text.split_at(start);
            column += indent.width();
            if !text.is_empty() {
                runs.push(Run { column, text: text.trim_end().to_owned(), is_bold, colour });
                column += text.width();
            }
        }
        lines.push(runs);
    }
    lines
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// The picture of a command and its output.
fn svg(title: &str, command: &str, output: &str) -> String {
    let mut lines = lines(output);
    let prompt = Run { column: 0, text: "$".to_owned(), is_bold: false, colour: "soft" };
    let typed = Run { column: 2, text: command.to_owned(), is_bold: true, colour: "text" };
    lines.insert(0, vec![prompt, typed]);
    let columns = lines.iter().flatten().map(|run| run.column + run.text.width()).max();
    let columns = f64::from(u16::try_from(columns.unwrap_or(0).max(80)).expect("a screen"));
    let rows = f64::from(u16::try_from(lines.len()).expect("a screen"));
    let (width, height) = (columns * CELL.0 + 2.0 * EDGE, rows * CELL.1 + BAR + EDGE);
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" aria-labelledby=\"title\" width=\"{width:.0}\" height=\"{height:.0}\" viewBox=\"0 0 {width:.0} {height:.0}\">\n\
         <title id=\"title\">{}</title>\n<style>\n\
         text {{ font: 14px ui-monospace, SFMono-Regular, Menlo, Consolas, \"DejaVu Sans Mono\", monospace; white-space: pre }}\n\
         .bold {{ font-weight: 700 }}\n.screen {{ fill: {}; stroke: #d0d7de }}\n.button {{ fill: #d0d7de }}\n",
        escaped(title),
        BACKGROUND.0
    );
    for (name, light, _) in COLOURS {
        let _ = writeln!(out, ".{name} {{ fill: {light} }}");
    }
    let _ = write!(
        out,
        "@media (prefers-color-scheme: dark) {{\n.screen {{ fill: {}; stroke: #3d444d }}\n.button {{ fill: #3d444d }}\n",
        BACKGROUND.1
    );
    for (name, _, dark) in COLOURS {
        let _ = writeln!(out, ".{name} {{ fill: {dark} }}");
    }
    let _ = write!(
        out,
        "}}\n</style>\n<rect class=\"screen\" x=\"0.5\" y=\"0.5\" width=\"{:.0}\" height=\"{:.0}\" rx=\"8\"/>\n",
        width - 1.0,
        height - 1.0
    );
    for place in [20, 38, 56] {
        let _ = writeln!(out, "<circle class=\"button\" cx=\"{place}\" cy=\"18\" r=\"5.5\"/>");
    }
    for (row, line) in (0_u16..).zip(&lines) {
        let y = BAR + EDGE / 2.0 + f64::from(row) * CELL.1 + 4.0;
        for run in line {
            let count = |cells: usize| f64::from(u16::try_from(cells).expect("a line")) * CELL.0;
            let bold = if run.is_bold { " bold" } else { "" };
            let _ = writeln!(
                out,
                "<text class=\"{}{bold}\" x=\"{:.1}\" y=\"{y:.1}\" textLength=\"{:.1}\">{}</text>",
                run.colour,
                EDGE + count(run.column),
                count(run.text.width()),
                escaped(&run.text)
            );
        }
    }
    out.push_str("</svg>\n");
    out
}

/// A pod of this repository's prod that ran out of memory, as `kubectl get -o yaml` prints it.
const POD: &str = r#"apiVersion: v1
kind: Pod
metadata:
  name: demo-app-6d5f9c7b8-x1x2x
  namespace: demo-app-prod
  labels:
    app.kubernetes.io/instance: demo-app-prod
    app.kubernetes.io/managed-by: gitops-gen
    app.kubernetes.io/name: demo-app
    gitops-gen.dev/environment: prod
spec:
  containers:
  - name: demo-app
    image: registry.example/homelab/demo-app@sha256:5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef
    resources:
      limits: {memory: 256Mi}
      requests: {cpu: 100m, memory: 256Mi}
status:
  phase: Running
  containerStatuses:
  - name: demo-app
    ready: false
    restartCount: 4
    state:
      waiting:
        reason: CrashLoopBackOff
        message: back-off 1m20s restarting failed container=demo-app pod=demo-app-6d5f9c7b8-x1x2x_demo-app-prod(4f6c1d1e-7a5b-4c0e-9d0a-0b1c2d3e4f50)
    lastState:
      terminated:
        reason: OOMKilled
        exitCode: 137
        startedAt: "2026-11-23T10:02:11Z"
        finishedAt: "2026-11-23T10:04:00Z"
"#;

/// Both outputs of gen in the order in which a terminal shows them, with colours.
fn run(folder: &Path, arguments: &str, input: &str) -> String {
    let mut child = Command::new("sh")
        .args(["-c", &format!("exec \"$0\" --color always {arguments} 2>&1"), support::GEN])
        .current_dir(folder)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("HOME", folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("a shell");
    let mut stdin = child.stdin.take().expect("it is a pipe");
    stdin.write_all(input.as_bytes()).expect("gen reads it");
    drop(stdin);
    let output = child.wait_with_output().expect("gen ends");
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).expect("output is UTF-8")
}

#[test]
fn the_terminal_shows_what_is_printed() {
    let folder = tempfile::tempdir().expect("a folder");
    copy_spec(folder.path());
    let output = run(folder.path(), "why - --fix --yes", POD);
    assert!(output.contains("\u{1b}[1m\u{1b}[31merror[G4]"), "{output}");
    assert!(output.contains("\nwrote gen.yaml\n"), "{output}");
    let command = "kubectl -n demo-app-prod get pod -o yaml | gen why - --fix --yes";
    let title =
        "A terminal: `gen why --fix` names why a pod failed, the line of the spec, and changes it";
    keep_file("docs/pictures/terminal.svg", &svg(title, command, &output));
}

#[test]
fn styles_become_runs() {
    let [line] = &lines("\u{1b}[1m\u{1b}[31merror\u{1b}[0m: a <b>  \u{1b}[2msoft\u{1b}[0m")[..]
    else {
        panic!("one line")
    };
    let shown: Vec<_> =
        line.iter().map(|run| (run.column, run.text.as_str(), run.is_bold, run.colour)).collect();
    assert_eq!(
        shown,
        [(0, "error", true, "red"), (5, ": a <b>", false, "text"), (14, "soft", false, "soft")]
    );
}

/// How much brighter one colour is than another, as WCAG 2 defines it.
fn contrast(one: &str, other: &str) -> f64 {
    let luminance = |colour: &str| {
        let part = |at: usize| {
            let value = u8::from_str_radix(&colour[at..at + 2], 16).expect("a colour");
            let value = f64::from(value) / 255.0;
            if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * part(1) + 0.7152 * part(3) + 0.0722 * part(5)
    };
    let (one, other) = (luminance(one) + 0.05, luminance(other) + 0.05);
    if one > other { one / other } else { other / one }
}

#[test]
fn every_colour_can_be_read() {
    assert!((contrast("#ffffff", "#000000") - 21.0).abs() < 0.01);
    for (name, light, dark) in COLOURS {
        for (colour, background) in [(light, BACKGROUND.0), (dark, BACKGROUND.1)] {
            let contrast = contrast(colour, background);
            assert!(contrast >= 4.5, "{name}: {colour} on {background}: {contrast:.1}");
        }
    }
}
